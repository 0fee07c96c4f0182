/**
 * Numbers by text: a hash table of chains, in typed arrays. Texts are not kept, so what is found has to be compared; a
 * map of 100,000 strings is what the garbage collector pauses for.
 */
export interface ChainedIndex {
  /** Numbers 0 to `size - 1`, each once. The text is `text` from `from` on. */
  add(number: number, text: string, from?: number): void;
  /** Numbers of texts that may be this one, the last added first. */
  find(text: string): Iterable<number>;
}

export function createChainedIndex(size: number): ChainedIndex {
  // At most half full, and a power of two.
  const slots = 2 ** Math.ceil(Math.log2(2 * size + 2));
  /** One more than the number, so that 0 is the end of a chain. */
  const first = new Uint32Array(slots);
  const next = new Uint32Array(size);
  return {
    add(number, text, from = 0) {
      const slot = hashOf(text, from) & (slots - 1);
      next[number] = first[slot] ?? 0;
      first[slot] = number + 1;
    },
    *find(text) {
      const slot = hashOf(text, 0) & (slots - 1);
      for (let at = first[slot] ?? 0; at !== 0; at = next[at - 1] ?? 0) yield at - 1;
    },
  };
}

/** FNV-1a over UTF-16 units, http://www.isthe.com/chongo/tech/comp/fnv; its high bits mixed into the low ones. */
function hashOf(text: string, from: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}
