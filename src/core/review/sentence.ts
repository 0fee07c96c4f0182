import { closingTicks, opensQuote, quoteEnd } from './inlineSpans.ts';

/** No sentence is longer (UTF-16 units): what is held back while streaming stays small. */
export const longestSentence = 2000;
/** No decision below looks further ahead than this, so past it an open span can only be cut. */
const lookahead = 800;

export type SentenceEnd =
  | { readonly kind: 'end'; readonly at: number; readonly endsLine: boolean }
  /** More text is needed; the search may go on at `resume`, where nothing is open. */
  | { readonly kind: 'more'; readonly resume: number };

const interesting = /[\n`"“.!?。！？]/g;
const abbreviation =
  /(?:^|[\s(])(?:e\.g|i\.e|cf|vs|etc|approx|resp|incl|viz|ca|no|fig|sec|esp|al|l|ll|lns?)$/i;

/**
 * Where the sentence that starts at `start` ends: after the line's end, or where the next sentence of the line
 * begins; never inside a code span or a quotation. Depends on the text alone, not on how it arrives.
 */
export function sentenceEnd(text: string, start: number, from: number, complete: boolean): SentenceEnd {
  const limit = start + longestSentence;
  let i = from;
  for (;;) {
    interesting.lastIndex = i;
    const match = interesting.exec(text);
    if (match === null || match.index >= limit) {
      if (text.length > limit) return cut(text, start, limit);
      if (complete) return { kind: 'end', at: text.length, endsLine: true };
      return { kind: 'more', resume: Math.max(i, text.length) };
    }
    const at = match.index;
    const c = match[0];
    if (c === '\n') return { kind: 'end', at: at + 1, endsLine: true };
    const after = c === '`' ? afterTicks(text, at, limit, complete) : afterOther(text, start, at, complete);
    if (after === undefined) {
      if (text.length > limit + lookahead) return cut(text, start, limit);
      return { kind: 'more', resume: at };
    }
    if (after.boundary) return { kind: 'end', at: after.at, endsLine: false };
    i = after.at;
  }
}

interface After {
  readonly at: number;
  readonly boundary: boolean;
}

function cut(text: string, start: number, limit: number): SentenceEnd {
  for (let at = limit; at > start; at--)
    if (/\s/.test(text.charAt(at - 1))) return { kind: 'end', at, endsLine: false };
  return { kind: 'end', at: limit, endsLine: false };
}

/** After a code span, or after the back-ticks where they open none. */
function afterTicks(text: string, at: number, limit: number, complete: boolean): After | undefined {
  let end = at;
  while (text[end] === '`') end++;
  if (end === text.length && !complete) return undefined;
  const newline = text.indexOf('\n', end);
  const until = Math.min(newline < 0 ? text.length : newline, limit);
  const close = closingTicks(text, at, end - at, until);
  if (close >= 0) {
    const to = close + (end - at);
    return to === text.length && !complete ? undefined : { at: to, boundary: false };
  }
  const known = newline >= 0 || complete || text.length >= limit;
  return known ? { at: end, boundary: false } : undefined;
}

function afterOther(text: string, start: number, at: number, complete: boolean): After | undefined {
  const c = text[at];
  if (c === '"' || c === '“') {
    if (!opensQuote(text.slice(start, at + 1), at - start)) return { at: at + 1, boundary: false };
    const end = quoteEnd(text, at, complete);
    if (end.kind === 'unknown') return undefined;
    return { at: (end.kind === 'at' ? end.at : at) + 1, boundary: false };
  }
  let next = at + 1;
  while (next < text.length && next - at < 10 && /[)\]"'”’*_]/.test(text.charAt(next))) next++;
  const space = next;
  while (next < text.length && next - space < 10 && /[ \t]/.test(text.charAt(next))) next++;
  if (next === text.length) return complete ? { at: next, boundary: false } : undefined;
  const wide = c === '。' || c === '！' || c === '？';
  const boundary =
    (wide || next > space) &&
    /[^\p{Ll}\s"“(),;:.!?—–-]/u.test(text.charAt(next)) &&
    !(c === '.' && abbreviation.test(text.slice(Math.max(start, at - 10), at)));
  return { at: boundary ? next : at + 1, boundary };
}
