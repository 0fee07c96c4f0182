import assert from 'node:assert/strict';

import fc from 'fast-check';

import { createChainedIndex } from '../../../src/core/review/chainedIndex.ts';

describe('numbers by text', () => {
  it('law: finds every number of a text, the last first, and few others', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '/'), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 60 }), texts => {
        const index = createChainedIndex(texts.length);
        texts.forEach((one, i) => {
          index.add(i, `before ${one}`, 'before '.length);
        });
        for (const one of new Set([...texts, 'none'])) {
          const found = [...index.find(one)].filter(i => texts[i] === one);
          const expected = texts.flatMap((other, i) => (other === one ? [i] : [])).reverse();
          assert.deepEqual(found, expected);
        }
      }),
    );
  });

  it('has short chains for paths that are alike', () => {
    const count = 20_000;
    const path = (i: number) => `src/folder${i % 100}/file${String(i).padStart(5, '0')}.ts`;
    const index = createChainedIndex(count);
    for (let i = 0; i < count; i++) index.add(i, path(i));
    const longest = Math.max(...Array.from({ length: count }, (_, i) => [...index.find(path(i))].length));
    assert.ok(longest < 12, `${longest} numbers in a chain`);
  });

  it('is empty where nothing was added', () => {
    assert.deepEqual([...createChainedIndex(0).find('')], []);
  });
});
