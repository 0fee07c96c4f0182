import { mayBePath } from './bareMentions.ts';
import { closingTicks } from './inlineSpans.ts';
import type { PathIndex } from './pathIndex.ts';

/**
 * How far the beginning of an unfinished sentence can be shown already: no mention, however the sentence goes on,
 * begins before the returned offset. Errs on the side of holding back.
 */
export function shownUpTo(text: string, from: number, index: PathIndex): number {
  const starts: number[] = [];
  let at = from;
  for (;;) {
    while (at < text.length && /\s/.test(text.charAt(at))) at++;
    const start = at;
    starts.push(start);
    // A mention of a path with spaces begins some words before the word that gives it away.
    const safe = starts[Math.max(0, starts.length - 1 - index.maxSpaces)] ?? from;
    if (at >= text.length) return safe;
    const end = wordEnd(text, start);
    if (end === undefined || mightMention(text.slice(start, end), index)) return safe;
    at = end;
  }
}

/** The end of the word (code spans are part of one); `undefined` while that cannot be known. */
function wordEnd(text: string, start: number): number | undefined {
  let at = start;
  while (at < text.length && !/\s/.test(text.charAt(at))) {
    if (text[at] !== '`') {
      at++;
      continue;
    }
    let ticks = at;
    while (text[ticks] === '`') ticks++;
    const close = closingTicks(text, ticks - (ticks - at), ticks - at);
    if (close < 0) return undefined;
    at = close + (ticks - at);
  }
  return at < text.length ? at : undefined;
}

function mightMention(word: string, index: PathIndex): boolean {
  if (/[[【]|:\/\//.test(word)) return true;
  return word
    .split(/[^\p{L}\p{M}\p{N}_.@~$&%+/\\{}()-]+/u)
    .some(piece => piece !== '' && mayBeTrimmed(piece, index));
}

function mayBeTrimmed(piece: string, index: PathIndex): boolean {
  if (mayBePath(piece, index)) return true;
  // What is glued to a name without an extension may be trimmed off it.
  return piece.split(/[^\p{L}\p{N}.-]+|[^\x00-\x7f]+/u).some(part => part !== '' && mayBePath(part, index));
}
