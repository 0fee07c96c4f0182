/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
import { brotliDecompressSync } from 'node:zlib';

import { LongviewError } from '../errors.ts';

/**
 * The mergeable tokens of a vocabulary in rank order: token `i` is `bytes[offsets[i] .. offsets[i + 1])`. Special
 * tokens are not in it, because ordinary text never makes one.
 */
export interface RankTable {
  readonly size: number;
  readonly bytes: Uint8Array;
  /** `size + 1` entries. */
  readonly offsets: Uint32Array;
}

/** First bytes of the compact form that `tools/ranks.mjs` writes, before brotli. */
const MAGIC = 'LVRANKS1';
const HEADER = MAGIC.length + 8;

/**
 * Reads the compact form: magic, token count and byte count (little-endian uint32), one length byte per token, then
 * all token bytes in rank order; as it is or compressed with brotli. Throws `internal` on any other file, since the
 * product ships these itself.
 */
export function decodeRanks(file: Uint8Array): RankTable {
  const raw = hasMagic(file) ? file : decompress(file);
  if (raw.length < HEADER || !hasMagic(raw)) throw damaged();
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const size = view.getUint32(MAGIC.length, true);
  const total = view.getUint32(MAGIC.length + 4, true);
  if (raw.length !== HEADER + size + total) throw damaged();
  const offsets = new Uint32Array(size + 1);
  for (let rank = 0; rank < size; rank++) offsets[rank + 1] = offsets[rank]! + raw[HEADER + rank]!;
  if (offsets[size] !== total) throw damaged();
  return { size, bytes: raw.subarray(HEADER + size), offsets };
}

/** Builds a table from tokens in rank order. */
export function rankTable(tokens: readonly Uint8Array[]): RankTable {
  const offsets = new Uint32Array(tokens.length + 1);
  tokens.forEach((token, rank) => (offsets[rank + 1] = offsets[rank]! + token.length));
  const bytes = new Uint8Array(offsets[tokens.length]!);
  tokens.forEach((token, rank) => bytes.set(token, offsets[rank]));
  return { size: tokens.length, bytes, offsets };
}

/** Bytes of one token; a view, not a copy. */
export function tokenBytes(table: RankTable, rank: number): Uint8Array {
  return table.bytes.subarray(table.offsets[rank], table.offsets[rank + 1]);
}

function hasMagic(file: Uint8Array): boolean {
  return (
    Buffer.from(file.buffer, file.byteOffset, Math.min(file.length, MAGIC.length)).toString('latin1') ===
    MAGIC
  );
}

function decompress(file: Uint8Array): Uint8Array {
  try {
    return brotliDecompressSync(file);
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause?: unknown): LongviewError {
  return new LongviewError(
    'internal',
    'The token ranks that ship with Longview are damaged.',
    'Install Longview again.',
    cause,
  );
}
