import type { FoundSecret, SourceFile } from '../workspace/types.ts';

/** A secret and the file it stands in, as a list shows it. */
export interface ListedSecret extends FoundSecret {
  readonly path: string;
}

/** Every secret that was found, allowed or not, in the order of files and lines. */
export function listSecrets(files: readonly SourceFile[]): ListedSecret[] {
  return files.flatMap(({ path, secrets }) => (secrets ?? []).map(secret => ({ path, ...secret })));
}

/** How many secrets are redacted in the files of a prompt. */
export function countRedacted(
  files: readonly SourceFile[],
  packed: readonly { readonly path: string }[],
): number {
  const inPrompt = new Set(packed.map(({ path }) => path));
  return listSecrets(files).filter(({ path, allowed }) => !allowed && inPrompt.has(path)).length;
}
