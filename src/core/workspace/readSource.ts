/** One file's content and what there is to know of it without counting tokens. */
import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { decodeText } from './decode.ts';
import { languageOf } from './language.ts';
import { countLines, type LineEnds } from './lines.ts';
import { fsPath } from './names.ts';
import { codeOf, failureReason, specialKind, symlinkReason } from './skips.ts';
import type { ListedFile, SkipReason } from './types.ts';

export type ReadResult =
  | {
      readonly kind: 'text';
      /** Decoded, without BOM; line ends as they stand in the file. */
      readonly text: string;
      /** Size on disk. */
      readonly bytes: number;
      readonly lines: number;
      /** SHA-256 of the bytes on disk, hex. */
      readonly hash: string;
      readonly language: string;
      readonly eol: LineEnds;
      readonly encoding: string;
      readonly bom: boolean;
      /** Where the encoding is a guess: which, in words. */
      readonly note?: string;
    }
  | { readonly kind: 'skip'; readonly reason: SkipReason };

export interface ReadOptions {
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** What is asked of the file system: a seam for what no test can make happen in time. */
export interface ReadDeps {
  readonly lstat: (path: string | Buffer) => Stats | undefined;
  readonly open: (path: string | Buffer) => number;
  readonly stat: (file: number) => Stats;
  /** Reads from where the last read ended; 0 at the end. */
  readonly read: (file: number, into: Buffer, offset: number) => number;
  readonly close: (file: number) => void;
}

// Windows has neither flag; there lstat alone stands guard. NONBLOCK: a FIFO put in the file's place must not hang us.
const guards = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;
const readFlags = constants.O_RDONLY | guards;

export const nodeReads: ReadDeps = {
  lstat: path => lstatSync(path, { throwIfNoEntry: false }),
  open: path => openSync(path, readFlags),
  stat: file => fstatSync(file),
  read: (file, into, offset) => readSync(file, into, offset, into.length - offset, null),
  close: closeSync,
};

/**
 * Reads synchronously, which in a worker thread is the fast way (reference/packers.md, 2.3). Never follows a link,
 * never opens what is not a regular file. Whatever is wrong with the file is a skip, not an exception.
 */
export function readSource(file: ListedFile, options: ReadOptions, deps: ReadDeps = nodeReads): ReadResult {
  options.signal?.throwIfAborted();
  if (file.content !== undefined) return describeUnsaved(file.path, file.content, options.maxBytes);
  const content = readContent(file.absolutePath, options.maxBytes, deps);
  return content.kind === 'skip' ? content : describeContent(file.path, content.bytes);
}

/** What a caller need not have looked at again. */
export interface Known {
  /** A moment ago it was a regular file of so many bytes. */
  readonly size?: number | undefined;
  /** So was it when it was listed, and its hash is known: whether it changed while it was read will show. */
  readonly isChecked?: boolean;
}

/**
 * The bytes on disk, with the care of {@link readSource}. They lie in memory that the next call writes over: copy
 * what shall last.
 */
export function readContent(
  absolutePath: string,
  maxBytes: number,
  deps: ReadDeps = nodeReads,
  known: Known = {},
): { readonly kind: 'bytes'; readonly bytes: Buffer } | Extract<ReadResult, { kind: 'skip' }> {
  const content = readBytes(absolutePath, maxBytes, deps, known);
  return Buffer.isBuffer(content) ? { kind: 'bytes', bytes: content } : { kind: 'skip', reason: content };
}

/** SHA-256, hex: what a {@link ReadResult} calls its hash. */
export function contentHash(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** The text is known; decoding it again could only guess another. */
function describeUnsaved(path: string, content: string, limitBytes: number): ReadResult {
  const bytes = Buffer.from(content);
  if (bytes.length > limitBytes)
    return { kind: 'skip', reason: { kind: 'too-large', bytes: bytes.length, limitBytes } };
  const text = bytes.toString('utf8');
  return {
    kind: 'text',
    text,
    bytes: bytes.length,
    ...countLines(text),
    hash: contentHash(bytes),
    language: languageOf(path),
    encoding: 'utf-8',
    bom: false,
  };
}

/** What {@link readSource} says of these bytes; for content that does not come from the disk. */
export function describeContent(path: string, bytes: Buffer): ReadResult {
  const decoded = decodeText(bytes);
  if (decoded.kind !== 'text') return { kind: 'skip', reason: decoded };
  const { text, encoding, bom } = decoded;
  const { lines, eol } = countLines(text);
  const hash = contentHash(bytes);
  return {
    kind: 'text',
    text,
    bytes: bytes.length,
    lines,
    hash,
    language: languageOf(path),
    eol,
    encoding,
    bom,
    ...(!bom && encoding !== 'utf-8' && { note: `read as ${encoding}, a guess: the file does not say` }),
  };
}

function readBytes(
  absolutePath: string,
  maxBytes: number,
  deps: ReadDeps,
  { size, isChecked = false }: Known,
): Buffer | SkipReason {
  const path = fsPath(absolutePath);
  try {
    if (size !== undefined && size > maxBytes)
      return { kind: 'too-large', bytes: size, limitBytes: maxBytes };
    // Where the flags stand guard, a file that was looked at before need not be looked at once more.
    if ((size === undefined && !isChecked) || guards === 0) {
      const stat = deps.lstat(path);
      if (stat === undefined) return { kind: 'vanished' };
      if (stat.isSymbolicLink()) return symlinkReason(absolutePath);
      if (!stat.isFile()) return { kind: 'not-a-file', what: specialKind(stat) };
      if (stat.size > maxBytes) return { kind: 'too-large', bytes: stat.size, limitBytes: maxBytes };
    }
    const file = deps.open(path);
    try {
      return readSettled(file, maxBytes, deps, isChecked);
    } finally {
      deps.close(file);
    }
  } catch (error) {
    // Became a link between the two looks.
    if (codeOf(error) === 'ELOOP') return symlinkReason(absolutePath);
    return failureReason(error);
  }
}

function readSettled(
  file: number,
  maxBytes: number,
  deps: ReadDeps,
  isChecked: boolean,
): Buffer | SkipReason {
  const before = deps.stat(file);
  if (!before.isFile()) return { kind: 'not-a-file', what: specialKind(before) };
  if (before.size > maxBytes) return { kind: 'too-large', bytes: before.size, limitBytes: maxBytes };
  const content = readAll(file, before.size, maxBytes, deps);
  if (isChecked && content !== undefined) return content;
  const after = deps.stat(file);
  if (content === undefined) {
    return { kind: 'too-large', bytes: Math.max(after.size, maxBytes + 1), limitBytes: maxBytes };
  }
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
    return { kind: 'unreadable', detail: 'it changed while it was being read' };
  }
  return content;
}

let scratch = Buffer.allocUnsafeSlow(256 * 1024);
const keptScratch = 4 * 1024 * 1024;

/** Into memory that is used again for the next file; `undefined` where there is more than allowed. */
function readAll(file: number, size: number, maxBytes: number, deps: ReadDeps): Buffer | undefined {
  // One byte more than expected, so that a file that has not grown needs one read and no second to see its end.
  let buffer = size < scratch.length ? scratch : Buffer.allocUnsafeSlow(size + 1);
  let length = 0;
  for (;;) {
    const read = deps.read(file, buffer, length);
    length += read;
    if (length > maxBytes) return undefined;
    if (read === 0 || (length === size && length < buffer.length)) break;
    if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
  }
  if (buffer.length > scratch.length && buffer.length <= keptScratch) scratch = buffer;
  return buffer.subarray(0, length);
}
