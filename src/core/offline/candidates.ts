import type { PromptFile } from './prompt.ts';
import { termsOf, type Query } from './terms.ts';
import type { Turns } from './turns.ts';

export interface Candidates {
  /** The files worth cutting into passages, best first. */
  readonly files: readonly PromptFile[];
  /** Files that hold at least one term, before the cut to the best. */
  readonly matching: number;
  /** How telling each term is: its inverse document frequency over all files of the prompt. */
  readonly rarity: ReadonlyMap<string, number>;
}

const maxFiles = 300;
/** Characters; about 0.5 s of indexing. */
const maxChars = 4_000_000;
const sliceChars = 1 << 18;
/** More occurrences than this in one slice tell nothing new. */
const enough = 12;

/**
 * The cheap first pass over the whole prompt: how often each term occurs in each file as a substring (a stem
 * begins its word, so nothing that the index would match is missed), scored per file.
 */
export async function pickCandidates(
  files: readonly PromptFile[],
  query: Query,
  turns: Turns,
): Promise<Candidates> {
  const terms = [...query.terms.keys()];
  const counts: Uint16Array[] = [];
  const frequency = terms.map(() => 0);
  let chars = 0;
  for (const file of files) {
    const count = await countTerms(file, terms, turns);
    counts.push(count);
    count.forEach((n, t) => (frequency[t] = (frequency[t] ?? 0) + (n > 0 ? 1 : 0)));
    chars += file.body.length;
  }
  const rarity = frequency.map(n => Math.log(1 + (files.length - n + 0.5) / (n + 0.5)));
  const typical = chars / Math.max(1, files.length);
  const scored: { file: PromptFile; score: number }[] = [];
  for (const [i, file] of files.entries()) {
    if (turns.due()) await turns.next();
    const bulk = 0.3 + 0.7 * Math.min(20, file.body.length / typical);
    const inPath = new Set(termsOf(file.path));
    let score = namedOutright(file.path, query) ? 50 : 0;
    for (const [t, term] of terms.entries()) {
      const n = counts[i]?.[t] ?? 0;
      const weight = (rarity[t] ?? 0) * (query.terms.get(term) ?? 0);
      score += weight * (n / (n + bulk)) * 2.2 + (inPath.has(term) ? weight * 1.5 : 0);
    }
    if (score > 0) scored.push({ file, score });
  }
  scored.sort((a, b) => b.score - a.score);
  return {
    files: withinChars(scored.slice(0, maxFiles).map(({ file }) => file)),
    matching: scored.length,
    rarity: new Map(terms.map((term, t) => [term, rarity[t] ?? 0])),
  };
}

/** True where the question names the file by its path or by the end of it. */
export function namedOutright(path: string, query: Query): boolean {
  const lower = `/${path.toLowerCase()}`;
  return query.named.some(name => lower.endsWith(name.startsWith('/') ? name : `/${name}`));
}

async function countTerms(file: PromptFile, terms: readonly string[], turns: Turns): Promise<Uint16Array> {
  const counts = new Uint16Array(terms.length);
  count(file.path.toLowerCase(), terms, counts);
  for (let from = 0; from < file.body.length; from += sliceChars) {
    count(file.body.slice(from, from + sliceChars).toLowerCase(), terms, counts);
    if (turns.due()) await turns.next();
  }
  return counts;
}

function count(lower: string, terms: readonly string[], counts: Uint16Array): void {
  for (const [t, term] of terms.entries()) {
    let found = 0;
    for (let at = lower.indexOf(term); at >= 0 && found < enough; at = lower.indexOf(term, at + term.length))
      found++;
    counts[t] = (counts[t] ?? 0) + found;
  }
}

/** The first always stays, however large. */
function withinChars(files: readonly PromptFile[]): PromptFile[] {
  let chars = 0;
  return files.filter((file, i) => (chars += file.body.length) <= maxChars || i === 0);
}
