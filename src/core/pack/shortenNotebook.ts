import { grouped } from '../grouped.ts';
import { splitLines } from '../workspace/lines.ts';
import type { Excerpt } from './excerpt.ts';
import type { ShortenedText } from './shorten.ts';
import { shortLine } from './shortenRuns.ts';

/** Of one line of a cell: an attachment or a pasted table. Characters. */
const longLine = 2_000;

/**
 * A Jupyter notebook's cells without outputs, attachments and metadata. Where the file is written as Jupyter writes
 * it, each line of a cell keeps the file's own line; where it is one line of JSON, all of it is that line.
 */
export function shortenNotebook(path: string, text: string): ShortenedText | null {
  if (!/\.ipynb$/i.test(path)) return null;
  const cells = readCells(text);
  if (cells === undefined) return null;
  const reason = `${grouped(cells.length)} cells without outputs`;
  const { lines } = splitLines(text);
  if (lines.length === 1) {
    const sources = cells.map(({ type, source }) => `[${type}] ${source.trimEnd().replace(/\r?\n/g, ' ⏎ ')}`);
    return { excerpts: [{ line: 1, text: sources.join(' ⏎ ') }], reason };
  }
  const excerpts = sourceLines(lines);
  // Written in some other way: better whole than with cells missing.
  const expected = cells.flatMap(({ source }) => splitLines(source).lines).length + cells.length;
  return excerpts.length >= expected ? { excerpts, reason } : null;
}

interface Cell {
  readonly type: string;
  readonly source: string;
}

/** `undefined` where this is no notebook. */
function readCells(text: string): Cell[] | undefined {
  let notebook: unknown;
  try {
    notebook = JSON.parse(text);
  } catch {
    return undefined;
  }
  const cells = (notebook as { cells?: unknown } | null)?.cells;
  if (!Array.isArray(cells)) return undefined;
  return cells.map((cell: unknown) => {
    const { cell_type: type, source } = (cell ?? {}) as { cell_type?: unknown; source?: unknown };
    const whole = Array.isArray(source) ? source.filter(part => typeof part === 'string').join('') : source;
    return {
      type: typeof type === 'string' ? type : 'cell',
      source: typeof whole === 'string' ? whole : '',
    };
  });
}

/** As Jupyter writes it, with one string a line: the lines of every `source`, and each cell's type. */
function sourceLines(lines: readonly string[]): Excerpt[] {
  const excerpts: Excerpt[] = [];
  let closing: string | undefined;
  for (const [i, line] of lines.entries()) {
    if (closing !== undefined) {
      if (line.startsWith(closing)) closing = undefined;
      else excerpts.push({ line: i + 1, text: shortLine(stringOf(line), longLine, 0) });
      continue;
    }
    const type = /^\s*"cell_type": "(\w{1,40})",?$/.exec(line)?.[1];
    if (type !== undefined) excerpts.push({ line: i + 1, text: `[${type}]` });
    const source = /^(\s*)"source": (\[\]|\[|".*),?$/s.exec(line);
    if (source === null) continue;
    const [, indent = '', value = ''] = source;
    if (value === '[') closing = `${indent}]`;
    else if (value !== '[]') excerpts.push({ line: i + 1, text: shortLine(stringOf(value), longLine, 0) });
  }
  return excerpts;
}

/** A line of a `source` as text; as it stands where it is no JSON string. */
function stringOf(line: string): string {
  try {
    const value: unknown = JSON.parse(line.trim().replace(/,$/, ''));
    return typeof value === 'string' ? value.replace(/\n$/, '') : line;
  } catch {
    return line;
  }
}
