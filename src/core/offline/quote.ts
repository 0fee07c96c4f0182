import { isPlain } from './markdown.ts';
import { lineNumber, passageLines, type Passage } from './passages.ts';
import { declaredName, matches } from './rank.ts';
import { termsOf } from './terms.ts';

/** What an answer shows of a passage: some lines of it, and one of them to recognise the place by. */
export interface Quote {
  /** 1-based, inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  /** Stands exactly so in one of these lines; `undefined` where no line can be quoted (blank, unprintable). */
  readonly text: string | undefined;
  readonly lines: readonly string[];
}

/** A passage up to this long is shown whole; of a longer one, this many lines. */
const shownLines = 12;
const linesBefore = 3;
const quotedChars = 120;
const tellingChars = 20;

/** Chooses the line that says most about the query, and the lines around it. */
export function quotePassage(passage: Passage, weights: ReadonlyMap<string, number>): Quote {
  const all = passageLines(passage);
  let chosen = 0;
  let highest = -1;
  for (const [i, line] of all.entries()) {
    const score = quotable(line) === undefined ? -1 : lineScore(line, weights);
    if (score <= highest) continue;
    highest = score;
    chosen = i;
  }
  let from = 0;
  let to = all.length;
  if (all.length > shownLines) {
    from = Math.min(Math.max(0, chosen - linesBefore), all.length - shownLines);
    to = from + shownLines;
  }
  while (from < chosen && all[from]?.trim() === '') from++;
  while (to - 1 > chosen && all[to - 1]?.trim() === '') to--;
  return {
    startLine: lineNumber(passage.file, passage.startLine + from),
    endLine: lineNumber(passage.file, passage.startLine + to - 1),
    text: quotable(all[chosen] ?? ''),
    lines: all.slice(from, to),
  };
}

function lineScore(line: string, weights: ReadonlyMap<string, number>): number {
  let score = 0;
  const terms = new Set(termsOf(line.slice(0, 1000)));
  for (const [wanted, weight] of weights) {
    if (terms.has(wanted)) score += weight;
    else if ([...terms].some(term => matches(term, wanted))) score += weight / 2;
  }
  if (declaredName(line) !== '') score = score * 1.3 + 0.1;
  // `break;` may match best and still proves no line: what is quoted should stand nowhere else.
  return score * Math.min(1, line.replace(/\s+/g, '').length / tellingChars);
}

/** The part of a line worth quoting: trimmed, printable, not too long, and with a letter or digit in it. */
function quotable(line: string): string | undefined {
  const trimmed = line.trim();
  if (trimmed.length < 3 || !/[\p{L}\p{N}]/u.test(trimmed)) return undefined;
  const short =
    trimmed.length <= quotedChars ? trimmed : wholeCharacters(trimmed.slice(0, quotedChars)).trim();
  return isPlain(short) ? short : undefined;
}

/** Without a high surrogate whose other half was cut off. */
function wholeCharacters(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}
