/** Stamps a thousand files at a time: that nobody touched any of them is one comparison, and no object for each. */
import { hash } from 'node:crypto';

import { indexByPath } from './byPath.ts';
import type { Look } from './liveFiles.ts';
import { noStamp, stampOf, type StampDeps } from './stamp.ts';
import type { ListedFile } from './types.ts';

/** Files of one part, the last one apart. */
export const stampsInPart = 1000;

export interface StampPart {
  /** Of all stamps in it. */
  readonly digest: string;
  /** See `stampOf`; in order, a newline between each two. Absent where the digest is the one that was known. */
  readonly stamps?: string;
}

/** By the place of a part in a listing: the digest it had when each of its files was measured at its stamp. */
export type Settled = ReadonlyMap<number, string>;

export const nothingSettled: Settled = new Map();

export function stampPart(absolutePaths: readonly string[], known?: string, deps?: StampDeps): StampPart {
  const stamps = absolutePaths.map(path => stampOf(path, deps)).join('\n');
  const digest = hash('sha256', stamps, 'base64url');
  return digest === known ? { digest } : { digest, stamps };
}

/** Without the parts that hold one of these files, which something else than a stamp speaks of. */
export function unsettle(settled: Settled, files: readonly ListedFile[], paths: readonly string[]): Settled {
  if (settled.size === 0 || paths.length === 0) return settled;
  const indexOf = indexByPath(files);
  const left = new Map(settled);
  for (const path of paths) {
    const at = indexOf(path);
    if (at !== undefined) left.delete(Math.floor(at / stampsInPart));
  }
  return left;
}

/** What a look at one part found. */
export interface PartLook {
  readonly digest: string;
  /** Files that have to be measured. */
  readonly looks: readonly Look[];
  /** A file has no stamp that counts, or its content is an editor's. */
  readonly hasUnstamped: boolean;
}

/** Once the looks have their results. A file with neither was gone by then: its part has to be looked at again. */
export function settledBy(parts: readonly PartLook[]): Settled {
  const settled = new Map<number, string>();
  for (const [i, { digest, looks, hasUnstamped }] of parts.entries()) {
    const isWhole = looks.every(look => look.source !== undefined || look.skip !== undefined);
    if (!hasUnstamped && isWhole) settled.set(i, digest);
  }
  return settled;
}

/** `look` is given each file of a part with its stamp, and says what is to be measured. */
export function lookAtPart(
  { digest, stamps }: StampPart,
  files: readonly ListedFile[],
  look: (file: ListedFile, stamp: string) => { readonly file: ListedFile; readonly look?: Look },
): PartLook {
  if (stamps === undefined) return { digest, looks: [], hasUnstamped: false };
  const looks: Look[] = [];
  let hasUnstamped = false;
  for (const [i, stamp] of stamps.split('\n').entries()) {
    const listed = files[i];
    if (listed === undefined) break;
    const { file, look: found } = look(listed, stamp);
    if (found !== undefined) looks.push(found);
    hasUnstamped ||= stamp === noStamp || file.content !== undefined;
  }
  return { digest, looks, hasUnstamped };
}
