import assert from 'node:assert/strict';

import fc from 'fast-check';

import { createSpareArena } from '../../../src/core/pack/arena.ts';
import { apart, compact, joined, segmentAt } from '../../../src/core/pack/segments.ts';

const text = (bytes: Uint8Array | null | undefined) => bytes && Buffer.from(bytes).toString();
const large = 300_001;

/** Of whatever lengths, and some not there; a counterexample tells lengths, not 300,000 bytes. */
const lengthsOf = fc.array(
  fc.option(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 6000 }) }, fc.constant(large))),
  { maxLength: 30 },
);

/** From blocks or of their own. */
function made(lengths: readonly (number | null)[]): (Uint8Array | null)[] {
  const allocate = createSpareArena([]);
  return lengths.map((length, i) => {
    if (length === null) return null;
    const own = length % 5 === 0 ? Buffer.alloc(length) : allocate(length);
    return new Uint8Array(own.fill(97 + (i % 26)).buffer, own.byteOffset, length);
  });
}

describe('segments in pieces', () => {
  it('law: are the same apart again, and no more pieces than segments', () => {
    fc.assert(
      fc.property(lengthsOf, wanted => {
        const all = made(wanted);
        const together = joined(all);
        assert.deepEqual(apart(together).map(text), all.map(text));
        assert.ok(together.pieces.length <= all.filter(s => s !== null).length);
        assert.equal(
          Buffer.concat(together.pieces).toString(),
          all.map(segment => text(segment) ?? '').join(''),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('are one where they lie together', () => {
    const allocate = createSpareArena([]);
    const { pieces } = joined(Array.from({ length: 64 }, () => allocate(2000).fill(97)));
    assert.equal(pieces.length, 1);
  });

  it('law: compact, they are the same, in memory of their size that nobody else has', () => {
    fc.assert(
      fc.property(lengthsOf, wanted => {
        const all = made(wanted);
        const before = all.map(text);
        const { pieces, lengths } = compact(all);
        const theirs = new Set(
          all.map(segment => (segment?.byteLength === large ? undefined : segment?.buffer)),
        );
        for (const { buffer } of pieces)
          assert.ok(!theirs.has(buffer), 'memory that is used again goes away');
        const buffers = new Set(pieces.map(piece => piece.buffer));
        assert.equal(
          [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0),
          pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
        );
        for (const segment of all) if (segment?.byteLength !== large) segment?.fill(0);
        assert.deepEqual(apart({ pieces, lengths }).map(text), before);
      }),
      { numRuns: 40 },
    );
  });

  it('law: each of a pack is found by its place', () => {
    fc.assert(
      fc.property(lengthsOf, fc.integer({ min: 0, max: 9 }), (wanted, head) => {
        const all = made(wanted);
        const there = all.filter(segment => segment !== null);
        const { pieces } = joined(there);
        const offsets = new Float64Array(there.length + 1);
        offsets[0] = head;
        there.forEach((segment, i) => (offsets[i + 1] = (offsets[i] ?? 0) + segment.length));
        const pack = { pieces: [Buffer.alloc(head), ...pieces, Buffer.from('tail')], offsets };
        there.forEach((segment, i) => {
          assert.equal(text(segmentAt(pack, i)), text(segment));
        });
        assert.equal(segmentAt(pack, there.length), undefined);
        assert.equal(segmentAt(pack, -1), undefined);
      }),
      { numRuns: 40 },
    );
  });

  it('are not there where the pack went away', () => {
    assert.equal(segmentAt({ pieces: [], offsets: Float64Array.of(0, 5) }, 0), undefined);
  });
});
