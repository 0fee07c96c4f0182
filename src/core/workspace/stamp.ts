/** What the file system says of a file without reading it: the same stamp, the same content. */
import { lstatSync, type BigIntStats } from 'node:fs';
import { fsPath } from './names.ts';

/** Never equal to another stamp that counts: the file has to be read. */
export const noStamp = '';

/**
 * Time stamps are this coarse where they are coarsest (FAT), in ns: a file written this recently may be written again
 * without its stamp changing. Git's index has the same rule ("racily clean").
 */
const racyNs = 2_000_000_000n;

/** What is asked of the machine: a seam for times no test can wait for. */
export interface StampDeps {
  readonly lstat: (path: string | Buffer) => BigIntStats | undefined;
  /** Nanoseconds since 1970. */
  readonly now: () => bigint;
}

const nodeStamps: StampDeps = {
  lstat: path => lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  now: () => BigInt(Date.now()) * 1_000_000n,
};

/** Also what was written just now has a stamp: for who knows otherwise that nobody wrote since. */
export const unhurried: StampDeps = { ...nodeStamps, now: () => 2n ** 64n };

/** One look at a file. */
export interface Look {
  /** See {@link stampOf}. */
  readonly stamp: string;
  /** Bytes of a regular file; undefined for all else, such as a link to one. */
  readonly size: number | undefined;
}

const unseen: Look = { stamp: noStamp, size: undefined };

/**
 * Size, times and identity of a file. The time of change (ctime) is among them, which no tool can set back. Take it
 * before reading the content it stands for. {@link noStamp} for what is not there, and for what changed just now.
 */
export function stampOf(absolutePath: string, deps?: StampDeps): string {
  return lookAt(absolutePath, deps).stamp;
}

export function lookAt(absolutePath: string, deps: StampDeps = nodeStamps): Look {
  try {
    const stat = deps.lstat(fsPath(absolutePath));
    if (stat === undefined) return unseen;
    const { mtimeNs, ctimeNs, ino, dev, mode } = stat;
    const size = stat.isFile() ? Number(stat.size) : undefined;
    const newest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
    if (newest > deps.now() - racyNs) return { stamp: noStamp, size };
    const stamp = [mtimeNs, ctimeNs, stat.size, ino, dev, mode].map(n => n.toString(36)).join(' ');
    return { stamp, size };
  } catch {
    // Reading it will say what is wrong.
    return unseen;
  }
}
