/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
import { isUtf8 } from 'node:buffer';

import { createEncoder } from './bpe.ts';
import type { TokenCounter } from './counter.ts';
import type { Pairs } from './pairs.ts';
import { createPieceCounts, LONGEST_KEPT } from './pieceCounts.ts';
import type { Splitter } from './pretokenise.ts';
import { SENTINEL } from './unicode.ts';
import { hashRange, hashTwoWords, hashWords, PADDING, type Vocabulary } from './vocabulary.ts';

export interface CounterParts {
  readonly id: string;
  readonly vocabulary: Vocabulary;
  readonly pairs: Pairs;
  readonly splitter: Splitter;
  /** True where a piece that is a token as a whole is that token, whatever the merges would make of it. */
  readonly wholePieces: boolean;
  /** True where text is brought to Unicode normal form C first (Qwen). */
  readonly normalise?: boolean;
}

/** Text is counted in windows of about this many bytes, which stay in the processor's cache. */
const WINDOW = 1 << 18;
/** Bytes per call of the innermost loop: V8 compiles what is called often better than what loops long. */
const STRETCH = 1 << 13;
/** UTF-16 units that surely fit a window as UTF-8. */
const SHORT_TEXT = Math.floor(WINDOW / 3);

const FRONT_BITS = 17;
/** Longest piece of an entry of two words, beside its length and count: five of six pieces. */
const SHORT_LENGTH = 7;
/** Longest piece of an entry of three words. */
const FRONT_LENGTH = 12;
const LONG_BITS = 12;
/** Of an entry: length and count, the last bytes, then as many whole words as the piece has. */
const LONG_WORDS = 16;
const LONG_LENGTH = 4 * (LONG_WORDS - 2) - 1;

/** What of each of a piece's three words belongs to it, by its length: masks, because branches are mispredicted. */
const [firstMasks, secondMasks, thirdMasks] = [0, 4, 8].map(start =>
  Int32Array.from({ length: FRONT_LENGTH + 1 }, (_, length) => {
    const bytes = Math.min(4, Math.max(0, length - start));
    return bytes === 4 ? -1 : (1 << (bytes * 8)) - 1;
  }),
) as [Int32Array, Int32Array, Int32Array];

/**
 * The fast exact counter. A piece is looked up in three places, each larger and slower than the one before: a
 * direct-mapped front cache of its length (most pieces), the vocabulary, and the counts of pieces encoded before; only
 * then is it encoded. Memory is fixed (about 20 MB) but for the working space of one very long line or piece.
 */
