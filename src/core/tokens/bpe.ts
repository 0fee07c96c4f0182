/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
import { NEVER, type Pairs } from './pairs.ts';

/** Up to here a scan over an array beats a heap, although it is quadratic. Bytes. */
const SCAN_LIMIT = 128;

/** Counts the tokens that byte-pair encoding makes of `length` bytes at `start`; never looks beyond them. */
export type PieceEncoder = (bytes: Uint8Array, start: number, length: number) => number;

/**
 * Byte-pair encoding over token ids: always the pair of lowest priority, the leftmost of equals. Long pieces use a
 * heap, so that a run of n bytes costs n log n; its memory, about 36 bytes per byte, is freed with the call.
 */
export function createEncoder(byteRank: Int32Array, pairs: Pairs): PieceEncoder {
  const ids = new Int32Array(SCAN_LIMIT);
  const order = new Int32Array(SCAN_LIMIT);
  /** Priority + 1 of two single bytes; 0 where it was not asked yet. */
  const bytePairs = new Int32Array(65536);

  function bytePriority(first: number, second: number): number {
    const slot = (first << 8) | second;
    const known = bytePairs[slot]!;
    if (known !== 0) return known < 0 ? NEVER : known - 1;
    const priority = pairs.priority(byteRank[first]!, byteRank[second]!);
    bytePairs[slot] = priority === NEVER ? -1 : priority + 1;
    return priority;
  }

  function scan(bytes: Uint8Array, start: number, length: number): number {
    const last = length - 1;
    ids[0] = byteRank[bytes[start]!]!;
    let best = NEVER;
    let at = -1;
    for (let i = 0; i < last; i++) {
      const priority = bytePriority(bytes[start + i]!, bytes[start + i + 1]!);
      ids[i + 1] = byteRank[bytes[start + i + 1]!]!;
      order[i] = priority;
      if (priority < best) {
        best = priority;
        at = i;
      }
    }
    let count = length;
    while (best !== NEVER) {
      ids[at] = pairs.merged(best);
      count--;
      for (let i = at + 1; i < count; i++) {
        ids[i] = ids[i + 1]!;
        order[i] = order[i + 1]!;
      }
      if (at > 0) order[at - 1] = pairs.priority(ids[at - 1]!, ids[at]!);
      if (at + 1 < count) order[at] = pairs.priority(ids[at]!, ids[at + 1]!);
      best = NEVER;
      for (let i = 0; i + 1 < count; i++) {
        if (order[i]! < best) {
          best = order[i]!;
          at = i;
        }
      }
    }
    return count;
  }

  return (bytes, start, length) =>
    length <= SCAN_LIMIT ? scan(bytes, start, length) : encodeLong(bytes, start, length, byteRank, pairs);
}

/** Positions fit below this, priorities above: one double orders by priority, then from the left. */
const POSITIONS = 2 ** 31;

function encodeLong(
  bytes: Uint8Array,
  start: number,
  length: number,
  byteRank: Int32Array,
  pairs: Pairs,
): number {
  const ids = new Int32Array(length);
  /** Priority of the pair that begins at a position; NEVER where the position has been merged away. */
  const order = new Int32Array(length).fill(NEVER);
  const next = new Int32Array(length);
  const previous = new Int32Array(length);
  const heap = createHeap(length);
  for (let i = 0; i < length; i++) {
    ids[i] = byteRank[bytes[start + i]!]!;
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  for (let i = 0; i + 1 < length; i++) rate(i);

  function rate(at: number): void {
    const after = next[at]!;
    const priority = after < length ? pairs.priority(ids[at]!, ids[after]!) : NEVER;
    order[at] = priority;
    if (priority !== NEVER) heap.push(priority * POSITIONS + at);
  }

  let count = length;
  for (let entry = heap.pop(); entry >= 0; entry = heap.pop()) {
    const priority = Math.floor(entry / POSITIONS);
    const at = entry - priority * POSITIONS;
    // An entry whose pair has changed since stays in the heap until it comes up.
    if (order[at] !== priority) continue;
    const gone = next[at]!;
    const after = next[gone]!;
    ids[at] = pairs.merged(priority);
    order[gone] = NEVER;
    next[at] = after;
    if (after < length) previous[after] = at;
    count--;
    rate(at);
    if (previous[at]! >= 0) rate(previous[at]!);
  }
  return count;
}

interface Heap {
  push(value: number): void;
  /** The least value, or -1 when empty. */
  pop(): number;
}

/** Binary heap of non-negative doubles, growing as needed. */
function createHeap(capacity: number): Heap {
  let values = new Float64Array(capacity + 1);
  let size = 0;

  function push(value: number): void {
    if (size === values.length) {
      const larger = new Float64Array(size * 2);
      larger.set(values);
      values = larger;
    }
    let at = size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (values[parent]! <= value) break;
      values[at] = values[parent]!;
      at = parent;
    }
    values[at] = value;
  }

  function pop(): number {
    if (size === 0) return -1;
    const top = values[0]!;
    const value = values[--size]!;
    let at = 0;
    for (let child = 1; child < size; child = at * 2 + 1) {
      if (child + 1 < size && values[child + 1]! < values[child]!) child++;
      if (values[child]! >= value) break;
      values[at] = values[child]!;
      at = child;
    }
    values[at] = value;
    return top;
  }

  return { push, pop };
}
