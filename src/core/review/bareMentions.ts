import { draftsOf, withLinesAfter, type Draft, type Reading } from './draft.ts';
import { readRangeBefore, readRanges } from './lineRanges.ts';
import type { PathIndex, Resolution } from './pathIndex.ts';
import { isMention, plainFileNames } from './pathShape.ts';

const pathStart = /[\p{L}\p{N}_.@~$&%+/\\([-]/u;
const pathRun =
  /(?:[A-Za-z]:(?=[\\/]))?(?:[\p{L}\p{M}\p{N}_.@~$&%+/\\{}-]|\([^()\s"'`]*\)(?=[\\/]|\.\w)|\[{1,2}[^[\]\s"'`:]*\]{1,2}(?=[\\/]|[._-]?[\p{L}\p{N}_]))+/uy;

/** Reads mentions written without delimiters in `text[from, to)`. `bound` ends where lines may no longer be told. */
export function readBare(
  text: string,
  from: number,
  to: number,
  bound: string,
  index: PathIndex,
  inside: boolean,
  boundFrom = 0,
): Draft[] {
  const found: Draft[] = [];
  let at = from;
  while (at < to) {
    if (!pathStart.test(text.charAt(at))) {
      at++;
      continue;
    }
    pathRun.lastIndex = at;
    const run = pathRun.exec(text)?.[0];
    if (run === undefined) {
      at++;
      continue;
    }
    const end = Math.min(at + run.length, to);
    const host = /^(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|[\w-]+(?:\.[\w-]+)+)$/.test(run)
      ? hostAfter(text, end)
      : 0;
    if (host > 0) {
      at = end + host;
      continue;
    }
    const drafts = readRun(text, at, end, bound, boundFrom, index, inside, found.at(-1)?.outerTo ?? from);
    found.push(...drafts);
    at = Math.max(end, drafts.at(-1)?.outerTo ?? 0);
  }
  return found;
}

/** The length of `:8080/path` after a host's name, else 0. */
function hostAfter(text: string, at: number): number {
  return /^:\d{2,5}\/[^\s)\]"'`]*/.exec(text.slice(at, at + 200))?.[0].length ?? 0;
}

function readRun(
  text: string,
  start: number,
  end: number,
  bound: string,
  boundFrom: number,
  index: PathIndex,
  inside: boolean,
  floor: number,
): Draft[] {
  const run = text.slice(start, end);
  if (!mayBePath(run, index)) return [];
  // A glob's tail (`**/index.ts`) is no path.
  if (text[start - 1] === '*' && /^[/\\]/.test(run)) return [];
  for (const [from, to] of likeliestFirst(text, trims(text, start, end), index)) {
    const spaced = extendLeft(text, from, to, floor, index);
    const written = text.slice(spaced, to);
    const known = index.resolve(written);
    const after = readRanges(bound, to - boundFrom);
    const ranges = after?.ranges.map(r => ({ ...r, from: r.from + boundFrom, to: r.to + boundFrom })) ?? [];
    const emphasised = ranges.length > 0 || /^[*_]{1,2}(?:[:#(]|,?\s)/.test(text.slice(to, to + 4));
    const hasLines =
      ranges.length > 0 ||
      (emphasised &&
        !inside &&
        withLinesAfter(text, bare(written, known, spaced, to), spaced, to).some(d => d.lines)) ||
      readRangeBefore(text.slice(0, spaced)) !== undefined;
    if (!isMention(written, known, { hasLines, delimited: false }, index)) continue;
    if (ranges.length > 0) {
      const stop = (after?.end ?? 0) + boundFrom;
      return draftsOf(text, { ...bare(written, known, spaced, to), ranges, to: stop }, spaced, stop);
    }
    if (inside) return draftsOf(text, bare(written, known, spaced, to), spaced, to);
    const symbol = /^(?:::|#)([A-Za-z_$][\w$]*(?:(?:\.|::)[A-Za-z_$][\w$]*)*)(?:\(\))?/.exec(
      text.slice(to, to + 120),
    );
    if (symbol?.[1] !== undefined) {
      const stop = to + symbol[0].length;
      return draftsOf(
        text,
        { ...bare(written, known, spaced, to), symbol: symbol[1], to: stop },
        spaced,
        stop,
      );
    }
    return withLinesAfter(text, bare(written, known, spaced, to), spaced, to);
  }
  return [];
}

function bare(written: string, resolution: Resolution, from: number, to: number): Reading {
  return { written, resolution, from, pathTo: to, to, ranges: [] };
}

/** Most words of an answer are ruled out here. */
export function mayBePath(word: string, index: PathIndex): boolean {
  if (/[/\\]|\.[\p{L}\p{N}_[(]/u.test(word)) return true;
  const whole = word.toLowerCase();
  if (index.hasPlainName(whole)) return true;
  const lower = whole.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}_)\]]+$/gu, '');
  return index.hasPlainName(lower) || plainFileNames.has(lower) || index.spacedBy(lower).length > 0;
}

/** The run itself, then without what prose glues to a path: full stops, `@`, `_`, other scripts' words. */
function trims(text: string, start: number, end: number): [number, number][] {
  const run = text.slice(start, end);
  const tail = /[.@~$&%+-]+$/.exec(run)?.[0].length ?? 0;
  const to = end - tail;
  const tried: [number, number][] = [[start, to]];
  const lead = /^(?:[@_~$&+%-]+|\.(?=\w)|\((?=[^)]*$)|[^\x00-\x7f]+)/.exec(run)?.[0].length ?? 0;
  const scriptTail = /[^\x00-\x7f]+$/.exec(text.slice(start, to))?.[0].length ?? 0;
  const underscores = /_+$/.exec(text.slice(start, to))?.[0].length ?? 0;
  const less = Math.max(scriptTail, underscores);
  const atLine = /@[Ll]\d+(?:[-–][Ll]?\d+)?$/.exec(run)?.[0].length ?? 0;
  if (atLine > 0) tried.push([start, end - atLine]);
  if (tail > 0) tried.unshift([start, end]);
  if (lead > 0) tried.push([start + lead, to]);
  if (less > 0) tried.push([start, to - less]);
  if (lead > 0 && less > 0) tried.push([start + lead, to - less]);
  return tried.filter(([a, b]) => a < b);
}

/** Known files first; else what begins in a known directory, so that `@src/nope.ts` is `src/nope.ts`. */
function likeliestFirst(text: string, tried: [number, number][], index: PathIndex): [number, number][] {
  if (tried.length < 2) return tried;
  const rank = ([from, to]: [number, number]): number => {
    const written = text.slice(from, to);
    if (index.resolve(written).kind !== 'unknown') return 0;
    return index.hasTopDirectory(/^[^/\\]*/.exec(written)?.[0] ?? '') ? 1 : 2;
  };
  const ranks = new Map(tried.map(range => [range, rank(range)]));
  return tried.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
}

/** A known path with spaces may begin some words before its last word. */
function extendLeft(text: string, from: number, to: number, floor: number, index: PathIndex): number {
  if (index.maxSpaces === 0) return from;
  let begin = from;
  const word = text.slice(from, to).toLowerCase();
  for (const path of index.spacedBy(word)) {
    const head = path.slice(0, path.length - word.length).toLowerCase();
    for (let cut = 0; ; cut = head.indexOf('/', cut) + 1) {
      const rest = head.slice(cut);
      const at = from - rest.length;
      if (
        at >= floor &&
        rest.includes(' ') &&
        text.slice(at, from).toLowerCase() === rest &&
        standsAlone(text, at)
      )
        begin = Math.min(begin, at);
      if (head.indexOf('/', cut) < 0) break;
    }
  }
  return begin;
}

function standsAlone(text: string, at: number): boolean {
  return at === 0 || /[\s([{"'*_:]/.test(text.charAt(at - 1));
}
