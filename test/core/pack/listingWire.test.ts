import assert from 'node:assert/strict';

import fc from 'fast-check';

import { packListing, unpackListing } from '../../../src/core/pack/listingWire.ts';
import type { FileListing } from '../../../src/core/workspace/listFiles.ts';

/** As a file system gives them; a lone surrogate stands for a byte that is no text. */
const name = fc
  .string({
    unit: fc.oneof(fc.constantFrom('a', '\n', '"', '\\', '\uDC80', '👩', ' ', '\u0001'), fc.string()),
    minLength: 1,
  })
  .map(text => text.replaceAll('\0', '') || '_');
const listing: fc.Arbitrary<FileListing> = fc
  .record({ names: fc.uniqueArray(name, { maxLength: 20 }), skipped: fc.array(name, { maxLength: 3 }) })
  .map(({ names, skipped }) => ({
    folders: [{ name: 'w', path: '/w' }],
    files: names.map(path => ({ path, absolutePath: `/w/${path}` })),
    leftOut: [],
    skips: skipped.map(path => ({ path, reason: { kind: 'vanished' } })),
    listedBy: ['git'],
    notes: [],
  }));

describe('a listing on its way to another thread', () => {
  it('law: is what it was', async () => {
    await fc.assert(
      fc.asyncProperty(listing, async whole => {
        const { content } = structuredClone(packListing(whole));
        assert.ok(content !== undefined);
        assert.deepEqual(await unpackListing(content), whole);
      }),
    );
  });

  it('law: travels only where the receiver does not have it', () => {
    fc.assert(
      fc.property(listing, listing, (one, other) => {
        const { digest } = packListing(one);
        assert.deepEqual(packListing(one, digest), { digest });
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        assert.equal(packListing(other, digest).content === undefined, isSame);
      }),
    );
  });

  it('tells names apart that differ in bytes which are no text', () => {
    const of = (path: string): FileListing => ({
      folders: [],
      files: [{ path, absolutePath: `/${path}` }],
      leftOut: [],
      skips: [],
      listedBy: [],
      notes: [],
    });
    assert.notEqual(packListing(of('a\uDC80')).digest, packListing(of('a\uDC81')).digest);
  });
});
