import { grouped } from '../grouped.ts';
import { splitLines } from '../workspace/lines.ts';
import type { Excerpt } from './excerpt.ts';
import type { ShortenedText } from './shorten.ts';
import { shortLine } from './shortenRuns.ts';

const rows = /\.(?:csv|tsv|tab|psv|jsonl|ndjson|geojsonl)$/i;

/** Enough to see the columns' names, types and how values repeat. */
const headRows = 12;
/** Enough to see how the last differ, and that nothing follows. */
const tailRows = 4;
/** Fewer rows are shown: cutting a few lines out saves little and costs the whole. */
const fewRows = 40;
/** Of one row. Characters. */
const longRow = 400;

/** The head, the shape and the tail of a table with one record a line; the shape stands in the first row left out. */
export function shortenRows(path: string, text: string): ShortenedText | null {
  if (!rows.test(path)) return null;
  const { lines } = splitLines(text);
  if (lines.length <= fewRows) return null;
  const gone = lines.length - headRows - tailRows;
  const excerpts: Excerpt[] = [
    ...numbered(lines.slice(0, headRows), 1),
    { line: headRows + 1, text: `…[${grouped(gone)} rows${columns(path, lines[0] ?? '')}]…` },
    ...numbered(lines.slice(-tailRows), lines.length - tailRows + 1),
  ];
  const kept = headRows + tailRows;
  return { excerpts, reason: `${kept} of ${grouped(lines.length)} rows` };
}

function numbered(lines: readonly string[], from: number): Excerpt[] {
  return lines.map((line, i) => ({ line: from + i, text: shortLine(line, longRow, 0) }));
}

function columns(path: string, header: string): string {
  if (/\.(?:jsonl|ndjson|geojsonl)$/i.test(path)) return '';
  const separators = /\.(?:tsv|tab)$/i.test(path) ? ['\t'] : [',', ';', '\t', '|'];
  const most = Math.max(...separators.map(s => header.split(s).length));
  return ` of ${most} column${most === 1 ? '' : 's'}`;
}
