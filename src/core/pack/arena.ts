/** Of memory that comes back and is used again, bytes. */
export const spareBlock = 1024 * 1024;
/** More than this is in no block: it has memory of its own, which may go away alone. */
export const mostInBlock = spareBlock / 4;

export type Allocate = (bytes: number) => Buffer;

/**
 * Memory for many buffers that are handed over to another thread together, or copied: a few large blocks take a tenth
 * of the time that thousands of small ones take. From blocks that were used before, while there are any; then from
 * `blocks`, to which it adds what it makes. Never from Node's pool, which cannot be handed over.
 */
export function createSpareArena(blocks: ArrayBuffer[]): Allocate {
  let used = 0;
  let block: Buffer = Buffer.alloc(0);
  return bytes => {
    if (bytes > mostInBlock) return Buffer.allocUnsafeSlow(bytes);
    if (bytes > block.length) {
      const next = blocks[used] ?? new ArrayBuffer(spareBlock);
      blocks[used++] = next;
      block = Buffer.from(next);
    }
    const buffer = block.subarray(0, bytes);
    block = block.subarray(bytes);
    return buffer;
  };
}
