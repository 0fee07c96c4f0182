/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
/** Bytes of the longest piece remembered; longer ones are too rare to come again. */
export const LONGEST_KEPT = 256;

const SLOTS = 1 << 19;
const MOST_PIECES = 1 << 18;
const MOST_BYTES = 1 << 22;

/** Piece -> its token count, for pieces that are not one token: encoding costs hundreds of times a look-up. */
export interface PieceCounts {
  /** Count of a piece whose hash is `hash`, or 0 where it is not known. */
  get(bytes: Uint8Array, start: number, length: number, hash: number): number;
  add(bytes: Uint8Array, start: number, length: number, hash: number, count: number): void;
}

/**
 * Bounded: 9 MB at most, of which only what is used is touched. When full it forgets everything, which costs less
 * than any bookkeeping of what to keep (evicting one by one is what makes other counters collapse on base64).
 */
export function createPieceCounts(): PieceCounts {
  /** Piece number + 1. */
  const slots = new Int32Array(SLOTS);
  const hashes = new Int32Array(MOST_PIECES);
  const offsets = new Int32Array(MOST_PIECES + 1);
  const counts = new Uint16Array(MOST_PIECES);
  const kept = new Uint8Array(MOST_BYTES + LONGEST_KEPT);
  let pieces = 0;

  function get(bytes: Uint8Array, start: number, length: number, hash: number): number {
    for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const piece = slots[slot]! - 1;
      if (piece < 0) return 0;
      if (hashes[piece] !== hash) continue;
      const from = offsets[piece]!;
      if (offsets[piece + 1]! - from !== length) continue;
      let same = 0;
      while (same < length && kept[from + same] === bytes[start + same]) same++;
      if (same === length) return counts[piece]!;
    }
  }

  function add(bytes: Uint8Array, start: number, length: number, hash: number, count: number): void {
    if (pieces === MOST_PIECES || offsets[pieces]! > MOST_BYTES) {
      slots.fill(0);
      pieces = 0;
    }
    const from = offsets[pieces]!;
    for (let i = 0; i < length; i++) kept[from + i] = bytes[start + i]!;
    hashes[pieces] = hash;
    counts[pieces] = count;
    offsets[++pieces] = from + length;
    let slot = hash & (SLOTS - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
    slots[slot] = pieces;
  }

  return { get, add };
}
