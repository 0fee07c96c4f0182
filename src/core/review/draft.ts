import { readRangeBefore, readRanges, type CitedRange } from './lineRanges.ts';
import type { Resolution } from './pathIndex.ts';

/** A mention being read; positions are offsets in its sentence. */
export interface Draft {
  readonly path: string;
  readonly candidates?: readonly string[];
  readonly lines?: { readonly startLine: number; readonly endLine: number };
  readonly symbol?: string;
  /** The mention itself. */
  readonly from: number;
  readonly to: number;
  /** With its back-ticks, brackets or emphasis: what a link replaces. */
  readonly outerFrom: number;
  readonly outerTo: number;
  quote?: string;
  /** The quote is a bare identifier: better than nothing. */
  weakQuote?: boolean;
  named?: readonly string[];
}

/** A path with the ranges cited right after it. */
export interface Reading {
  readonly written: string;
  readonly resolution: Resolution;
  readonly from: number;
  /** Where the path ends. */
  readonly pathTo: number;
  /** Where the path and its ranges end. */
  readonly to: number;
  readonly ranges: readonly CitedRange[];
  readonly symbol?: string;
}

/** Drafts of a path in back-ticks, brackets or a link, whose lines may also be told right after it. */
export function delimited(
  text: string,
  reading: Reading,
  from: number,
  to: number,
  outerFrom: number,
  outerTo: number,
): Draft[] {
  if (reading.ranges.length > 1) {
    const ranges = reading.ranges.map(r => ({ ...r, from: from + r.from, to: from + r.to }));
    return draftsOf(
      text,
      { ...reading, ranges, from, pathTo: from + reading.pathTo, to },
      outerFrom,
      outerTo,
    );
  }
  if (reading.ranges.length === 1) {
    const ranges = reading.ranges.map(r => ({ ...r, from: to, to }));
    return draftsOf(text, { ...reading, ranges, from, pathTo: to, to }, outerFrom, outerTo);
  }
  return withLinesAfter(text, { ...reading, from, pathTo: to, to }, outerFrom, outerTo);
}

/** Lines told after a path or after what wraps it, be that `**` or a back-tick. */
export function withLinesAfter(text: string, reading: Reading, outerFrom: number, outerTo: number): Draft[] {
  const emphasis = /^(?:\*\*|__|\*|_)/.exec(text.slice(outerTo, outerTo + 2))?.[0] ?? '';
  const emphasised = emphasis !== '' && text.slice(outerFrom - emphasis.length, outerFrom) === emphasis;
  for (const skip of emphasised ? [0, emphasis.length] : [0]) {
    const found = readRanges(text, outerTo + skip);
    if (found === undefined) continue;
    const to = found.end > outerTo ? found.end : reading.to;
    return draftsOf(text, { ...reading, ranges: found.ranges, to }, outerFrom - skip, found.end);
  }
  return draftsOf(text, reading, outerFrom, outerTo);
}

/** One draft per range. */
export function draftsOf(text: string, reading: Reading, outerFrom: number, outerTo: number): Draft[] {
  const { resolution, ranges } = reading;
  const target = {
    path: resolution.path,
    ...(resolution.kind === 'several' ? { candidates: resolution.candidates } : {}),
  };
  const symbol = reading.symbol ?? symbolBefore(text.slice(0, outerFrom));
  const shared = symbol === undefined ? target : { ...target, symbol };
  if (ranges.length <= 1) {
    const range = ranges[0] ?? readRangeBefore(text.slice(0, outerFrom));
    const lines =
      range === undefined ? {} : { lines: { startLine: range.startLine, endLine: range.endLine } };
    return [{ ...shared, ...lines, from: reading.from, to: reading.to, outerFrom, outerTo }];
  }
  return ranges.map((range, i) => ({
    ...shared,
    lines: { startLine: range.startLine, endLine: range.endLine },
    from: i === 0 ? reading.from : range.from,
    to: range.to,
    outerFrom: i === 0 ? outerFrom : range.from,
    outerTo: i === ranges.length - 1 ? outerTo : range.to,
  }));
}

const symbolPatterns = [
  /`([A-Za-z_$][\w$]*(?:(?:\.|::|#|->)[A-Za-z_$][\w$]*)*)(?:\([^`()]*\))?`(?:\s+(?:function|method|class|type|interface|constant|variable))?\s*(?:\b(?:in|of|from|at|inside)\b|@|\(\s*(?:in|from|at|see)?)\s*(?:the\s+)?(?:file\s+)?[*_([]*$/,
  /(?:^|[\s(*_])([A-Za-z_$][\w$]*(?:(?:\.|::|#|->)[A-Za-z_$][\w$]*)*)(\(\))?\*{0,2}\s*(?:\b(?:in|of|from|at|inside)\b|@|\(\s*(?:in|from|at|see)?)\s*(?:the\s+)?(?:file\s+)?[*_([]*$/,
] as const;

/** `Foo.bar` of "`Foo.bar` in a.ts" and "Foo.bar (a.ts)". */
function symbolBefore(text: string): string | undefined {
  const near = text.slice(-160);
  const [ticked, bare] = symbolPatterns;
  const spanned = ticked.exec(near)?.[1];
  if (spanned !== undefined) return spanned;
  const match = bare.exec(near);
  const name = match?.[1];
  if (name === undefined) return undefined;
  // Plain words ("found in a.ts") are not symbols; what is spelled like code is.
  return match?.[2] !== undefined || /[_.:#$]|->|[a-z0-9][A-Z]/.test(name) ? name : undefined;
}
