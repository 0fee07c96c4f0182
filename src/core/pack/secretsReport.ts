import type { FoundSecret, SourceFile } from '../workspace/types.ts';
import type { Manifest } from './types.ts';

/** A secret and the file it stands in, as a list shows it. */
export interface ListedSecret extends FoundSecret {
  readonly path: string;
}

/** Every secret that was found, allowed or not, in the order of files and lines. */
export function listSecrets(files: readonly SourceFile[]): ListedSecret[] {
  const found: ListedSecret[] = [];
  // Of 100,000 files hardly any has one.
  for (const { path, secrets } of files)
    if (secrets !== undefined) for (const secret of secrets) found.push({ path, ...secret });
  return found;
}

/** How many secrets are redacted in the files of a prompt. */
export function countRedacted(files: readonly SourceFile[], packed: Pick<Manifest, 'indexOf'>): number {
  return listSecrets(files).filter(({ path, allowed }) => !allowed && packed.indexOf(path) !== undefined)
    .length;
}
