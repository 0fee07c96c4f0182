import { pickCandidates } from './candidates.ts';
import type { PromptFile } from './prompt.ts';
import { quotePassage } from './quote.ts';
import { declaredName, rankPassages } from './rank.ts';
import { readQuery } from './terms.ts';
import { createTurns } from './turns.ts';

/** A passage that matches a query, best first. Lines are 1-based, inclusive. */
export interface FoundPassage {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  /** Stands exactly so in one of the lines; absent where none can be quoted. */
  readonly quote?: string;
  /** The first name that the lines declare. */
  readonly symbol?: string;
  readonly lines: readonly string[];
}

export interface FoundPassages {
  readonly passages: readonly FoundPassage[];
  /** The words that were looked up; none where the query holds no word to search for. */
  readonly words: readonly string[];
}

/** Longest turn on the calling thread, ms. */
const turnMs = 15;

/** The offline reader's search without its answer: BM25 over passages, paths and declared names. */
export async function searchFiles(
  files: readonly PromptFile[],
  query: string,
  count: number,
  signal: AbortSignal,
): Promise<FoundPassages> {
  const turns = createTurns(turnMs, signal);
  const read = readQuery([query]);
  const { words } = read;
  if (read.terms.size === 0) return { passages: [], words };
  const candidates = await pickCandidates(files, read, turns);
  const { best } = await rankPassages(candidates, read, count, turns);
  const weights = new Map([...read.terms].map(([term, w]) => [term, w * (candidates.rarity.get(term) ?? 0)]));
  const passages = best.map(({ passage }) => {
    const { startLine, endLine, text, lines } = quotePassage(passage, weights);
    const symbol = lines.map(declaredName).find(name => name !== '');
    return {
      path: passage.file.path,
      startLine,
      endLine,
      ...(text !== undefined && { quote: text }),
      ...(symbol !== undefined && { symbol }),
      lines,
    };
  });
  return { passages, words };
}
