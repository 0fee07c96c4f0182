import { diffArrays } from 'diff';
import type { Place } from './quoteMatch.ts';

/** Where a file's packed lines stand today. */
export interface LineMap {
  /** The same lines today, if none of them changed and nothing came between. */
  intact(place: Place): Place | undefined;
  /** Today's lines nearest to these; for showing where code used to stand. */
  near(place: Place): Place;
}

/** Past this many changed lines a file counts as rewritten; bounds the diff's time (it grows with the square). */
const mostEdits = 300;

const kept: { packed: readonly string[]; today: readonly string[]; map: LineMap }[] = [];

export function lineMap(packed: readonly string[], today: readonly string[]): LineMap {
  const known = kept.find(entry => entry.packed === packed && entry.today === today);
  if (known !== undefined) return known.map;
  const map = mapOf(matched(packed, today), today.length);
  kept.unshift({ packed, today, map });
  kept.splice(8);
  return map;
}

/** For each packed line its 1-based line today, 0 where it is gone or changed. */
function matched(packed: readonly string[], today: readonly string[]): Uint32Array {
  const lines = new Uint32Array(packed.length);
  let head = 0;
  while (head < packed.length && head < today.length && packed[head] === today[head]) lines[head] = ++head;
  let tail = 0;
  while (
    tail < packed.length - head &&
    tail < today.length - head &&
    packed[packed.length - 1 - tail] === today[today.length - 1 - tail]
  ) {
    lines[packed.length - 1 - tail] = today.length - tail;
    tail++;
  }
  const was = packed.slice(head, packed.length - tail);
  const is = today.slice(head, today.length - tail);
  if (was.length === 0 || is.length === 0) return lines;
  const changes = diffArrays(was, is, { maxEditLength: mostEdits });
  if (changes === undefined) return matchUnique(was, is, head, lines);
  let old = head;
  let now = head;
  for (const change of changes) {
    if (change.removed) old += change.count;
    else if (change.added) now += change.count;
    else for (let i = 0; i < change.count; i++) lines[old++] = ++now;
  }
  return lines;
}

/** For a rewritten file: the most lines that occur once in both texts and stand in the same order. */
function matchUnique(
  was: readonly string[],
  is: readonly string[],
  head: number,
  lines: Uint32Array,
): Uint32Array {
  const before = countOf(was);
  const after = countOf(is);
  const places = new Map(is.map((line, i) => [line, i]));
  const pairs: { readonly old: number; readonly now: number }[] = [];
  was.forEach((line, old) => {
    const now = places.get(line);
    if (now !== undefined && before.get(line) === 1 && after.get(line) === 1) pairs.push({ old, now });
  });
  for (const { old, now } of longestRise(pairs)) lines[head + old] = head + now + 1;
  spread(was, is, head, lines);
  return lines;
}

/** The longest subsequence in which `now` rises (patience sorting). */
function longestRise<T extends { readonly now: number }>(pairs: readonly T[]): T[] {
  interface Card {
    readonly pair: T;
    readonly under: Card | undefined;
  }
  const piles: Card[] = [];
  for (const pair of pairs) {
    let low = 0;
    let high = piles.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((piles[middle]?.pair.now ?? 0) < pair.now) low = middle + 1;
      else high = middle;
    }
    piles[low] = { pair, under: piles[low - 1] };
  }
  const rise: T[] = [];
  for (let card = piles.at(-1); card !== undefined; card = card.under) rise.push(card.pair);
  return rise.reverse();
}

/** Equal lines beside matched ones are matched too. */
function spread(was: readonly string[], is: readonly string[], head: number, lines: Uint32Array): void {
  for (let i = 1; i < was.length; i++) {
    const next = (lines[head + i - 1] ?? 0) - head;
    if (lines[head + i] === 0 && next > 0 && was[i] === is[next]) lines[head + i] = head + next + 1;
  }
  for (let i = was.length - 2; i >= 0; i--) {
    const previous = (lines[head + i + 1] ?? 0) - head - 2;
    if (lines[head + i] === 0 && previous >= 0 && was[i] === is[previous])
      lines[head + i] = head + previous + 1;
  }
}

function countOf(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

function mapOf(lines: Uint32Array, todayLines: number): LineMap {
  const lineOf = (packedLine: number): number => lines[packedLine - 1] ?? 0;
  return {
    intact({ startLine, endLine }) {
      const start = lineOf(startLine);
      if (start === 0) return undefined;
      for (let line = startLine; line <= endLine; line++)
        if (lineOf(line) !== start + line - startLine) return undefined;
      return { startLine: start, endLine: start + endLine - startLine };
    },
    near({ startLine, endLine }) {
      let above = startLine;
      while (above > 0 && lineOf(above) === 0) above--;
      const gone = startLine - above;
      const start = Math.max(1, Math.min(lineOf(above) + Math.min(gone, 1), todayLines));
      return {
        startLine: start,
        endLine: Math.max(start, Math.min(start + endLine - startLine, todayLines)),
      };
    },
  };
}
