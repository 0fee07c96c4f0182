/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds */
// Loops count, here and in its like: an iterator makes an object for each file, and a generator's is not optimised away.
import type { Pausing } from '../pace.ts';

/** A file has at most so many forms to choose from. */
export const mostForms = 4;

/**
 * The forms each of many files may get, cheapest first, each worth more than the one before. Those of file `i` stand
 * from `mostForms * i` on. Arrays, because there may be 100,000 files, and a plan is made anew at each click.
 */
export interface Offers {
  readonly files: number;
  readonly counts: Uint8Array;
  readonly tokens: Uint32Array;
  readonly values: Float64Array;
}

/** The arrays may be longer than the files need, and hold anything beyond their counts. */
export function emptyOffers(files: number): Offers {
  const kept = spare;
  spare = undefined;
  // Nothing is written where a file's first form stands, which is none: 0 tokens, worth 0.
  if (kept !== undefined && kept.counts.length >= files) return { ...kept, files };
  const all = mostForms * files;
  return {
    files,
    counts: new Uint8Array(files),
    tokens: new Uint32Array(all),
    values: new Float64Array(all),
  };
}

/** Nobody uses these any more. To touch new memory takes longer than to plan: each click would need megabytes. */
export function giveBack(offers: Offers): void {
  if (spare === undefined || spare.counts.length < offers.counts.length) spare = offers;
}

let spare: Offers | undefined;

/** Steps from one form of a file to a better one, those that gain most first. */
export interface Steps {
  readonly file: Int32Array;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly best: Uint32Array;
}

/** Files looked at without a pause. */
const piece = 2000;

/** Steps such that none of a file gains more than the one before it: forms in between that are a bad bargain are passed over. */
export function* stepsOf(offers: Offers): Pausing<Steps> {
  const { files, counts, tokens, values } = offers;
  const most = (mostForms - 1) * files;
  const file = new Int32Array(most);
  const froms = new Uint8Array(most);
  const tos = new Uint8Array(most);
  /** Value per token gained. */
  const gains = new Float32Array(most);
  const gainOf = (a: number, b: number) =>
    ((values[b] ?? 0) - (values[a] ?? 0)) / Math.max(1, (tokens[b] ?? 0) - (tokens[a] ?? 0));
  let steps = 0;
  for (let i = 0; i < files; i++) {
    if (i % piece === 0) yield;
    const at = mostForms * i;
    const last = (counts[i] ?? 1) - 1;
    for (let from = 0; from < last; steps++) {
      let to = from + 1;
      let gain = gainOf(at + from, at + to);
      for (let further = to + 1; further <= last; further++) {
        const other = gainOf(at + from, at + further);
        if (other >= gain) [to, gain] = [further, other];
      }
      file[steps] = i;
      froms[steps] = from;
      tos[steps] = to;
      gains[steps] = gain;
      from = to;
    }
  }
  return { file, from: froms, to: tos, best: yield* descending(gains.subarray(0, steps)) };
}

/**
 * Which form each file gets in `room` tokens: the best next step of any file is taken while it fits, and what is left
 * goes to whatever still fits, in the order of `wanted`.
 */
export function* fillRoom(
  { files, counts, tokens }: Offers,
  steps: Steps,
  wanted: Uint32Array,
  room: number,
): Pausing<Uint8Array> {
  const chosen = new Uint8Array(files);
  let left = room;
  let looked = 0;
  const { best } = steps;
  for (let at = 0; at < best.length; at++) {
    if (++looked % (4 * piece) === 0) yield;
    const step = best[at]!;
    const i = steps.file[step] ?? 0;
    if (chosen[i] !== steps.from[step]) continue;
    const first = mostForms * i;
    const to = steps.to[step] ?? 0;
    const more = (tokens[first + to] ?? 0) - (tokens[first + (chosen[i] ?? 0)] ?? 0);
    if (more > left) continue;
    chosen[i] = to;
    left -= more;
  }
  // Room only shrinks, so that one pass leaves nothing that would still fit.
  yield;
  for (let at = 0; at < wanted.length; at++) {
    if (++looked % (4 * piece) === 0) yield;
    const i = wanted[at]!;
    const first = mostForms * i;
    for (let to = (counts[i] ?? 1) - 1; to > (chosen[i] ?? 0); to--) {
      const more = (tokens[first + to] ?? 0) - (tokens[first + (chosen[i] ?? 0)] ?? 0);
      if (more > left) continue;
      chosen[i] = to;
      left -= more;
    }
  }
  return chosen;
}

const digitBits = 11;
const digits = 1 << digitBits;

/**
 * Indices of positive numbers, largest first; equals keep their order. A radix sort, because it can be interrupted, and
 * takes half the time of one that compares.
 */
export function* descending(numbers: Float32Array): Pausing<Uint32Array> {
  // The bits of positive floats are in the order of the floats.
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const count = bits.length;
  let order = new Uint32Array(count);
  let next = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let shift = 0; shift < 32; shift += digitBits) {
    yield;
    const places = new Uint32Array(digits + 1);
    for (let i = 0; i < count; i++) places[((~bits[i]! >>> shift) & (digits - 1)) + 1]!++;
    for (let digit = 1; digit < digits; digit++) places[digit]! += places[digit - 1]!;
    yield;
    for (let at = 0; at < count; at++) {
      const i = order[at]!;
      next[places[(~bits[i]! >>> shift) & (digits - 1)]!++] = i;
    }
    [order, next] = [next, order];
  }
  return order;
}
