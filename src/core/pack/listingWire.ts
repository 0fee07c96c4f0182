import { hash } from 'node:crypto';

import { pacer } from '../pace.ts';
import type { FileListing } from '../workspace/listFiles.ts';
import type { ListedFile } from '../workspace/types.ts';

/**
 * A listing on its way to another thread: two long strings, because 100,000 objects would hold the receiver for a
 * third of a second. No name holds a NUL.
 */
export interface PackedListing {
  /** Of everything in it. */
  readonly digest: string;
  /** Absent where the receiver knows this digest. */
  readonly content?: {
    readonly paths: string;
    readonly absolutePaths: string;
    readonly rest: Omit<FileListing, 'files'>;
  };
}

/** `known`: the digest of what the receiver has. */
export function packListing(listing: FileListing, known?: string): PackedListing {
  const { files, ...rest } = listing;
  const paths = files.map(f => f.path).join('\0');
  const absolutePaths = files.map(f => f.absolutePath).join('\0');
  // JSON tells lone surrogates apart, which stand for bytes of names that are no text; UTF-8 would not.
  const whole = [paths, absolutePaths].map(text => Buffer.from(text, 'utf16le'));
  const digest = hash('sha256', Buffer.concat([...whole, Buffer.from(JSON.stringify(rest))]), 'hex');
  return digest === known ? { digest } : { digest, content: { paths, absolutePaths, rest } };
}

export async function unpackListing(
  { paths, absolutePaths, rest }: NonNullable<PackedListing['content']>,
  signal?: AbortSignal,
): Promise<FileListing> {
  if (paths === '') return { ...rest, files: [] };
  const breathe = pacer(signal);
  const names = paths.split('\0');
  await breathe();
  const places = absolutePaths.split('\0');
  const files: ListedFile[] = [];
  for (const [i, path] of names.entries()) {
    files.push({ path, absolutePath: places[i] ?? '' });
    if (i % 1000 === 0) await breathe();
  }
  return { ...rest, files };
}
