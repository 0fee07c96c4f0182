import type { ListedFile, SourceFile } from '../workspace/types.ts';
import type { ImageReferences } from './imageReferences.ts';

export type AskReferences = (
  files: readonly ListedFile[],
  options: { readonly maxFileBytes: number; readonly signal?: AbortSignal },
) => Promise<readonly (ImageReferences | null)[]>;

const none: ImageReferences = { local: [], remote: 0, more: 0, cut: false };

/** Of a live inventory all files but the edited ones are the same objects, survey after survey: they are read once. */
const kept = new WeakMap<SourceFile, ImageReferences>();

/** Asks for the files that are not known yet; in order. */
export async function keptReferences(
  files: readonly SourceFile[],
  options: { readonly maxFileBytes: number; readonly signal?: AbortSignal },
  ask: AskReferences,
): Promise<readonly ImageReferences[]> {
  const unknown = files.filter(file => !kept.has(file));
  const listed = unknown.map(({ path, absolutePath, content }) => ({
    path,
    absolutePath,
    ...(content !== undefined && { content }),
  }));
  const found = unknown.length === 0 ? [] : await ask(listed, options);
  unknown.forEach((file, i) => kept.set(file, found[i] ?? none));
  return files.map(file => kept.get(file) ?? none);
}
