import { open } from 'node:fs/promises';

/** Buffers of one system call; 1024 is the most that some take. */
const mostBuffers = 1000;

/** Writes a file of many parts without making one of them, which would take the memory a second time. */
export async function writeSegments(path: string, segments: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let i = 0; i < segments.length; i += mostBuffers) {
      let rest = segments.slice(i, i + mostBuffers);
      // A full disk, or a pipe, takes less than it is given.
      while (rest.length > 0) {
        const { bytesWritten } = await file.writev(rest);
        rest = after(rest, bytesWritten);
      }
    }
  } finally {
    await file.close();
  }
}

/** What is left when so many bytes have gone. */
function after(segments: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let gone = bytes;
  const rest: Uint8Array[] = [];
  for (const segment of segments) {
    if (gone < segment.byteLength) rest.push(segment.subarray(gone));
    gone = Math.max(0, gone - segment.byteLength);
  }
  return rest;
}
