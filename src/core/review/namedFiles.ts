import { findAnchors } from './anchors.ts';
import { pathIndexOf } from './pathIndex.ts';

/** More than a question means; a pasted listing of a whole workspace is no wish to send it twice. */
const mostNamed = 20;

/**
 * The files a question names, in order of appearance: by path, by the end of a path, or by a name that only one file
 * has. `files` are all paths of the workspace. What fits several files is not guessed.
 */
export function filesNamedIn(question: string, files: readonly string[]): string[] {
  const index = pathIndexOf(files);
  const named = new Set<string>();
  for (const { path, candidates } of findAnchors(question, files)) {
    if (candidates === undefined && index.has(path)) named.add(path);
  }
  return [...named].slice(0, mostNamed);
}
