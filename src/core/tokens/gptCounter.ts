import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

import type { TokenCounter } from './counter.ts';

// gpt-tokenizer is quadratic in the length of one unbroken run (100 KB of `a`: 6 s), so long runs are cut; a cut
// adds at most one token, which errs on the safe side.
const longRun = /[^\s]{2000}|[^\S\n]{2000}|\n{2000}/g;
const asText = { disallowedSpecial: new Set<string>() };

export const gptCounter: TokenCounter = {
  id: 'o200k',
  exact: true,
  countText: count,
  countUtf8: bytes => count(new TextDecoder().decode(bytes)),
};

function count(text: string): number {
  let tokens = 0;
  let start = 0;
  for (const run of text.matchAll(longRun)) {
    const end = run.index + run[0].length;
    tokens += countTokens(text.slice(start, end), asText);
    start = end;
  }
  return tokens + countTokens(text.slice(start), asText);
}
