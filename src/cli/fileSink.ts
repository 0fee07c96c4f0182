import { writevSync, type BigIntStats } from 'node:fs';
import { lstat, open, readlink, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import type { PackSink } from '../core/pack/render.ts';
import { noStamp, stampOf, unhurried } from '../core/workspace/stamp.ts';

/** Buffers of one system call; 1024 is the most that some take. */
const mostBuffers = 1000;

/** So far back a file's time is set, ms: whoever writes to it after us leaves another one, even in the same tick. */
const setBack = 20;

/** A file that holds what was written, and nothing that anybody wrote since. */
export interface Placed {
  readonly file: string;
  /** See `stampOf`. */
  readonly stamp: string;
  /** Bytes. */
  readonly size: number;
}

/** A file under way: whatever was there stays until {@link commit}. */
export interface FileSink extends PackSink {
  /** The file it became; undefined where that is no regular file, or where a later write might not show. */
  commit(): Promise<Placed | undefined>;
  /** After {@link commit}, nothing; before, nothing is left of what was written. */
  dispose(): Promise<void>;
}

/**
 * A pack's way into a file, beside which it grows until it is whole. For what is no regular file, such as a pipe, it is
 * kept until then: what has gone there cannot be taken back when a file changes and the pack is made again. Everything
 * rejects where that cannot be.
 */
export function fileSink(path: string): FileSink {
  let file: FileHandle | undefined;
  let place: Place | undefined;
  let kept: Uint8Array[] = [];
  return {
    async begin() {
      await file?.close();
      kept = [];
      place = await placeOf(path);
      if (place.kind === 'stream') {
        file = undefined;
        return;
      }
      file = await open(place.growing, 'w', place.mode);
      // The mask of the process may have taken bits off.
      if (place.mode !== undefined) await file.chmod(place.mode);
    },
    async write(pieces) {
      // Nobody waits for this thread, and a write that leaves it is told of only after what the thread does next.
      const { fd } = file ?? {};
      if (fd !== undefined) await writeAll(pieces, rest => writevSync(fd, rest));
      // Their memory is used again.
      else kept.push(...pieces.map(piece => new Uint8Array(piece)));
    },
    async commit() {
      const ours = file && (await signed(file).catch(() => undefined));
      await file?.close();
      file = undefined;
      const done = place;
      if (done?.kind === 'stream') await writeTo(path, kept);
      else if (done !== undefined) await rename(done.growing, done.target);
      place = undefined;
      return done?.kind === 'file' && ours ? placedAs(done.target, ours).catch(() => undefined) : undefined;
    },
    async dispose() {
      await file?.close();
      if (place?.kind === 'file') await rm(place.growing, { force: true });
    },
  };
}

/** Sets a file's time back, and tells what it is then. Undefined where the file system keeps times too coarsely. */
async function signed(file: FileHandle): Promise<BigIntStats | undefined> {
  const then = Date.now() - setBack;
  // The last digit is not 0, so that a system that keeps seconds, or hundredths, gives another time back.
  const at = then % 10 === 0 ? then - 1 : then;
  await file.utimes(at / 1000, at / 1000);
  const stat = await file.stat({ bigint: true });
  return Math.round(Number(stat.mtimeNs) / 1e6) === at ? stat : undefined;
}

/** Where what stands at `target` is still what was written. */
async function placedAs(target: string, ours: BigIntStats): Promise<Placed | undefined> {
  const file = await realpath(target);
  const now = await lstat(file, { bigint: true });
  const isOurs =
    now.ino === ours.ino && now.dev === ours.dev && now.size === ours.size && now.mtimeNs === ours.mtimeNs;
  const stamp = stampOf(file, { ...unhurried, lstat: () => now });
  return isOurs && stamp !== noStamp ? { file, stamp, size: Number(now.size) } : undefined;
}

type Place =
  | { readonly kind: 'stream' }
  /** `mode` is that of the file which is there. */
  | { readonly kind: 'file'; readonly target: string; readonly growing: string; readonly mode?: number };

async function placeOf(path: string): Promise<Place> {
  const beside = (target: string) => join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  try {
    // Through links: the link stays, and what it leads to is replaced.
    const found = await stat(path);
    if (!found.isFile()) return { kind: 'stream' };
    const target = await realpath(path);
    return { kind: 'file', target, growing: beside(target), mode: found.mode & 0o777 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // Nothing is there, or a link that leads nowhere yet.
    const link = await readlink(path).catch(() => undefined);
    const target = link === undefined ? path : resolve(dirname(path), link);
    return { kind: 'file', target, growing: beside(target) };
  }
}

async function writeTo(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    // Who reads a pipe may take its time, in which Ctrl+C must be heard.
    await writeAll(pieces, async rest => (await file.writev(rest)).bytesWritten);
  } finally {
    await file.close();
  }
}

/** Without making one buffer of them, which would take the memory a second time. */
async function writeAll(
  pieces: readonly Uint8Array[],
  write: (some: readonly Uint8Array[]) => number | Promise<number>,
): Promise<void> {
  for (let i = 0; i < pieces.length; i += mostBuffers) {
    let rest = pieces.slice(i, i + mostBuffers);
    // A full disk, or a pipe, takes less than it is given.
    while (rest.length > 0) {
      rest = after(rest, await write(rest));
    }
  }
}

/** What is left when so many bytes have gone. */
function after(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let gone = bytes;
  const rest: Uint8Array[] = [];
  for (const piece of pieces) {
    if (gone < piece.byteLength) rest.push(piece.subarray(gone));
    gone = Math.max(0, gone - piece.byteLength);
  }
  return rest;
}
