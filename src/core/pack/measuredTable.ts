/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds */
import { hash } from 'node:crypto';

import { languageOf } from '../workspace/language.ts';
import type { ListedFile, Shortened, Skip, SourceFile } from '../workspace/types.ts';

/**
 * What measuring found of files, by where they are and the stamp they had (`stampOf`), so that a file that has not
 * changed need not be read to be known. Keys are digests: no name of anybody's repository is in it.
 */
export interface MeasuredTable {
  readonly count: number;
  /** What was found of this file, where it was measured at this stamp; marks it as used today. */
  find(key: Uint8Array, stamp: string, file: ListedFile): Found | undefined;
  /** All entries in order of their keys. */
  entries(): Iterable<MeasuredEntry>;
}

export type Found =
  { readonly kind: 'file'; readonly file: SourceFile } | { readonly kind: 'skip'; readonly skip: Skip };

export interface MeasuredEntry {
  /** {@link measuredKeyBytes} long. */
  readonly key: Uint8Array;
  /** Of the last use, counted from 1970. */
  readonly day: number;
  /** As {@link recordOf} made it. */
  readonly record: Uint8Array;
}

export const measuredKeyBytes = 16;
/** Words of the index: the key, where its record starts in the records, and the day. */
export const indexWords = 6;
/** Bytes: digest of the stamp, hash of the content, then size, lines, tokens and length of what else there is. */
const fixedBytes = 16 + 32 + 4 * 4;
const mostNumber = 0xffff_ffff;

/** `basis` names all that measuring depends on besides file and content. */
export function measuredKey(basis: string, { path, absolutePath }: ListedFile): Uint8Array {
  return digest(`${basis}\0${path}\0${absolutePath}`);
}

function digest(text: string): Uint8Array {
  return hash('sha256', text, 'buffer').subarray(0, measuredKeyBytes);
}

/** What is kept of a file; undefined where nothing may be: files with secrets are looked at each time. */
export function recordOf(stamp: string, found: Found): Uint8Array | undefined {
  if (found.kind === 'skip') {
    const { kind } = found.skip.reason;
    // What else keeps a file out is found without reading it.
    if (kind !== 'binary' && kind !== 'undecodable') return undefined;
    return pack(stamp, '0'.repeat(64), [0, 0, 0], { skip: kind });
  }
  const { secrets, content, hash, bytes, lines, tokens, letters, shortened, note } = found.file;
  if (secrets !== undefined || content !== undefined) return undefined;
  const rest = {
    ...(letters && { letters }),
    ...(shortened && { shortened }),
    ...(note !== undefined && { note }),
  };
  return pack(stamp, hash, [bytes, lines, tokens], rest);
}

function pack(stamp: string, hash: string, numbers: readonly number[], rest: object): Uint8Array | undefined {
  if (numbers.some(n => n > mostNumber)) return undefined;
  const more = Object.keys(rest).length === 0 ? Buffer.alloc(0) : Buffer.from(JSON.stringify(rest));
  const record = Buffer.alloc(fixedBytes + more.length);
  record.set(digest(stamp), 0);
  record.write(hash, 16, 'hex');
  for (const [i, n] of [...numbers, more.length].entries()) record.writeUInt32LE(n, 48 + 4 * i);
  record.set(more, fixedBytes);
  return record;
}

/** Undefined where the record is of another stamp, or not one of ours. */
function unpack(record: Buffer, stamp: string, file: ListedFile): Found | undefined {
  if (record.length < fixedBytes || !record.subarray(0, 16).equals(digest(stamp))) return undefined;
  const [bytes, lines, tokens, length] = [48, 52, 56, 60].map(at => record.readUInt32LE(at));
  if (record.length < fixedBytes + length!) return undefined;
  const rest = length === 0 ? {} : parseRest(record.toString('utf8', fixedBytes, fixedBytes + length!));
  if (rest === undefined) return undefined;
  const { path, absolutePath } = file;
  const { skip, ...facts } = rest;
  if (skip !== undefined) return { kind: 'skip', skip: { path, reason: { kind: skip } } };
  const hash = record.toString('hex', 16, 48);
  const sizes = { bytes: bytes!, lines: lines!, tokens: tokens! };
  return { kind: 'file', file: { path, absolutePath, ...sizes, language: languageOf(path), hash, ...facts } };
}

interface Rest {
  readonly letters?: Readonly<Record<string, number>>;
  readonly shortened?: Shortened;
  readonly note?: string;
  readonly skip?: 'binary' | 'undecodable';
}

/** The file may be anybody's: what is not as we write it is not taken. */
function parseRest(json: string): Rest | undefined {
  try {
    const { letters, shortened, note, skip } = JSON.parse(json) as Readonly<Record<string, unknown>>;
    const sound =
      (letters === undefined || (isObject(letters) && Object.values(letters).every(isCount))) &&
      (shortened === undefined ||
        (isObject(shortened) && isCount(shortened['tokens']) && typeof shortened['reason'] === 'string')) &&
      (note === undefined || typeof note === 'string') &&
      (skip === undefined || skip === 'binary' || skip === 'undecodable');
    if (!sound) return undefined;
    const rest = { letters, shortened, note, skip };
    return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Over memory that holds `count` sorted index entries, then `records`. `now` is Unix time in ms. */
export function measuredTable(
  memory: ArrayBufferLike,
  at: { readonly index: number; readonly count: number },
  { now }: { readonly now: () => number } = Date,
): MeasuredTable {
  const index = new Int32Array(memory, at.index, at.count * indexWords);
  const records = Buffer.from(memory, at.index + index.byteLength);
  const asked = new Int32Array(measuredKeyBytes / 4);
  const askedBytes = new Uint8Array(asked.buffer);

  function compare(entry: number): number {
    for (let i = 0; i < asked.length; i++) {
      const a = asked[i]! >>> 0;
      const b = index[entry * indexWords + i]! >>> 0;
      if (a !== b) return a < b ? -1 : 1;
    }
    return 0;
  }

  /** From where the index says to the end: a record knows its own length. */
  const recordAt = (entry: number): Buffer =>
    records.subarray(Math.min(records.length, index[entry * indexWords + 4]! >>> 0));

  return {
    count: at.count,
    find(key, stamp, file) {
      askedBytes.set(key.subarray(0, measuredKeyBytes));
      let low = 0;
      let high = at.count - 1;
      while (low <= high) {
        const middle = (low + high) >> 1;
        const order = compare(middle);
        if (order === 0) {
          const found = unpack(recordAt(middle), stamp, file);
          if (found !== undefined) index[middle * indexWords + 5] = Math.floor(now() / 86_400_000);
          return found;
        }
        if (order < 0) high = middle - 1;
        else low = middle + 1;
      }
      return undefined;
    },
    *entries() {
      for (let entry = 0; entry < at.count; entry++) {
        const words = index.slice(entry * indexWords, entry * indexWords + 4);
        const record = recordAt(entry);
        if (record.length < fixedBytes) continue;
        const end = fixedBytes + record.readUInt32LE(fixedBytes - 4);
        if (end > record.length) continue;
        const day = index[entry * indexWords + 5]!;
        yield { key: new Uint8Array(words.buffer), day, record: record.subarray(0, end) };
      }
    },
  };
}
