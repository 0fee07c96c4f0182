import { createHash } from 'node:crypto';

import type { LongviewError } from '../errors.ts';
import type { TokenCounter } from './counter.ts';
import { counterOf, type SplitterName } from './createCounter.ts';
import { huggingFaceCounter } from './huggingFace.ts';
import { parseRankLines, tokenText } from './rankLines.ts';
import type { RankTable } from './ranks.ts';
import { unusable } from './tokenizerError.ts';
import { missingBytes } from './vocabulary.ts';

/** Vocabularies recognised by what is in the file, never by its name. */
export type TokenizerFamily = 'llama4' | 'llama3' | 'o200k' | 'cl100k' | 'other';

export interface LoadedTokenizer {
  readonly counter: TokenCounter;
  readonly family: TokenizerFamily;
  readonly format: 'ranks' | 'hugging-face';
  /** Mergeable tokens in the file. */
  readonly tokens: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
}

/** What is known of the user's own tokenizer file once it was looked at; the counter itself lives in the workers. */
export interface OwnTokenizer extends Omit<LoadedTokenizer, 'counter'> {
  /** Absolute. */
  readonly path: string;
  readonly counterId: string;
}

export interface TokenizerFileOptions {
  /** For a rank file of an unknown family, which cannot say how its text is split. */
  readonly splitter?: SplitterName;
}

/**
 * Loads the user's own tokenizer: a rank file of "base64 rank" lines (Meta's `tokenizer.model` of Llama 3 and 4,
 * OpenAI's `.tiktoken`) or a Hugging Face `tokenizer.json` of the byte-level kind. Throws `bad-settings` with the
 * reason on any file that could only give wrong counts.
 */
export function loadTokenizer(file: Uint8Array, options: TokenizerFileOptions = {}): LoadedTokenizer {
  const sha256 = createHash('sha256').update(file).digest('hex');
  const text = Buffer.from(file.buffer, file.byteOffset, file.length);
  refuseKnownStrangers(text);
  if (/^\uFEFF?\s*\{/u.test(text.toString('utf8', 0, 100))) {
    const { counter, table } = huggingFaceCounter(text.toString('utf8'), table =>
      idOf(familyOf(table), sha256),
    );
    return { counter, family: familyOf(table), format: 'hugging-face', tokens: table.size, sha256 };
  }
  const table = parseRankLines(text.toString('latin1'));
  if (missingBytes(table).length > 0) throw unusable('it lacks tokens for single bytes, so it is cut short');
  const family = familyOf(table);
  const splitter = options.splitter ?? splitterOf(family);
  if (splitter === undefined) {
    throw unusable(
      `its ${table.size} tokens are of no model Longview knows, so how text is split is unknown`,
    );
  }
  const counter = counterOf(table, splitter, idOf(family, sha256));
  return { counter, family, format: 'ranks', tokens: table.size, sha256 };
}

function idOf(family: TokenizerFamily, sha256: string): string {
  return `${family}:${sha256.slice(0, 12)}`;
}

function splitterOf(family: TokenizerFamily): SplitterName | undefined {
  switch (family) {
    case 'llama4':
    case 'o200k':
      return 'o200k';
    case 'cl100k':
    case 'llama3':
      return family;
    case 'other':
      return undefined;
  }
}

/**
 * Size plus two probes per family, `[text, rank]`. Llama 4's are the ids that ollama/ollama#17699 states for Meta's
 * reference tokenizer; the others are read off OpenAI's files. Llama 3 is cl100k's 100,256 tokens plus 27,744.
 */
const probes: readonly (readonly [TokenizerFamily, number, readonly (readonly [string, number])[]])[] = [
  [
    'llama4',
    200_000,
    [
      [' =', 319],
      ["don't", 127_161],
    ],
  ],
  [
    'llama3',
    128_000,
    [
      [' =', 284],
      [' the', 279],
    ],
  ],
  [
    'o200k',
    199_998,
    [
      [' =', 314],
      [' the', 290],
    ],
  ],
  [
    'cl100k',
    100_256,
    [
      [' =', 284],
      [' the', 279],
    ],
  ],
];

function familyOf(table: RankTable): TokenizerFamily {
  const found = probes.find(
    ([, size, pairs]) =>
      table.size === size && pairs.every(([text, rank]) => tokenText(table, rank) === text),
  );
  return found?.[0] ?? 'other';
}

function refuseKnownStrangers(file: Buffer): void {
  const head = file.toString('latin1', 0, 64);
  if (file.length === 0) throw unusable('it is empty');
  if (head.startsWith('version https://git-lfs'))
    throw unusable('it is a Git LFS pointer, not the file itself');
  if (/^\s*</.test(head)) throw unusable('it is a web page, probably a sign-in or licence form');
  if (head.startsWith('\n') && head.includes('\0')) throw sentencePiece();
  if (file.subarray(0, 64).some(byte => byte < 9)) throw sentencePiece();
}

function sentencePiece(): LongviewError {
  return unusable(
    'it is binary (a SentencePiece model, as Llama 2 and Gemma have), which Longview cannot count with',
  );
}
