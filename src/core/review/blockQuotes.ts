import type { AnchorMention } from './anchorTypes.ts';
import { blockQuote } from './blocks.ts';
import type { Draft } from './draft.ts';

/** Can the block below this line be the quote of its last mention? Only where the line leads up to it. */
export function mayBeQuotedBelow(line: string, last: Draft): boolean {
  if (last.quote !== undefined && last.weakQuote !== true) return false;
  return /^[\s.,;:)*_\]|]*$/.test(line.slice(last.outerTo)) || /:[*_]*\s*$/.test(line);
}

/** Takes the block above as the first mention's quote, where the line below it is nothing but its citation. */
export function quoteAbove(line: string, drafts: readonly Draft[], content: string): void {
  const [first] = drafts;
  const last = drafts.at(-1);
  if (first === undefined || last === undefined) return;
  if (first.quote !== undefined && first.weakQuote !== true) return;
  const lead = line.slice(0, first.outerFrom);
  if (!/^[\s>*_(—–-]*(?:(?:from|source|see|in|at|file|location)\b:?\s*)?[*_(]*$/i.test(lead)) return;
  if (!/^[\s.,;)*_]*$/.test(line.slice(last.outerTo))) return;
  const quote = blockQuote(content, false, first.path);
  if (quote !== undefined) first.quote = quote;
}

/** `start` is the sentence's offset in the whole text. */
export function mentionOf(draft: Draft, start: number): AnchorMention {
  return {
    path: draft.path,
    ...(draft.lines ?? {}),
    ...(draft.symbol === undefined ? {} : { symbol: draft.symbol }),
    ...(draft.quote === undefined ? {} : { quote: draft.quote }),
    ...(draft.candidates === undefined ? {} : { candidates: draft.candidates }),
    ...(draft.named === undefined ? {} : { named: draft.named }),
    offset: start + draft.from,
    length: draft.to - draft.from,
  };
}
