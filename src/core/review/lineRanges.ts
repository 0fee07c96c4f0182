/** Lines cited after a path, and where in the text they are written. */
export interface CitedRange {
  /** 1-based; 0 only where the answer really says line 0. */
  readonly startLine: number;
  readonly endLine: number;
  readonly from: number;
  readonly to: number;
}

const dash = '(?:[-–—‑−]|\\.\\.\\.?=?)';
const through = `(?:\\s*(?:${dash}|to|through|thru|until|bis|à|a|al|до|по)\\s*)`;
const stop = '(?![A-Za-z0-9]|_\\w|\\.\\d)';
/** `line` in the languages that answers are written in, as whole words. */
const lineWord = '(?:lines?|lns?\\.?|ll?\\.|zeilen?|lignes?|l[ií]neas?|linhas?|righe|riga|строк[аеиу]?)';
const column = '(?::\\d{1,5}|[Cc]\\d{1,5})?';

/** `:10`, `:10-12`, `:10:4`, `:L10-L12`, `:10:4-12:8`, and the same after `#` or `†`. */
const attached = new RegExp(
  `[:#†]~?[Ll]?(\\d{1,7})${column}(?:(?:${dash}|:(?=[Ll]))[:#]?[Ll]?(\\d{1,7})${column})?${stop}`,
  'y',
);
const end = '(?=\\s*(?:[\\])}】`.,;:]|$|(?:and|or)\\b))';
/** `:10 - 12` and `: 10-12`, where nothing but the citation's end follows. */
const spaced = new RegExp(`:\\s?[Ll]?(\\d{1,7})\\s?${dash}\\s?[Ll]?(\\d{1,7})${end}`, 'y');
/** `(10)`, `(10,4)` as compilers write; `(10-12)`. */
const called = new RegExp(
  `\\((\\d{1,7})(?:,\\s?\\d{1,5}(?:-\\d{1,5}|(?:,\\s?\\d{1,7}){2})?)?\\)(?![A-Za-z0-9_])`,
  'y',
);
const calledRange = new RegExp(`\\s?\\((\\d{1,7})\\s?[-–—]\\s?(\\d{1,7})\\)`, 'y');
/** `(lines 10-12`, `, line 10`, ` at lines 10 to 12`, `: line 10`. */
const wordedWith = (numeral: string, more: string): RegExp =>
  new RegExp(
    `["'”’]?(?:,|:|\\s[-–—])?\\s*(\\()?\\s*(?:(?:at|on|in|from|near|around|see|approximately|about)\\s+){0,2}` +
      `${lineWord}\\s*:?\\s*#?[Ll~]?(${numeral})(?:${through}(?:lines?\\s+)?[Ll]?(${numeral}))${more}${stop}`,
    'iuy',
  );
