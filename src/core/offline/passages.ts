import { markerEvery, restore } from '../pack/frame.ts';
import type { PromptFile } from './prompt.ts';
import type { Turns } from './turns.ts';

/** A file's own lines: markers taken off, neutralisation undone. */
export interface FileLines {
  readonly path: string;
  readonly lines: readonly string[];
  /** The lines' own numbers, ascending, where only some are there; else the first is 1. */
  readonly numbers?: readonly number[];
}

/** Some lines that belong together. Every line of a file stands in exactly one passage. */
export interface Passage {
  readonly file: FileLines;
  /** 1-based, inclusive, among the lines that are there: see {@link lineNumber}. */
  readonly startLine: number;
  readonly endLine: number;
}

const shortest = 10;
const longest = 40;
/** From here on any blank line ends a passage, also inside a function. */
const comfortable = 20;
/** A remainder shorter than this joins the passage before it. */
const remainder = 5;

/** The inverse of the pack's segments, line by line, so that one huge file does not hold the thread. */
export async function readLines(file: PromptFile, turns: Turns): Promise<FileLines> {
  const lines: string[] = [];
  const numbers: number[] = [];
  for (let start = 0; start < file.body.length;) {
    const end = file.body.indexOf('\n', start);
    const line = file.body.slice(start, end < 0 ? file.body.length : end);
    if (file.form === 'excerpts') {
      const [, number, text] = /^(\d{1,9})\|(.*)$/s.exec(line) ?? [];
      // Without a number of its own a line has no place to quote it from.
      if (number !== undefined && Number(number) > (numbers.at(-1) ?? 0)) {
        numbers.push(Number(number));
        lines.push(restore(text ?? ''));
      }
      start = end < 0 ? file.body.length : end + 1;
      if (numbers.length % 256 === 0 && turns.due()) await turns.next();
      continue;
    }
    const marker = `${lines.length + 1}|`;
    const marked = (lines.length + 1) % markerEvery === 0 && line.startsWith(marker);
    lines.push(restore(marked ? line.slice(marker.length) : line));
    start = end < 0 ? file.body.length : end + 1;
    if (lines.length % 256 === 0 && turns.due()) await turns.next();
  }
  return { path: file.path, lines, ...(file.form === 'excerpts' && { numbers }) };
}

/** The number in the file of the line that is `nth` (1-based) among those that are there. */
export function lineNumber({ numbers }: FileLines, nth: number): number {
  return numbers?.[nth - 1] ?? nth;
}

export function passageLines({ file, startLine, endLine }: Passage): readonly string[] {
  return file.lines.slice(startLine - 1, endLine);
}

/** Cuts at the seams people leave: blank lines and declarations at the margin. */
export function cutPassages(file: FileLines): Passage[] {
  const passages: Passage[] = [];
  let start = 0;
  for (let i = 1; i <= file.lines.length; i++) {
    const left = file.lines.length - i;
    const size = i - start;
    const gap = file.numbers !== undefined && lineNumber(file, i + 1) > lineNumber(file, i) + 1;
    const cut = left === 0 || size >= longest || gap || (left >= remainder && isSeam(file.lines, i, size));
    if (!cut) continue;
    const last = passages.at(-1);
    if (left === 0 && size < remainder && last !== undefined && file.numbers === undefined)
      passages[passages.length - 1] = { ...last, endLine: i };
    else passages.push({ file, startLine: start + 1, endLine: i });
    start = i;
  }
  return passages;
}

/** True where a passage of `size` lines may end before line index `i`. */
function isSeam(lines: readonly string[], i: number, size: number): boolean {
  if (size < shortest) return false;
  const next = lines[i] ?? '';
  if (next.trim() === '') return false;
  const afterBlank = (lines[i - 1] ?? '').trim() === '';
  const atMargin = /^[^\s})\]]/.test(next);
  return afterBlank
    ? atMargin || size >= comfortable
    : declaresAtMargin.test(next) && !isLead(lines[i - 1] ?? '');
}

const declaresAtMargin =
  /^(export |pub(lic)? |private |static |async |abstract |default )*(function|class|interface|enum|def|fn|func|struct|impl|trait|module|namespace|#{1,6}) /;

/** A comment or decorator belongs to what follows. */
function isLead(line: string): boolean {
  return /^\s*(\/\/|\/?\*|#|@|--|"""|\[)/.test(line);
}
