import { splitLines } from '../workspace/lines.ts';

/**
 * What a faithful quote may differ in is taken out of a text: `tight` has no white space and straight quotes only,
 * `bare` no comment leaders either, and `code` no comments on lines of their own.
 */
export type Reading = 'tight' | 'bare' | 'code';

/** Offsets in `text` lead back to lines. */
export interface CompactText {
  readonly text: string;
  /** The offset in `text` at which each line begins. */
  readonly starts: readonly number[];
}

export interface PreparedText {
  readonly lines: readonly string[];
  /** Made when first asked for. */
  as(reading: Reading): CompactText;
}

const leader =
  /^[ \t]*(?:\/\/[/!]?|\/\*\*?|\*\/|\*(?!\w)|#+!?(?=[\s]|$)|--(?=\s|$)|;+(?=\s|$)|%+(?=\s|$)|<!--|"""|'''|>(?=\s|$)|rem\s)/i;
const space = /[\s\u200b\ufeff]+/g;
const trailer = /(?:\*\/|-->)\s*$/;

/** A line with its white space: what {@link compactLine} compacts. */
export function plainLine(line: string, reading: Reading): string {
  let text = line;
  if (reading === 'bare') text = line.replace(leader, '').replace(trailer, '');
  else if (reading === 'code' && leader.test(line)) text = '';
  return /[‘’“”]/.test(text) ? text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"') : text;
}

export function compactLine(line: string, reading: Reading): string {
  return plainLine(line, reading).replace(space, '');
}

/** A quote's lines, compacted and joined. */
export function compactLines(text: string, reading: Reading): string {
  return splitLines(text)
    .lines.map(line => compactLine(line, reading))
    .join('');
}

function compact(lines: readonly string[], reading: Reading): CompactText {
  const starts: number[] = [];
  const pieces: string[] = [];
  let length = 0;
  for (const line of lines) {
    const piece = compactLine(line, reading);
    starts.push(length);
    pieces.push(piece);
    length += piece.length;
  }
  return { text: pieces.join(''), starts };
}

function prepare(text: string): PreparedText {
  const { lines } = splitLines(text);
  const made = new Map<Reading, CompactText>();
  return {
    lines,
    as(reading) {
      const known = made.get(reading) ?? compact(lines, reading);
      made.set(reading, known);
      return known;
    },
  };
}

// An answer cites the same files again and again; preparing is the expensive half of verifying.
const kept = new Map<string, PreparedText>();
const keptAtMost = 4_000_000;
let keptCharacters = 0;

/** Prepared texts of the last few files, 4M UTF-16 units in all, are kept. */
export function preparedText(text: string): PreparedText {
  const known = kept.get(text);
  if (known !== undefined) {
    kept.delete(text);
    kept.set(text, known);
    return known;
  }
  const prepared = prepare(text);
  kept.set(text, prepared);
  keptCharacters += text.length;
  for (const oldest of kept.keys()) {
    if (keptCharacters <= keptAtMost || kept.size === 1) break;
    kept.delete(oldest);
    keptCharacters -= oldest.length;
  }
  return prepared;
}

/** The 1-based line that holds the compact text's character at `offset`. */
export function lineAt(compactText: CompactText, offset: number): number {
  const { starts } = compactText;
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
