const firstBlock = 16 * 1024;
const mostBlock = 256 * 1024;
/** Of memory that comes back and is used again. */
export const spareBlock = 1024 * 1024;

export type Allocate = (bytes: number) => Buffer;

/**
 * Memory for many buffers that are handed over to another thread together: a few large blocks take a tenth of the
 * time that thousands of small ones take. Never from Node's pool, which cannot be handed over.
 */
export function createArena(): Allocate {
  // A few files must not hold a large block as long as one of them is remembered.
  let next = firstBlock;
  return fromBlocks(bytes => {
    if (bytes > next / 4) return undefined;
    const block = Buffer.allocUnsafeSlow(next);
    next = Math.min(mostBlock, next * 2);
    return block;
  });
}

/** From blocks that were used before, while there are any; then from `blocks`, to which it adds what it makes. */
export function createSpareArena(blocks: ArrayBuffer[]): Allocate {
  let used = 0;
  return fromBlocks(bytes => {
    if (bytes > spareBlock / 4) return undefined;
    if (used === blocks.length) blocks.push(new ArrayBuffer(spareBlock));
    const block = blocks[used++];
    return block === undefined ? undefined : Buffer.from(block);
  });
}

/** `more`: the next block, or undefined for what gets memory of its own. */
function fromBlocks(more: (bytes: number) => Buffer | undefined): Allocate {
  let block: Buffer = Buffer.alloc(0);
  return bytes => {
    if (bytes > block.length) {
      const next = more(bytes);
      if (next === undefined) return Buffer.allocUnsafeSlow(bytes);
      block = next;
    }
    const buffer = block.subarray(0, bytes);
    block = block.subarray(bytes);
    return buffer;
  };
}
