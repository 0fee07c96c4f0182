import assert from 'node:assert/strict';

import fc from 'fast-check';

import { createCacheWatch } from '../../../src/core/endpoint/prefixCache.ts';
import {
  canaryHead,
  canaryTail,
  createCanary,
  findTruncation,
  readCanary,
} from '../../../src/core/endpoint/truncation.ts';

const usage = (promptTokens: number | null, cachedTokens: number | null = null) => ({
  promptTokens,
  cachedTokens,
  completionTokens: 1,
});

describe('findTruncation', () => {
  const cases: [string, number, ReturnType<typeof usage>, number, boolean][] = [
    ['half was read', 100_000, usage(50_000), 0.025, true],
    ['all was read', 100_000, usage(100_000), 0.025, false],
    ['more was read', 100_000, usage(130_000), 0.025, false],
    ['another vocabulary', 100_000, usage(92_000), 0.025, false],
    ['an exact count, a little less', 100_000, usage(99_000), 0, true],
    ['a template', 100_000, usage(99_950), 0, false],
    ['nothing is told', 100_000, usage(null), 0.025, false],
    ['a short prompt', 60, usage(10), 0.025, false],
    ['what was cached is counted apart', 100_000, usage(1000, 99_500), 0.025, false],
    ['what was cached is counted within', 100_000, usage(30_000, 29_000), 0.025, true],
  ];
  for (const [name, sent, told, bound, expected] of cases)
    it(name, () => assert.equal(findTruncation(sent, told, bound) !== undefined, expected));
});

describe('canary', () => {
  it('has two different words, which are seen or not', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (a, b) => {
          const values = [a, b];
          const canary = createCanary(() => values.shift() ?? 0);
          assert.notEqual(canary.first, canary.last);
          assert.deepEqual(readCanary(canaryHead(canary), canary), { first: true, last: false });
          assert.deepEqual(readCanary(canaryTail(canary).toUpperCase(), canary), {
            first: false,
            last: true,
          });
        },
      ),
    );
  });
});

describe('createCacheWatch', () => {
  const minute = 60_000;
  const cases: [string, number, ReturnType<typeof usage>, number, string, boolean][] = [
    ['no hit soon after', minute, usage(5000, 0), 5000, 'a', true],
    ['a hit', minute, usage(5000, 4000), 5000, 'a', false],
    ['nothing is told of a cache', minute, usage(5000), 5000, 'a', false],
    ['long after', 6 * minute, usage(5000, 0), 5000, 'a', false],
    ['another pack', minute, usage(5000, 0), 5000, 'b', false],
    ['a pack too small for any cache', minute, usage(500, 0), 500, 'a', false],
  ];
  for (const [name, later, told, tokens, prefix, warns] of cases) {
    it(`${name}: ${warns ? 'warns' : 'silent'}`, () => {
      let now = 0;
      const watch = createCacheWatch(() => now);
      const config = { id: 'e', model: 'm' };
      assert.equal(watch.note(config, 'a', tokens, usage(5000, 0)), undefined);
      now = later;
      const warning = watch.note(config, prefix, tokens, told);
      assert.deepEqual(warning, warns ? { tokens, sinceMs: later } : undefined);
    });
  }
});
