/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';

import { replaceFile } from '../tokens/atomicFile.ts';
import {
  indexWords,
  measuredKeyBytes,
  measuredTable,
  type MeasuredEntry,
  type MeasuredTable,
} from './measuredTable.ts';

/** "LVMF", which another byte order reads otherwise. */
const magic = 0x464d564c;
const version = 1;
/** Words: magic, version, entries, CRC-32 of all that follows the header, then a digest of the code that measured. */
const headerWords = 8;
/** One workspace's file: 100,000 files take 9 MB. */
const mostBytes = 64_000_000;
const mostEntries = 300_000;
/** Entries of files that are gone, or changed, are kept this long. */
const mostDays = 21;
/** Workspaces whose files are kept; those used last. */
const mostFiles = 24;

/** Names the code that measures: what another build found is not taken for what this one would find. */
export type CodeId = Uint8Array;

export function codeIdOf(code: Uint8Array): CodeId {
  return createHash('sha256').update(code).digest().subarray(0, 16);
}

/**
 * The file in memory that threads can share; undefined where there is none, or where it is torn, damaged, too large,
 * or another build's: everything can be measured again. Throws where it is there and cannot be read.
 */
export function loadMeasured(file: string, code: CodeId): SharedArrayBuffer | undefined {
  let bytes: Buffer;
  try {
    if (statSync(file).size > mostBytes) return undefined;
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (bytes.length < headerWords * 4) return undefined;
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  const header = new Int32Array(memory, 0, headerWords);
  const sound =
    header[0] === magic &&
    header[1] === version &&
    header[2]! >= 0 &&
    bytes.length >= (headerWords + header[2]! * indexWords) * 4 &&
    bytes.subarray(16, 32).equals(code) &&
    header[3] === (crc32(bytes.subarray(headerWords * 4)) | 0);
  return sound ? memory : undefined;
}

/** `memory` as {@link loadMeasured} gave it. */
export function openMeasured(
  memory: SharedArrayBuffer,
  deps?: { readonly now: () => number },
): MeasuredTable {
  const count = new Int32Array(memory, 0, headerWords)[2]!;
  return measuredTable(memory, { index: headerWords * 4, count }, deps);
}

/**
 * Replaces the file atomically by what it holds, what `used` says of when that was used, and `fresh`. Two that write
 * at once leave the one or the other: what is lost is measured again. Other workspaces' files that nobody used for
 * long go. Rejects where that fails.
 */
export async function saveMeasured(
  file: string,
  code: CodeId,
  used: SharedArrayBuffer | undefined,
  fresh: readonly Uint8Array[],
  deps: { readonly now: () => number } = Date,
): Promise<void> {
  const day = Math.floor(deps.now() / 86_400_000);
  const kept = new Map<string, MeasuredEntry>();
  const take = (entry: MeasuredEntry) => {
    const name = Buffer.from(entry.key).toString('latin1');
    const known = kept.get(name);
    if (known === undefined || known.day <= entry.day) kept.set(name, entry);
  };
  const onDisk = loadMeasured(file, code);
  for (const memory of [used, onDisk]) {
    if (memory === undefined) continue;
    for (const entry of openMeasured(memory).entries())
      if (entry.day > day - mostDays && entry.day <= day) take(entry);
  }
  for (const chunk of fresh) for (const entry of entriesIn(chunk, day)) take(entry);
  await replaceFile(file, fileOf([...kept.values()], code));
  dropOthers(dirname(file));
}

function fileOf(entries: readonly MeasuredEntry[], code: CodeId): Uint8Array {
  const latest = [...entries].sort((a, b) => b.day - a.day);
  let room = mostBytes - headerWords * 4;
  const kept = latest
    .slice(0, mostEntries)
    .filter(({ record }) => (room -= indexWords * 4 + record.length) >= 0)
    .map(entry => ({ ...entry, words: new Int32Array(new Uint8Array(entry.key).buffer) }))
    .sort((a, b) => compareWords(a.words, b.words));
  const header = headerWords * 4 + kept.length * indexWords * 4;
  const bytes = Buffer.alloc(header + kept.reduce((sum, { record }) => sum + record.length, 0));
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, header / 4);
  let at = 0;
  for (const [i, { words: key, day, record }] of kept.entries()) {
    words.set([...key, at, day], headerWords + i * indexWords);
    bytes.set(record, header + at);
    at += record.length;
  }
  words.set([magic, version, kept.length, crc32(bytes.subarray(headerWords * 4)) | 0]);
  bytes.set(code, 16);
  return bytes;
}

function compareWords(a: Int32Array, b: Int32Array): number {
  for (const [i, word] of a.entries()) if (word !== b[i]) return word >>> 0 < b[i]! >>> 0 ? -1 : 1;
  return 0;
}

/** Entries on their way from the worker that made them to the one that writes: key, length, record, and so on. */
export function chunkOf(entries: readonly Pick<MeasuredEntry, 'key' | 'record'>[]): Uint8Array {
  const parts = entries.flatMap(({ key, record }) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(record.length);
    return [key, length, record];
  });
  const chunk = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    chunk.set(part, at);
    at += part.length;
  }
  return chunk;
}

function* entriesIn(chunk: Uint8Array, day: number): Iterable<MeasuredEntry> {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  for (let at = 0; at < bytes.length;) {
    const key = bytes.subarray(at, at + measuredKeyBytes);
    const from = at + measuredKeyBytes + 4;
    at = from + bytes.readUInt32LE(from - 4);
    yield { key, day, record: bytes.subarray(from, at) };
  }
}

/** Someone else may be tidying too, so nothing here matters if it fails. */
function dropOthers(folder: string): void {
  try {
    const files = readdirSync(folder).map(name => {
      const path = join(folder, name);
      return { path, used: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
    });
    files.sort((a, b) => b.used - a.used);
    for (const { path } of files.slice(mostFiles)) rmSync(path, { force: true });
  } catch {
    // The next save tidies.
  }
}