export function createFastCounter(parts: CounterParts): TokenCounter {
  const { vocabulary, splitter, wholePieces } = parts;
  const encode = createEncoder(vocabulary.byteRank, parts.pairs);
  const seen = createPieceCounts();
  /** Three words of the piece, then length << 8 | count; a zero length is an empty entry. */
  const front = new Int32Array(4 << FRONT_BITS);
  /** Two words; of the second, the top byte is length << 3 | count. */
  const short = new Int32Array(2 << FRONT_BITS);
  const long = new Int32Array(LONG_WORDS << LONG_BITS);
  const window = new Uint8Array(WINDOW + PADDING);
  const windowView = new DataView(window.buffer);
  const encoder = new TextEncoder();
  let position = 0;

  /** Counts `bytes[0 .. end)`; `bytes[end]` is overwritten with the sentinel. */
  function countWindow(bytes: Uint8Array, view: DataView, end: number): number {
    bytes[end] = SENTINEL;
    let total = 0;
    for (position = 0; position < end;)
      total += countStretch(bytes, view, position, Math.min(end, position + STRETCH));
    return total;
  }

  /** Counts the pieces that begin in `[at .. stop)`, and leaves where the last one ends in `position`. */
  function countStretch(bytes: Uint8Array, view: DataView, at: number, stop: number): number {
    let total = 0;
    while (at < stop) {
      const after = splitter.next(bytes, at);
      const length = after - at;
      if (length <= SHORT_LENGTH) {
        const first = view.getInt32(at, true) & firstMasks[length]!;
        const second = view.getInt32(at + 4, true) & secondMasks[length]!;
        const hash = hashTwoWords(first, second, length);
        const slot = (hash >>> (32 - FRONT_BITS)) << 1;
        const rest = short[slot + 1]!;
        if (short[slot] === first && ((rest ^ second ^ (length << 27)) & ~(7 << 24)) === 0) {
          total += (rest >>> 24) & 7;
        } else {
          const count = countPiece(bytes, at, length, hash);
          short[slot] = first;
          short[slot + 1] = second | (length << 27) | (count << 24);
          total += count;
        }
        at = after;
        continue;
      }
      if (length > FRONT_LENGTH) {
        total += countLong(bytes, view, at, length);
        at = after;
        continue;
      }
      const first = view.getInt32(at, true) & firstMasks[length]!;
      const second = view.getInt32(at + 4, true) & secondMasks[length]!;
      const third = view.getInt32(at + 8, true) & thirdMasks[length]!;
      const hash = hashWords(first, second, third, length);
      const slot = (hash >>> (32 - FRONT_BITS)) << 2;
      const meta = front[slot + 3]!;
      if (
        meta >>> 8 === length &&
        front[slot] === first &&
        front[slot + 1] === second &&
        front[slot + 2] === third
      ) {
        total += meta & 255;
      } else {
        const count = countPiece(bytes, at, length, hash);
        front[slot] = first;
        front[slot + 1] = second;
        front[slot + 2] = third;
        front[slot + 3] = (length << 8) | count;
        total += count;
      }
      at = after;
    }
    position = at;
    return total;
  }

  /** Runs of blanks and long names: few of them differ. */
  function countLong(bytes: Uint8Array, view: DataView, start: number, length: number): number {
    const hash = hashRange(view, start, length);
    if (length > LONG_LENGTH) return countPiece(bytes, start, length, hash);
    const slot = (hash >>> (32 - LONG_BITS)) * LONG_WORDS;
    const whole = length >> 2;
    const last = view.getInt32(start + 4 * whole, true) & ((1 << ((length & 3) * 8)) - 1);
    if (long[slot]! >>> 8 === length && long[slot + 1] === last) {
      let same = 0;
      while (same < whole && long[slot + 2 + same] === view.getInt32(start + 4 * same, true)) same++;
      if (same === whole) return long[slot]! & 255;
    }
    const count = countPiece(bytes, start, length, hash);
    long[slot] = (length << 8) | count;
    long[slot + 1] = last;
    for (let i = 0; i < whole; i++) long[slot + 2 + i] = view.getInt32(start + 4 * i, true);
    return count;
  }

  function countPiece(bytes: Uint8Array, start: number, length: number, hash: number): number {
    if (wholePieces && length <= vocabulary.longest && vocabulary.find(bytes, start, length, hash) >= 0)
      return 1;
    if (length > LONGEST_KEPT) return encode(bytes, start, length);
    const known = seen.get(bytes, start, length, hash);
    if (known > 0) return known;
    const count = encode(bytes, start, length);
    seen.add(bytes, start, length, hash, count);
    return count;
  }

  function countValid(bytes: Uint8Array): number {
    let total = 0;
    for (let from = 0; from < bytes.length;) {
      const to = windowEnd(bytes, from);
      const length = to - from;
      const fits = length <= WINDOW;
      const target = fits ? window : new Uint8Array(length + PADDING);
      target.set(bytes.subarray(from, to));
      total += countWindow(target, fits ? windowView : new DataView(target.buffer), length);
      from = to;
    }
    return total;
  }

  function countText(text: string): number {
    if (parts.normalise) return countValid(encoder.encode(text.normalize('NFC')));
    if (text.length > SHORT_TEXT) return countValid(encoder.encode(text));
    return countWindow(window, windowView, encoder.encodeInto(text, window).written);
  }

  function countUtf8(bytes: Uint8Array): number {
    if (parts.normalise || !isUtf8(bytes))
      return countText(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    return countValid(bytes);
  }

  return { id: parts.id, exact: true, countText, countUtf8 };
}

const NEWLINE = 0x0a;

/**
 * Where the window that starts at `from` may end: at the end, or after a newline that an ASCII character other than
 * white space and `/` follows. There every splitter ends a piece, whatever stands around, so the sum is exact.
 * A line longer than a window makes a longer window.
 */
function windowEnd(bytes: Uint8Array, from: number): number {
  if (bytes.length - from <= WINDOW) return bytes.length;
  for (let at = from + WINDOW; at > from; at--) if (isBoundary(bytes, at)) return at;
  for (let at = from + WINDOW + 1; at < bytes.length; at++) if (isBoundary(bytes, at)) return at;
  return bytes.length;
}

function isBoundary(bytes: Uint8Array, at: number): boolean {
  const after = bytes[at]!;
  return bytes[at - 1] === NEWLINE && after > 0x20 && after < 0x7f && after !== 0x2f;
}
