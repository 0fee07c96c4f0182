/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds */

/** Bytes of a key: the first half of a SHA-256. */
export const keyBytes = 16;
/** Words of an entry: day of the last use, tokens, then the key. */
const ENTRY = 6;
const KEY = 2;
/** Slots of one index; a slot is one word: the number of an entry, or 0. */
interface Index {
  readonly at: number;
  readonly slots: number;
  /** Beyond so many entries, probing gets slow. */
  readonly most: number;
}

/** Words before the slots: entries, those of them made since the last {@link CountTable.takeFresh}, and places taken. */
const HEADER = 3;
/** Keys are spread over all of an index: that of some thousand entries must not touch the memory of a million slots. */
const SMALL: Index = { at: HEADER, slots: 1 << 16, most: 1 << 15 };
const LARGE: Index = { at: HEADER + SMALL.slots, slots: 1 << 20, most: (1 << 20) * 0.75 };
/** What is new beyond this is counted again instead of kept. */
const MOST = LARGE.most;
const ENTRIES = LARGE.at + LARGE.slots;
/** Two that add one key at once both take a place, and one of them is left unused: some more than {@link MOST}. */
const PLACES = MOST + 4096;
const NONE = 0;

/**
 * Token counts by key, in memory that all threads share, so that nothing is copied to a worker and what one counts
 * the others know. Entries are only ever added, and lie side by side whatever their keys are: of 23 MB of address space
 * only what is used is touched, and touching memory for the first time is what costs most here.
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
  memory = new SharedArrayBuffer((ENTRIES + PLACES * ENTRY) * 4),
  { now }: { readonly now: () => number } = Date,
): CountTable {
  const words = new Int32Array(memory);
  const today = () => Math.floor(now() / 86_400_000);
  /** A key's words, wherever its bytes lie. */
  const asked = new Int32Array(keyBytes / 4);
  const askedBytes = new Uint8Array(asked.buffer);

  const placeOf = (entry: number) => ENTRIES + (entry - 1) * ENTRY;
  /** Not the same bits for both: what is beside each other in the one would be so in the other. */
  const firstSlot = (index: Index) =>
    index === SMALL ? Math.imul(asked[0]!, 0x9e3779b1) >>> 16 : asked[0]! & (index.slots - 1);
  /** Another thread may have gone on to the large one a moment before. */
  const hasLarge = () => Atomics.load(words, 2) >= SMALL.most;

  /** Where the entry of `asked` lies, or -1. */
  function find(): number {
    const at = findIn(SMALL);
    return at < 0 && hasLarge() ? findIn(LARGE) : at;
  }

  function findIn(index: Index): number {
    const { at, slots } = index;
    for (let slot = firstSlot(index); ; slot = (slot + 1) & (slots - 1)) {
      const entry = Atomics.load(words, at + slot);
      if (entry === NONE) return -1;
      if (holds(placeOf(entry))) return placeOf(entry);
    }
  }

  function holds(at: number): boolean {
    for (let i = 0; i < asked.length; i++) if (words[at + KEY + i] !== asked[i]) return false;
    return true;
  }

  /** True where `asked` was added. */
  function insert(tokens: number, day: number): boolean {
    if (Atomics.load(words, 0) >= MOST || find() >= 0) return false;
    const entry = Atomics.add(words, 2, 1) + 1;
    if (entry > PLACES) return false;
    const at = placeOf(entry);
    words[at] = day;
    words[at + 1] = tokens;
    words.set(asked, at + KEY);
    // The slot last, so that nobody finds half an entry.
    const index = entry <= SMALL.most ? SMALL : LARGE;
    for (let slot = firstSlot(index); ; slot = (slot + 1) & (index.slots - 1)) {
      const other = Atomics.compareExchange(words, index.at + slot, NONE, entry);
      if (other === NONE) break;
      // Another thread was faster: nothing leads to this place.
      if (holds(placeOf(other))) return false;
    }
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
      words[at] = today();
      return words[at + 1]!;
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
      const end = hasLarge() ? ENTRIES : LARGE.at;
      for (let slot = HEADER; slot < end && to < all.length; slot++) {
        const entry = Atomics.load(words, slot);
        if (entry === NONE) continue;
        const at = placeOf(entry);
        all.set(words.subarray(at, at + ENTRY), to);
        to += ENTRY;
      }
      return all.subarray(0, to);
    },
  };
}
