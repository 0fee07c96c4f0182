import type { Excerpt } from './excerpt.ts';
import { shortenNotebook } from './shortenNotebook.ts';
import { shortenRows } from './shortenRows.ts';
import { cutRuns } from './shortenRuns.ts';

export interface ShortenedText {
  readonly excerpts: readonly Excerpt[];
  /** What is missing, in words. */
  readonly reason: string;
}

/** Below this a file is hardly worth a second form, and its head and tail would be most of it. Characters. */
export const worthShortening = 4_000;
/** The short form has to be shorter by this share, or the whole file is the better use of the room. */
const leastSaving = 0.3;

/**
 * The head, shape and tail of a file that is data: notebooks without outputs, long tables, texts with long runs of
 * base64 or minified code. `null` where the file is no such thing. Linear in the text; lines keep their numbers.
 */
export function shorten(path: string, text: string): ShortenedText | null {
  if (text.length < worthShortening) return null;
  const short = shortenNotebook(path, text) ?? shortenRows(path, text) ?? cutRuns(path, text);
  if (short === null) return null;
  const length = short.excerpts.reduce((sum, excerpt) => sum + excerpt.text.length, 0);
  return length <= text.length * (1 - leastSaving) ? short : null;
}
