import assert from 'node:assert/strict';

import fc from 'fast-check';

import { atOnce } from '../../../src/core/pace.ts';
import { descending, emptyOffers, giveBack } from '../../../src/core/pack/fill.ts';

describe('filling room', () => {
  it('law: the largest come first, and equals keep their order', () => {
    const numbers = fc.array(
      fc.oneof(fc.float({ min: 0, noNaN: true }), fc.constantFrom(0, 1, 2.5, 1e6, Infinity)),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(numbers, some => {
        const given = Float32Array.from(some, n => n + 0);
        const expected = [...given.keys()].sort((a, b) => (given[b] ?? 0) - (given[a] ?? 0) || a - b);
        // Infinity - Infinity is no number, and then the order is the one of the indices.
        assert.deepEqual([...atOnce(descending(given))], expected);
      }),
    );
  });

  it('sorts a part of a larger array', () => {
    const all = Float32Array.from([9, 1, 3, 2, 8]);
    assert.deepEqual([...atOnce(descending(all.subarray(1, 4)))], [1, 2, 0]);
  });

  it('takes memory again once, and never while it is in use', () => {
    const first = emptyOffers(10);
    const second = emptyOffers(10);
    assert.notEqual(first.tokens, second.tokens);
    giveBack(first);
    const third = emptyOffers(8);
    assert.equal(third.tokens, first.tokens);
    assert.equal(third.files, 8);
    assert.notEqual(emptyOffers(8).tokens, first.tokens);
    giveBack(second);
    assert.notEqual(emptyOffers(11).tokens, second.tokens);
  });
});
