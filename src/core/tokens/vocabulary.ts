/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
import { tokenBytes, type RankTable } from './ranks.ts';

/**
 * 32-bit hash of a byte range, four bytes at a time. Ranges up to 12 bytes are always mixed as three words, which
 * is what lets the counter hash them from the words it has loaded anyway: {@link hashWords}.
 */
export function hashRange(view: DataView, start: number, length: number): number {
  if (length <= 12) {
    return hashWords(
      wordAt(view, start, length),
      wordAt(view, start + 4, length - 4),
      wordAt(view, start + 8, length - 8),
      length,
    );
  }
  let hash = hashWords(
    view.getInt32(start, true),
    view.getInt32(start + 4, true),
    view.getInt32(start + 8, true),
    length,
  );
  for (let done = 12; done < length; done += 4) {
    hash = Math.imul(hash ^ wordAt(view, start + done, length - done), 0x2c1b3c6d);
    hash ^= hash >>> 15;
  }
  return hash;
}

/** The three products do not wait for each other, which is worth a tenth of all counting. */
export function hashWords(first: number, second: number, third: number, length: number): number {
  const sum =
    Math.imul(first ^ length, 0x85ebca6b) ^ Math.imul(second, 0xc2b2ae35) ^ Math.imul(third, 0x27d4eb2f);
  const hash = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** {@link hashWords} of a piece whose third word is empty. */
export function hashTwoWords(first: number, second: number, length: number): number {
  const sum = Math.imul(first ^ length, 0x85ebca6b) ^ Math.imul(second, 0xc2b2ae35);
  const hash = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** Little-endian word of up to four bytes, zero where the range has ended; `view` has 4 bytes to spare. */
function wordAt(view: DataView, start: number, left: number): number {
  if (left >= 4) return view.getInt32(start, true);
  return left <= 0 ? 0 : view.getInt32(start, true) & ((1 << (left * 8)) - 1);
}

/** Bytes that every buffer given to {@link hashRange} must have after its content. */
export const PADDING = 16;

/** Token bytes -> rank, by open addressing over typed arrays. */
export interface Vocabulary {
  readonly size: number;
  /** Bytes of the longest token. */
  readonly longest: number;
  /** Rank of each single byte; -1 where the vocabulary lacks it. */
  readonly byteRank: Int32Array;
  /** Token bytes in rank order, with padding. */
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  /** Rank of a byte range whose hash is `hash`, or -1. */
  find(bytes: Uint8Array, start: number, length: number, hash: number): number;
}

/** All that a vocabulary is made of, in memory that threads share: to make it takes longer than to count a megabyte. */
export interface VocabularyTables extends Omit<Vocabulary, 'find'> {
  /** Pairs of hash and rank + 1, a power of two of them. */
  readonly slots: Int32Array;
}

export function buildVocabulary(table: RankTable): Vocabulary {
  return openVocabulary(vocabularyTables(table));
}

export function vocabularyTables(table: RankTable): VocabularyTables {
  const { size } = table;
  const offsets = new Uint32Array(new SharedArrayBuffer(table.offsets.byteLength));
  offsets.set(table.offsets);
  const bytes = new Uint8Array(new SharedArrayBuffer(table.bytes.length + PADDING));
  bytes.set(table.bytes);
  const view = new DataView(bytes.buffer);
  const mask = (1 << (33 - Math.clz32(size))) - 1;
  const slots = new Int32Array(new SharedArrayBuffer((mask + 1) * 8));
  const byteRank = new Int32Array(new SharedArrayBuffer(256 * 4)).fill(-1);
  let longest = 0;
  for (let rank = 0; rank < size; rank++) {
    const start = offsets[rank]!;
    const length = offsets[rank + 1]! - start;
    if (length === 1) byteRank[bytes[start]!] = rank;
    if (length > longest) longest = length;
    const hash = hashRange(view, start, length);
    let slot = hash & mask;
    while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
    slots[slot * 2] = hash;
    slots[slot * 2 + 1] = rank + 1;
  }
  return { size, longest, byteRank, bytes, offsets, slots };
}

export function openVocabulary({ slots, ...tables }: VocabularyTables): Vocabulary {
  const { bytes, offsets } = tables;
  const mask = slots.length / 2 - 1;

  function find(text: Uint8Array, start: number, length: number, hash: number): number {
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot * 2 + 1]! - 1;
      if (found < 0) return -1;
      if (slots[slot * 2] !== hash) continue;
      const from = offsets[found]!;
      if (offsets[found + 1]! - from !== length) continue;
      let same = 0;
      while (same < length && bytes[from + same] === text[start + same]) same++;
      if (same === length) return found;
    }
  }

  return { ...tables, find };
}

/** Single bytes the table lacks: byte-pair encoding cannot start without them. */
export function missingBytes(table: RankTable): readonly number[] {
  const seen = new Uint8Array(256);
  for (let rank = 0; rank < table.size; rank++) {
    const token = tokenBytes(table, rank);
    if (token.length === 1) seen[token[0]!] = 1;
  }
  return [...seen.keys()].filter(byte => seen[byte] === 0);
}
