/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
import { hashRange, PADDING, type Vocabulary } from './vocabulary.ts';

/** Priority of a pair that does not merge. */
export const NEVER = 0x7fffffff;

/** Which neighbouring tokens merge: the lower the priority, the earlier. */
export interface Pairs {
  /** Priority of merging two ranks, or {@link NEVER}. */
  priority(left: number, right: number): number;
  /** Rank that the merge of this priority makes. */
  merged(priority: number): number;
}

const CACHE_BITS = 17;

/**
 * tiktoken's rule: two tokens merge where their joined bytes are a token, whose rank is the priority. Answers are
 * kept in a direct-mapped cache of fixed size, where a newer pair takes an older one's place.
 */
export function rankPairs(vocabulary: Vocabulary): Pairs {
  const { bytes, offsets, longest } = vocabulary;
  const joined = new Uint8Array(longest + PADDING);
  const view = new DataView(joined.buffer);
  const cache = new Int32Array(3 << CACHE_BITS).fill(-1);

  function priority(left: number, right: number): number {
    const slot = (pairHash(left, right) >>> (32 - CACHE_BITS)) * 3;
    if (cache[slot] === left && cache[slot + 1] === right) return cache[slot + 2]!;
    const found = look(left, right);
    cache[slot] = left;
    cache[slot + 1] = right;
    cache[slot + 2] = found;
    return found;
  }

  function look(left: number, right: number): number {
    const leftStart = offsets[left]!;
    const leftLength = offsets[left + 1]! - leftStart;
    const rightStart = offsets[right]!;
    const length = leftLength + offsets[right + 1]! - rightStart;
    if (length > longest) return NEVER;
    for (let i = 0; i < leftLength; i++) joined[i] = bytes[leftStart + i]!;
    for (let i = leftLength; i < length; i++) joined[i] = bytes[rightStart + i - leftLength]!;
    const rank = vocabulary.find(joined, 0, length, hashRange(view, 0, length));
    return rank < 0 ? NEVER : rank;
  }

  return { priority, merged: rank => rank };
}

/**
 * Hugging Face's rule: exactly the listed merges, the earlier in the list the earlier done. `merges` holds three
 * numbers per merge: left, right and resulting rank. Of a pair listed twice the last counts, as in a hash map.
 */
export function listedPairs(merges: Int32Array): Pairs {
  const count = merges.length / 3;
  const mask = (1 << (33 - Math.clz32(count))) * 2 - 1;
  /** Triples of left, right and priority; the priority of an empty slot is -1. */
  const slots = new Int32Array((mask + 1) * 3).fill(-1);
  for (let index = 0; index < count; index++) {
    const left = merges[index * 3]!;
    const right = merges[index * 3 + 1]!;
    let slot = pairHash(left, right) & mask;
    while (slots[slot * 3 + 2] !== -1 && (slots[slot * 3] !== left || slots[slot * 3 + 1] !== right)) {
      slot = (slot + 1) & mask;
    }
    slots[slot * 3] = left;
    slots[slot * 3 + 1] = right;
    slots[slot * 3 + 2] = index;
  }

  function priority(left: number, right: number): number {
    for (let slot = pairHash(left, right) & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot * 3 + 2]!;
      if (found === -1) return NEVER;
      if (slots[slot * 3] === left && slots[slot * 3 + 1] === right) return found;
    }
  }

  return { priority, merged: index => merges[index * 3 + 2]! };
}

function pairHash(left: number, right: number): number {
  const hash = Math.imul(Math.imul(left, 0x9e3779b1 | 0) ^ right, 0x85ebca6b | 0);
  return hash ^ (hash >>> 15);
}
