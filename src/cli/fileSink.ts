import { lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { PackSink } from '../core/pack/render.ts';

/** Buffers of one system call; 1024 is the most that some take. */
const mostBuffers = 1000;

/** A file under way: whatever was there stays until {@link commit}. */
export interface FileSink extends PackSink {
  commit(): Promise<void>;
  /** After {@link commit}, nothing; before, nothing is left of what was written. */
  dispose(): Promise<void>;
}

/**
 * A pack's way into a file, beside which it grows until it is whole. What is no regular file, such as a pipe, is
 * written as it comes. Everything rejects where that cannot be.
 */
export function fileSink(path: string): FileSink {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  let file: FileHandle | undefined;
  let growing: string | undefined;
  return {
    async begin() {
      await file?.close();
      growing = (await isReplaceable(path)) ? beside : undefined;
      file = await open(growing ?? path, 'w');
    },
    async write(segments) {
      if (file !== undefined) await writeAll(file, segments);
    },
    async commit() {
      await file?.close();
      file = undefined;
      if (growing !== undefined) await rename(growing, path);
      growing = undefined;
    },
    async dispose() {
      await file?.close();
      if (growing !== undefined) await rm(growing, { force: true });
    },
  };
}

async function isReplaceable(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

/** Without making one buffer of them, which would take the memory a second time. */
async function writeAll(file: FileHandle, segments: readonly Uint8Array[]): Promise<void> {
  for (let i = 0; i < segments.length; i += mostBuffers) {
    let rest = segments.slice(i, i + mostBuffers);
    // A full disk, or a pipe, takes less than it is given.
    while (rest.length > 0) {
      const { bytesWritten } = await file.writev(rest);
      rest = after(rest, bytesWritten);
    }
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
