/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds */

/** Bytes of a key: the first half of a SHA-256. */
export const keyBytes = 16;
/** Words of an entry: state, day of the last use, then the key. */
const ENTRY = 6;
const KEY = 2;
const SLOTS = 1 << 20;
/** Beyond this, probing gets slow: what is new is counted again instead of kept. */
const MOST = SLOTS * 0.75;
/** Words before the slots: entries, and those of them made since the last {@link CountTable.takeFresh}. */
const HEADER = 2;
/** States of a slot; a count of n tokens is n + 1. */
const EMPTY = 0;
const WRITING = -1;

/**
 * Token counts by key, in memory that all threads share, so that nothing is copied to a worker and what one counts
 * the others know. Entries are only ever added. 25 MB of address space, of which only what is used is touched.
 */
export interface CountTable {
  readonly memory: SharedArrayBuffer;
  readonly size: number;
  /** Entries added since {@link takeFresh}, those of {@link merge} apart. */
  readonly fresh: number;
  /** Tokens of a key of {@link keyBytes} bytes, or undefined; marks it as used today. */
  get(key: Uint8Array): number | undefined;
  /** Does nothing where the table is full, or knows the key. */
  add(key: Uint8Array, tokens: number): void;
  /** Takes in `[day, tokens, key…]` words as {@link entries} gives them. */
  merge(words: Int32Array): void;
  /** Resets {@link fresh}, telling what it was. */
  takeFresh(): number;
  /** What a save that failed had taken. */
  giveBackFresh(count: number): void;
  /** All entries as words: day of the last use, tokens, four words of key. */
  entries(): Int32Array;
}

/** Words of one entry as {@link CountTable.entries} gives it: the same size as in the table. */
export const entryWords = ENTRY;

/** `memory` is another thread's table; absent, a new one is made. `now` is Unix time in ms. */
export function createCountTable(
  memory = new SharedArrayBuffer((HEADER + SLOTS * ENTRY) * 4),
  { now }: { readonly now: () => number } = Date,
): CountTable {
  const words = new Int32Array(memory);
  const today = () => Math.floor(now() / 86_400_000);
  /** A key's words, wherever its bytes lie. */
  const asked = new Int32Array(keyBytes / 4);
  const askedBytes = new Uint8Array(asked.buffer);

  /** The slot that holds `asked`, or -1. */
  function find(): number {
    let slot = asked[0]! & (SLOTS - 1);
    for (let probes = 0; probes < SLOTS; probes++) {
      const at = HEADER + slot * ENTRY;
      const state = Atomics.load(words, at);
      if (state === EMPTY) return -1;
      if (state !== WRITING && holds(at)) return at;
      slot = (slot + 1) & (SLOTS - 1);
    }
    return -1;
  }

  function holds(at: number): boolean {
    for (let i = 0; i < asked.length; i++) if (words[at + KEY + i] !== asked[i]) return false;
    return true;
  }

  /** True where `asked` was added. Two threads that add one key at once add it twice, with the same count. */
  function insert(tokens: number, day: number): boolean {
    if (words[0]! >= MOST || find() >= 0) return false;
    let slot = asked[0]! & (SLOTS - 1);
    while (Atomics.compareExchange(words, HEADER + slot * ENTRY, EMPTY, WRITING) !== EMPTY) {
      slot = (slot + 1) & (SLOTS - 1);
    }
    const at = HEADER + slot * ENTRY;
    words[at + 1] = day;
    words.set(asked, at + KEY);
    // Last, so that nobody reads half an entry.
    Atomics.store(words, at, tokens + 1);
    Atomics.add(words, 0, 1);
    return true;
  }

  return {
    memory,
    get size() {
      return Atomics.load(words, 0);
    },
    get fresh() {
      return Atomics.load(words, 1);
    },
    get(key) {
      askedBytes.set(key.subarray(0, keyBytes));
      const at = find();
      if (at < 0) return undefined;
      words[at + 1] = today();
      return words[at]! - 1;
    },
    add(key, tokens) {
      askedBytes.set(key.subarray(0, keyBytes));
      if (insert(tokens, today())) Atomics.add(words, 1, 1);
    },
    merge(list) {
      const latest = today();
      for (let from = 0; from + ENTRY <= list.length; from += ENTRY) {
        asked.set(list.subarray(from + KEY, from + ENTRY));
        insert(list[from + 1]!, Math.min(list[from]!, latest));
      }
    },
    takeFresh: () => Atomics.exchange(words, 1, 0),
    giveBackFresh: count => void Atomics.add(words, 1, count),
    entries() {
      const all = new Int32Array(Atomics.load(words, 0) * ENTRY);
      let to = 0;
      for (let at = HEADER; at < words.length && to < all.length; at += ENTRY) {
        const state = Atomics.load(words, at);
        if (state === EMPTY || state === WRITING) continue;
        all[to] = words[at + 1]!;
        all[to + 1] = state - 1;
        for (let i = KEY; i < ENTRY; i++) all[to + i] = words[at + i]!;
        to += ENTRY;
      }
      return all.subarray(0, to);
    },
  };
}
