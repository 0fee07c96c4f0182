import { mostInBlock } from './arena.ts';
import type { Pack } from './types.ts';

/** Segments one after the other. A pack of 100,000 files has some thousand pieces: an array for each lives long. */
export interface Segments {
  /** UTF-8; each segment lies whole within one of them. */
  readonly pieces: readonly Uint8Array[];
  /** Bytes of each segment; 0, which no segment has, where there is none. */
  readonly lengths: Uint32Array;
}

/** What lies together in memory is one piece. Nothing is copied. */
export function joined(segments: readonly (Uint8Array | null)[]): Segments {
  const pieces: Uint8Array[] = [];
  const lengths = new Uint32Array(segments.length);
  segments.forEach((segment, i) => {
    if (segment === null) return;
    lengths[i] = segment.byteLength;
    const last = pieces.at(-1);
    const { buffer, byteOffset, byteLength } = segment;
    if (last?.buffer === buffer && last.byteOffset + last.byteLength === byteOffset)
      pieces[pieces.length - 1] = new Uint8Array(buffer, last.byteOffset, last.byteLength + byteLength);
    else pieces.push(new Uint8Array(buffer, byteOffset, byteLength));
  });
  return { pieces, lengths };
}

/**
 * In memory of just their size, for whoever keeps them: what a block has beside its segments counts as theirs, and makes
 * the garbage collector look through everything as often again.
 */
export function compact(segments: readonly (Uint8Array | null)[]): Segments {
  const there = segments.filter(segment => segment !== null);
  // Larger ones have memory of their own.
  const isCopied = ({ byteLength }: Uint8Array) => byteLength <= mostInBlock;
  const block = new Uint8Array(there.reduce((sum, one) => sum + (isCopied(one) ? one.byteLength : 0), 0));
  let at = 0;
  return joined(
    segments.map(segment => {
      if (segment === null || !isCopied(segment)) return segment;
      block.set(segment, at);
      at += segment.byteLength;
      return block.subarray(at - segment.byteLength, at);
    }),
  );
}

/** The same again, one by one. */
export function apart({ pieces, lengths }: Segments): (Uint8Array | null)[] {
  let [at, from] = [0, 0];
  return Array.from(lengths, length => {
    if (length === 0) return null;
    if (from === pieces[at]?.byteLength) [at, from] = [at + 1, 0];
    const segment = pieces[at]?.subarray(from, from + length) ?? null;
    from += length;
    return segment;
  });
}

/** The segment of a pack's file, by its place in the manifest; undefined where the pack went into a sink. */
export function segmentAt(
  { pieces, offsets }: Pick<Pack, 'pieces' | 'offsets'>,
  at: number,
): Uint8Array | undefined {
  const [from, to] = [offsets[at], offsets[at + 1]];
  if (from === undefined || to === undefined) return undefined;
  let before = 0;
  for (const piece of pieces) {
    if (from < before + piece.byteLength) return piece.subarray(from - before, to - before);
    before += piece.byteLength;
  }
  return undefined;
}
