/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds */
import { readFileSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { replaceFile } from './atomicFile.ts';
import { entryWords, type CountTable } from './countTable.ts';

/** "LVCN", which another byte order reads otherwise. */
const magic = 0x4e43564c;
const version = 2;
/** Words: magic, version, entries, CRC-32 of the entries. */
const headerWords = 4;
/** 9.6 MB. Those used last are kept. */
export const mostKept = 400_000;
const mostTokens = 1_000_000_000;

/**
 * Takes the counts of an earlier run in; synchronous, for a worker. A missing, torn, damaged or older file is an
 * empty cache, because every count can be made again. Throws where the file is there and cannot be read.
 */
export function loadCounts(file: string, table: CountTable): void {
  table.merge(readEntries(file));
}

/**
 * Replaces the file atomically by the table's counts and those that other windows wrote since, which the table takes
 * in too. Two that write at once leave the one or the other, never a mixture. Rejects where that fails.
 */
export async function saveCounts(file: string, table: CountTable): Promise<void> {
  const fresh = table.takeFresh();
  try {
    table.merge(readEntries(file));
    await replaceFile(file, fileOf(latest(table.entries())));
  } catch (error) {
    table.giveBackFresh(fresh);
    throw error;
  }
}

function fileOf(entries: Int32Array): Uint8Array {
  const words = new Int32Array(headerWords + entries.length);
  words.set(entries, headerWords);
  words.set([magic, version, entries.length / entryWords, checksum(entries)]);
  return bytesOf(words);
}

function readEntries(file: string): Int32Array {
  const none = new Int32Array(0);
  let bytes: Buffer;
  try {
    const { size } = statSync(file);
    if (size > (headerWords + mostKept * entryWords) * 4) return none;
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return none;
    throw error;
  }
  if (bytes.length < headerWords * 4 || bytes.length % 4 !== 0) return none;
  const words = new Int32Array(bytes.length / 4);
  bytesOf(words).set(bytes);
  const entries = words.subarray(headerWords);
  const sound =
    words[0] === magic &&
    words[1] === version &&
    entries.length === words[2]! * entryWords &&
    checksum(entries) === words[3];
  return sound && plausible(entries) ? entries : none;
}

/** A wrong count is worse than none. */
function plausible(entries: Int32Array): boolean {
  for (let at = 0; at < entries.length; at += entryWords) {
    if (entries[at]! < 0 || entries[at + 1]! < 0 || entries[at + 1]! > mostTokens) return false;
  }
  return true;
}

/** At most {@link mostKept} entries, those used on the latest days. */
function latest(entries: Int32Array): Int32Array {
  const count = entries.length / entryWords;
  if (count <= mostKept) return entries;
  const days = Int32Array.from({ length: count }, (_, i) => entries[i * entryWords]!).sort();
  const oldest = days[count - mostKept]!;
  let sameDay = mostKept - days.filter(day => day > oldest).length;
  const kept = new Int32Array(mostKept * entryWords);
  let to = 0;
  for (let at = 0; at < entries.length; at += entryWords) {
    const day = entries[at]!;
    if (day < oldest || (day === oldest && sameDay-- <= 0)) continue;
    kept.set(entries.subarray(at, at + entryWords), to);
    to += entryWords;
  }
  return kept;
}

function checksum(words: Int32Array): number {
  return crc32(bytesOf(words)) | 0;
}

function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
