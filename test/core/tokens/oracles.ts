import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base';
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';
import { Tiktoken } from 'tiktoken';

import { createCounter, type Encoding } from '../../../src/core/tokens/createCounter.ts';
import type { TokenCounter } from '../../../src/core/tokens/counter.ts';
import { decodeRanks, type RankTable } from '../../../src/core/tokens/ranks.ts';
import { packRanks, rankFileText } from '../../../tools/ranks.mjs';

interface TiktokenFile {
  readonly bpe_ranks: string;
  readonly special_tokens: Record<string, number>;
  readonly pat_str: string;
}

const require = createRequire(import.meta.url);
const ordinary = { disallowedSpecial: new Set<string>() };

/** The shipped form without its compression, which only costs build time. */
export const packed: Readonly<Record<Encoding, Uint8Array>> = {
  o200k: packRanks(rankFileText('o200k')),
  cl100k: packRanks(rankFileText('cl100k')),
};

export const tables: Readonly<Record<Encoding, RankTable>> = {
  o200k: decodeRanks(packed.o200k),
  cl100k: decodeRanks(packed.cl100k),
};

/** Shared by the tests, so that one file's cache is another's test. */
export const counters: Readonly<Record<Encoding, TokenCounter>> = {
  o200k: createCounter(packed.o200k, 'o200k'),
  cl100k: createCounter(packed.cl100k, 'cl100k'),
};

// Evicting from a full cache is what makes gpt-tokenizer collapse; a large one, emptied now and then, does not.
o200k.setMergeCacheSize(1_000_000);
let counted = 0;

/** gpt-tokenizer's count of ordinary text. */
export function gptCount(text: string, encoding: Encoding = 'o200k'): number {
  const oracle = encoding === 'o200k' ? o200k : cl100k;
  counted += text.length;
  if (counted > 20_000_000) {
    counted = 0;
    oracle.clearMergeCache();
  }
  return oracle.countTokens(text, ordinary);
}

/**
 * Where gpt-tokenizer 4.0.0 is known to differ from tiktoken: JavaScript's `\s` holds U+FEFF and lacks U+0085, its
 * decoder drops U+FEFF, and its contractions do not know that the long s U+017F folds to s.
 */
export const gptIsWrongOn = /[\uFEFF\u0085\u017F]/u;

/** tiktoken's Rust code in WASM; about 2.5 MB/s. cl100k with the pattern OpenAI has used since tiktoken 0.9. */
export function createTiktoken(encoding: Encoding): (text: string) => number {
  const path = require.resolve(`tiktoken/encoders/${encoding}_base.json`);
  const file = JSON.parse(readFileSync(path, 'utf8')) as TiktokenFile;
  const pattern =
    encoding === 'o200k'
      ? file.pat_str
      : String.raw`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`;
  const oracle = new Tiktoken(file.bpe_ranks, file.special_tokens, pattern);
  return text => oracle.encode_ordinary(text).length;
}
