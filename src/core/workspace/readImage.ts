/** An image file: its size in pixels without reading all of it, or all of it. */
import { codeOf, failureReason, specialKind, symlinkReason } from './skips.ts';
import { fsPath } from './names.ts';
import { readImageHeader, type ImageFormat, type ImageHeader } from './imageHeader.ts';
import { nodeReads, readContent, type ReadDeps } from './readSource.ts';
import { describeSkip, type SkipReason } from './types.ts';

export type ImageSize =
  | {
      readonly kind: 'image';
      readonly format: ImageFormat;
      /** Pixels. */
      readonly width: number;
      readonly height: number;
      /** Size on disk. */
      readonly bytes: number;
    }
  /** `why`: half a sentence for the user. */
  | { readonly kind: 'unfit'; readonly why: string; readonly bytes: number | null };

/** A photograph's profiles and previews stand before its size; more than this of them is not searched. Bytes. */
const mostHeader = 1024 * 1024;
/** Enough for nearly all images. Bytes. */
const firstLook = 16 * 1024;

/** Reads no more than the header. Never follows a link, never opens what is no regular file. */
export function readImageSize(absolutePath: string, deps: ReadDeps = nodeReads): ImageSize {
  const path = fsPath(absolutePath);
  try {
    const stat = deps.lstat(path);
    if (stat === undefined) return skipped({ kind: 'vanished' });
    if (stat.isSymbolicLink()) return skipped(symlinkReason(absolutePath));
    if (!stat.isFile()) return skipped({ kind: 'not-a-file', what: specialKind(stat) });
    const file = deps.open(path);
    try {
      const { size } = deps.stat(file);
      const look = (most: number) => {
        const into = Buffer.alloc(Math.min(most, size));
        let length = 0;
        while (length < into.length) {
          const read = deps.read(file, into, length);
          if (read === 0) break;
          length += read;
        }
        return into.subarray(0, length);
      };
      const first = look(firstLook);
      const header = readImageHeader(first);
      if (header.kind !== 'truncated' || size <= firstLook) return sizeOf(header, size);
      // The file is read on from where the first look ended.
      return sizeOf(readImageHeader(Buffer.concat([first, look(mostHeader)])), size);
    } finally {
      deps.close(file);
    }
  } catch (error) {
    if (codeOf(error) === 'ELOOP') return skipped(symlinkReason(absolutePath));
    return skipped(failureReason(error));
  }
}

/** The whole file, where it is still the image that was looked at; undefined where it is another by now. */
export function readImage(
  absolutePath: string,
  expected: Extract<ImageSize, { kind: 'image' }>,
  deps: ReadDeps = nodeReads,
): Uint8Array<ArrayBuffer> | undefined {
  const content = readContent(absolutePath, expected.bytes, deps);
  if (content.kind === 'skip' || content.bytes.length !== expected.bytes) return undefined;
  const now = readImageHeader(content.bytes);
  const same =
    now.kind === 'image' &&
    now.format === expected.format &&
    now.width === expected.width &&
    now.height === expected.height;
  // It lies in memory that the next read writes over.
  return same ? new Uint8Array(content.bytes) : undefined;
}

function sizeOf(header: ImageHeader, bytes: number): ImageSize {
  switch (header.kind) {
    case 'image':
      return { ...header, bytes };
    case 'truncated':
      return { kind: 'unfit', why: `a ${name(header.format)} whose size is not where it should be`, bytes };
    case 'damaged':
      return { kind: 'unfit', why: `a damaged ${name(header.format)}`, bytes };
    case 'other':
      return { kind: 'unfit', why: 'neither PNG, JPEG nor WebP by its content', bytes };
  }
}

function name(format: ImageFormat): string {
  return format === 'webp' ? 'WebP' : format.toUpperCase();
}

function skipped(reason: SkipReason): ImageSize {
  return { kind: 'unfit', why: describeSkip(reason), bytes: null };
}