const worded = wordedWith('\\d{1,7}', '?');
const grouped = '\\d{1,3}(?:,\\d{3}){1,2}(?!\\d)';
/** `lines 1,024-1,030`; a lone `lines 100,200` is a list. */
const wordedGrouped = wordedWith(`${grouped}|\\d{1,3}`, '');
const wordedGroupedOne = new RegExp(
  `["'”’]?,?\\s*(\\()?\\s*(?:(?:at|on|in|near|around|see)\\s+){0,2}line\\s+#?(${grouped})${stop}`,
  'iy',
);
/** `第 10-12 行`, `的第10行到第12行`. */
const counted = new RegExp(
  `\\s*[，,：:]?\\s*([（(])?\\s*[的在]?\\s*第?\\s*(\\d{1,7})(?:\\s*行?\\s*(?:${dash}|[~～至到])\\s*第?\\s*(\\d{1,7}))?\\s*[行줄]`,
  'y',
);
const between = /,?\s*(\()?\s*between\s+lines?\s+(\d{1,7})\s+and\s+(\d{1,7})(?![A-Za-z0-9_])/iy;
/** ` L10-L12`, ` (L10)`. */
const letter = new RegExp(
  `,?\\s*(\\()?\\s*(?:at\\s+|@\\s*|#)?L(\\d{1,7})(?:\\s?${dash}\\s?L?(\\d{1,7}))?${stop}`,
  'y',
);

/** The next cell of a table row; a lone number there may as well be a count. */
const cell =
  /\s*\|\s*(?:(?:lines?\s*|L)(\d{1,7})(?:\s?[-–—]\s?L?(\d{1,7}))?|(\d{1,7})\s?[-–—]\s?(\d{1,7}))(?=\s*\|)/iy;
const pipedWord = /\s*\|\s*lines?\s+(\d{1,7})(?:\s?[-–—]\s?(\d{1,7}))?(?=\s*$)/iy;

const next = new RegExp(
  `(?:\\s*[,;]\\s*(?:(?:and|or)\\s+)?|\\s+(?:and|or|&)\\s+)(?:(?:at\\s+)?lines?\\s+)?` +
    `([:#]?[Ll]?(\\d{1,7})(?::\\d{1,5})?(?:\\s?${dash}\\s?[Ll]?(\\d{1,7}))?)${stop}(?![-:]\\d)`,
  'iy',
);
/** After a lone number of a list: what shows that it is a line, not a count ("a.ts:10, 3 problems"). */
const afterLoneNumber =
  /\s*(?:[,;)\]}`"“”|.*_]|$|[-–—:](?:\s|$)|(?:and|or|&)\s+[:#]?L?\d|(?:is|are|was|were|both|also|all|do|does|have|has|which|where|show|call|use|contain|handle|define|set|check)s?\b)/iy;
const aCount =
  /\s+(?:other|more|further|files?|places?|times?|occurrences?|problems?|issues?|lines?|tests?|calls?|of)\b/iy;

/** Reads the lines cited right after a path that ends at `at`; `undefined` where there are none. */
export function readRanges(text: string, at: number): { ranges: CitedRange[]; end: number } | undefined {
  const first = firstRange(text, at);
  if (first === undefined) return rangeInNextCell(text, at);
  const ranges = [first.range];
  let end = first.range.to;
  for (;;) {
    const match = matchAt(next, text, end);
    if (match === null) break;
    const [all = '', written = '', start = '', last] = match;
    const to = end + all.length;
    const sure = last !== undefined || /^[:#L]/i.test(written) || matchAt(afterLoneNumber, text, to) !== null;
    if (!sure && (!first.plural || matchAt(aCount, text, to) !== null)) break;
    ranges.push(range(start, last, to - written.length, to));
    end = to;
  }
  if (first.paren) {
    const close = /^\s*[)）]/.exec(text.slice(end, end + 4));
    if (close !== null) end += close[0].length;
  }
  const lastRange = ranges.at(-1);
  if (lastRange !== undefined) ranges[ranges.length - 1] = { ...lastRange, to: end };
  return { ranges, end };
}

/** The cell stays text: the mention ends where the path does. */
function rangeInNextCell(text: string, at: number): { ranges: CitedRange[]; end: number } | undefined {
  const match = matchAt(cell, text, at) ?? matchAt(pipedWord, text, at);
  if (match === null) return undefined;
  return { ranges: [range(match[1] ?? match[3] ?? '', match[2] ?? match[4], at, at)], end: at };
}

interface First {
  readonly range: CitedRange;
  /** The lines stand in a parenthesis of their own. */
  readonly paren: boolean;
  /** `lines`, so that further numbers are lines unless they count something. */
  readonly plural: boolean;
}

function firstRange(text: string, at: number): First | undefined {
  for (const pattern of [spaced, attached, called, calledRange]) {
    const match = matchAt(pattern, text, at);
    if (match !== null && (pattern !== spaced || Number(match[1]) <= Number(match[2]))) {
      const found = range(match[1] ?? '', match[2], at, at + match[0].length);
      return { range: found, paren: false, plural: false };
    }
  }
  for (const pattern of [between, wordedGroupedOne, wordedGrouped, worded, letter, counted]) {
    const match = matchAt(pattern, text, at);
    if (match === null) continue;
    const found = range(match[2] ?? '', match[3], at, at + match[0].length);
    return { range: found, paren: match[1] !== undefined, plural: /lines/i.test(match[0]) };
  }
  return undefined;
}

const before = new RegExp(
  `(?:^|[\\s(*_])${lineWord}\\s*#?(\\d{1,7})(?:(?:${through}|\\s+and\\s+)(?:lines?\\s+)?(\\d{1,7}))?[*_\`]*` +
    `\\s+(?:of|in|from|inside|within|von|de|dans|del|en)\\s+(?:the\\s+)?(?:file\\s+)?[*_([]*$`,
  'i',
);

/** `line 12 of ` and the like, standing right before a path; the range's place is not part of the mention. */
export function readRangeBefore(text: string): { startLine: number; endLine: number } | undefined {
  const match = before.exec(text.slice(-80));
  if (match === null) return undefined;
  const { startLine, endLine } = range(match[1] ?? '', match[2], 0, 0);
  return { startLine, endLine };
}

function range(start: string, last: string | undefined, from: number, to: number): CitedRange {
  const a = Number(start.replaceAll(',', ''));
  const b = last === undefined ? a : Number(last.replaceAll(',', ''));
  return { startLine: Math.min(a, b), endLine: Math.max(a, b), from, to };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const alone = /^(?::|#|:?#?L|lines?\s+)(\d{1,7})(?::\d{1,5})?(?:[-–—]L?(\d{1,7}))?$/i;

/** `:20-25` or `L20` in back-ticks of its own. */
export function readLoneRange(content: string): { startLine: number; endLine: number } | undefined {
  const match = alone.exec(content.trim());
  if (match === null) return undefined;
  const { startLine, endLine } = range(match[1] ?? '', match[2], 0, 0);
  return { startLine, endLine };
}
