const firstBlock = 16 * 1024;
const mostBlock = 256 * 1024;

/**
 * Memory for many buffers that are handed over to another thread together: a few large blocks take a tenth of the
 * time that thousands of small ones take. Never from Node's pool, which cannot be handed over.
 */
export function createArena(): (bytes: number) => Buffer {
  let block = Buffer.alloc(0);
  // A few files must not hold a large block as long as one of them is remembered.
  let next = firstBlock;
  return bytes => {
    if (bytes > block.length) {
      if (bytes > next / 4) return Buffer.allocUnsafeSlow(bytes);
      block = Buffer.allocUnsafeSlow(next);
      next = Math.min(mostBlock, next * 2);
    }
    const buffer = block.subarray(0, bytes);
    block = block.subarray(bytes);
    return buffer;
  };
}
