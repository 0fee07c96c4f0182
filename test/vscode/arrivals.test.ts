import assert from 'node:assert/strict';

import { createArrivals } from '../../src/vscode/arrivals.ts';

describe('arrivals', () => {
  it('tells that the participant got the question', async () => {
    const arrivals = createArrivals();
    const expected = arrivals.expect('Why?', 60_000);
    assert.equal(arrivals.arrive(' Why? '), true);
    assert.equal(await expected, true);
  });

  it('gives up after its patience, and then keeps a late participant from asking, and paying, twice', async () => {
    const arrivals = createArrivals();
    assert.equal(await arrivals.expect('Why?', 1), false);
    assert.equal(arrivals.arrive('Why?'), false);
    assert.equal(arrivals.arrive('Why?'), true, 'the next time it is a question of its own');
  });

  it('lets a question through that was asked again after a document had taken it', async () => {
    const arrivals = createArrivals();
    await arrivals.expect('Why?', 1);
    const again = arrivals.expect('Why?', 60_000);
    assert.equal(arrivals.arrive('Why?'), true);
    assert.equal(await again, true);
  });

  it('lets questions through that nobody handed over', () => {
    assert.equal(createArrivals().arrive('typed in Chat'), true);
  });
});
