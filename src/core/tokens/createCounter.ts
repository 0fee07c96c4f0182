import type { TokenCounter } from './counter.ts';
import { createFastCounter } from './fastCounter.ts';
import { rankPairs } from './pairs.ts';
import { o200kSplitter, type Splitter } from './pretokenise.ts';
import { cl100kSplitter } from './pretokeniseCl100k.ts';
import { decodeRanks, type RankTable } from './ranks.ts';
import { openVocabulary, vocabularyTables, type VocabularyTables } from './vocabulary.ts';

/** The encodings whose ranks ship with the product, in `dist/<encoding>.ranks`. */
export const encodings = ['o200k', 'cl100k'] as const;
export type Encoding = (typeof encodings)[number];

/**
 * The splitters Longview knows, made when they are needed: their tables take longer than loading the rest of this code.
 * Llama 4 shares o200k's; Llama 3 has cl100k's as it first was.
 */
export const splitters = {
  o200k: () => o200kSplitter({ maxDigits: 3, contractions: true }),
  cl100k: () => cl100kSplitter({ maxDigits: 3, trailingRun: true }),
  llama3: () => cl100kSplitter({ maxDigits: 3, trailingRun: false }),
  qwen: () => cl100kSplitter({ maxDigits: 1, trailingRun: false }),
  tekken: () => o200kSplitter({ maxDigits: 1, contractions: false }),
} as const satisfies Readonly<Record<string, () => Splitter>>;
export type SplitterName = keyof typeof splitters;

/** Counter over a rank file that ships with the product; the caller knows where the file lies and reads it. */
export function createCounter(ranksFile: Uint8Array, encoding: Encoding): TokenCounter {
  return counterOf(decodeRanks(ranksFile), encoding, encoding);
}

/** Counter over any rank table, by tiktoken's rules. */
export function counterOf(table: RankTable, splitter: SplitterName, id: string): TokenCounter {
  return counterOver(vocabularyTables(table), splitter, id);
}

/** The same over tables that another thread may have made. */
export function counterOver(tables: VocabularyTables, splitter: SplitterName, id: string): TokenCounter {
  const vocabulary = openVocabulary(tables);
  return createFastCounter({
    id,
    vocabulary,
    pairs: rankPairs(vocabulary),
    splitter: splitters[splitter](),
    wholePieces: true,
  });
}
