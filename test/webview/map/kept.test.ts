import assert from 'node:assert/strict';
import fc from 'fast-check';

import { nothingKept, readKept, type Kept } from '../../../src/webview/map/kept.ts';

describe('what the budget map keeps', () => {
  it('comes back as it was stored', () => {
    const kept: Kept = {
      folder: 'src/ä',
      selected: 'src/ä/b.ts',
      search: 'x',
      language: 'typescript',
      limit: 131_072,
      asTable: true,
    };
    assert.deepEqual(readKept(JSON.parse(JSON.stringify(kept))), kept);
  });

  it('drops the parts that make no sense, one by one', () => {
    const hostile = {
      folder: ['src'],
      selected: 'x'.repeat(1e6),
      search: { toString: () => 'x' },
      language: 7,
      limit: Infinity,
      asTable: 'yes',
    };
    assert.deepEqual(readKept(hostile), nothingKept);
    assert.deepEqual(readKept({ ...hostile, folder: 'src' }), { ...nothingKept, folder: 'src' });
    for (const limit of [-1, 0, 1.5, NaN, '128k', 2 ** 60]) assert.equal(readKept({ limit }).limit, null);
    for (const stored of [undefined, null, 'x', 7, [], Object.create({ folder: 'inherited' })])
      assert.deepEqual(readKept(stored), nothingKept);
  });

  it('is whole, whatever was stored', () => {
    fc.assert(
      fc.property(fc.anything(), stored => {
        const kept = readKept(stored);
        assert.deepEqual(Object.keys(kept).sort(), Object.keys(nothingKept).sort());
        assert.deepEqual(readKept(kept), kept);
      }),
    );
  });
});
