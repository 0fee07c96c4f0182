import MiniSearch from 'minisearch';
import { namedOutright, type Candidates } from './candidates.ts';
import { cutPassages, passageLines, readLines, type Passage } from './passages.ts';
import { termsOf, type Query } from './terms.ts';
import type { Turns } from './turns.ts';

export interface RankedPassage {
  readonly passage: Passage;
  /** Comparable within one ranking only. */
  readonly score: number;
}

export interface Ranking {
  /** Best first, at most {@link perFile} of one file. */
  readonly best: readonly RankedPassage[];
  /** Passages that were indexed. */
  readonly passages: number;
}

const perFile = 2;
/** A term this long also matches longer words, e.g. `count` in `counter`; such a match weighs less. */
const prefixFrom = 4;
/** Characters of a passage that are searched: minified lines are endless. */
const searchedChars = 1 << 16;

const fields = ['path', 'names', 'text'] as const;
type Field = (typeof fields)[number];

/** BM25 (MiniSearch) over the passages of the candidate files; `count` passages at most. */
export async function rankPassages(
  candidates: Candidates,
  query: Query,
  count: number,
  turns: Turns,
): Promise<Ranking> {
  const passages: Passage[] = [];
  const index = createIndex(passages, query);
  for (const file of candidates.files) {
    const lines = await readLines(file, turns);
    for (const passage of cutPassages(lines)) {
      passages.push(passage);
      index.add(passages.length - 1);
      if (turns.due()) await turns.next();
    }
  }
  return { best: best(search(index, passages, candidates, query), count), passages: passages.length };
}

function createIndex(passages: readonly Passage[], query: Query): MiniSearch<number> {
  const known = new Map<string, readonly string[]>();
  const terms = [...query.terms.keys()];
  return new MiniSearch<number>({
    fields: [...fields],
    extractField: (id, field) => (field === 'id' ? id : fieldText(passages[id], field as Field)),
    tokenize: text => termsOf(text, known),
    // The index need only know the query's terms: lengths are counted before, so scores stay those of a whole
    // index, at a fraction of the time and memory.
    processTerm: term => terms.some(wanted => matches(term, wanted)) && term,
    autoVacuum: false,
  });
}

/** How a term of a text matches a term of the query: as itself, or as a longer word. */
export function matches(term: string, wanted: string): boolean {
  return term === wanted || (wanted.length >= prefixFrom && term.startsWith(wanted));
}

function fieldText(passage: Passage | undefined, field: Field): string {
  if (passage === undefined) return '';
  if (field === 'path') return passage.file.path;
  if (field === 'names') return passageLines(passage).map(declaredName).join(' ');
  return passageLines(passage).join('\n').slice(0, searchedChars);
}

const declaration =
  /^\s*(?:[\w@]+\s+){0,4}?(?:function\*?|class|interface|type|enum|const|let|var|def|fn|func|struct|trait|module|namespace|package)\s+(?:\([^)]*\)\s*)?([\p{L}_$][\p{L}\p{N}_$]*)/u;
const assignedFunction = /^\s*([\w$.]+)\s*[:=]\s*(?:async\s*)?(?:function\b|\([^()]*\)\s*=>)/;
const heading = /^#{1,6}\s+(.+)/;

/** The name that a line declares, or the heading it is; `''` otherwise. */
export function declaredName(line: string): string {
  if (line.length > 400) return '';
  return (declaration.exec(line) ?? assignedFunction.exec(line) ?? heading.exec(line))?.[1] ?? '';
}

function search(
  index: MiniSearch<number>,
  passages: readonly Passage[],
  { rarity }: Candidates,
  query: Query,
): RankedPassage[] {
  const terms = [...query.terms.keys()];
  const weight = (term: string): number => (query.terms.get(term) ?? 0) * (rarity.get(term) ?? 0);
  const all = terms.reduce((sum, term) => sum + weight(term), 0);
  const hits = index.search(terms.join(' '), {
    tokenize: text => text.split(' '),
    processTerm: term => term,
    prefix: term => term.length >= prefixFrom,
    boostTerm: weight,
    boost: { path: 2.5, names: 2, text: 1 },
    weights: { prefix: 0.5, fuzzy: 0 },
  });
  const ranked: RankedPassage[] = [];
  for (const { id, score, queryTerms } of hits) {
    const passage = passages[id as number];
    if (passage === undefined) continue;
    const covered = [...new Set(queryTerms)].reduce((sum, term) => sum + weight(term), 0) / all;
    ranked.push({ passage, score: score * (0.3 + 0.7 * covered) * standing(passage.file.path, query) });
  }
  return ranked.sort((a, b) => b.score - a.score);
}

const tests = /(^|[/._-])(tests?|specs?|__tests__|fixtures?|bench(marks?)?|examples?)([/._-]|$)/i;
const byproducts =
  /(^|\/)(dist|build|out|vendor|third_party)\/|\.min\.\w+$|\.map$|(^|\/)[\w-]*lock[\w-]*\.\w+$/i;

/** Source explains better than its tests, and both better than what a tool wrote. */
function standing(path: string, query: Query): number {
  if (namedOutright(path, query)) return 2.5;
  const asked = [...query.terms.keys()].some(term => /^(test|spec|bench|exampl)/.test(term));
  return (tests.test(path) && !asked ? 0.6 : 1) * (byproducts.test(path) ? 0.5 : 1);
}

function best(ranked: readonly RankedPassage[], count: number): RankedPassage[] {
  const ofFile = new Map<string, number>();
  const chosen: RankedPassage[] = [];
  for (const one of ranked) {
    const taken = ofFile.get(one.passage.file.path) ?? 0;
    if (taken >= perFile) continue;
    ofFile.set(one.passage.file.path, taken + 1);
    chosen.push(one);
    if (chosen.length === count) break;
  }
  return chosen;
}
