import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { createCountTable, entryWords } from '../../../src/core/tokens/countTable.ts';

const key = (n: number) => createHash('sha256').update(String(n)).digest();
const day = 86_400_000;

describe('count table', () => {
  it('law: gives back what was added first, and nothing else', () => {
    const table = createCountTable();
    const truth = new Map<number, number>();
    fc.assert(
      fc.property(fc.nat(200), fc.nat(1e9), (n, tokens) => {
        if (!truth.has(n)) truth.set(n, tokens);
        table.add(key(n), tokens);
        assert.equal(table.get(key(n)), truth.get(n));
        assert.equal(table.get(key(n + 1000)), undefined);
        assert.equal(table.size, truth.size);
      }),
    );
  });

  it('is one table for all who hold its memory', () => {
    const one = createCountTable();
    const other = createCountTable(one.memory);
    one.add(key(1), 0);
    other.add(key(2), 22);
    assert.deepEqual([other.get(key(1)), one.get(key(2)), one.size, other.fresh], [0, 22, 2, 2]);
  });

  it('keeps keys apart that begin in the same slot', () => {
    const table = createCountTable();
    const near = [1, 2, 3].map(n => Buffer.from([7, 7, 7, 7, ...Array<number>(12).fill(n)]));
    near.forEach((k, i) => table.add(k, i));
    assert.deepEqual(
      near.map(k => table.get(k)),
      [0, 1, 2],
    );
  });

  it('notes the day of the last use, and believes no day to come', () => {
    let now = 10 * day;
    const table = createCountTable(undefined, { now: () => now });
    table.add(key(1), 5);
    const days = () => Array.from(table.entries()).filter((_, i) => i % entryWords === 0);
    assert.deepEqual(days(), [10]);
    now = 12.5 * day;
    table.get(key(1));
    assert.deepEqual(days(), [12]);
    const words = table.entries();
    words[0] = 9999;
    const fresh = createCountTable(undefined, { now: () => now });
    fresh.merge(words);
    assert.deepEqual([fresh.entries()[0], fresh.get(key(1)), fresh.fresh], [12, 5, 0]);
  });

  it('when full, answers as before and takes nothing more', () => {
    const table = createCountTable();
    const words = new Int32Array(entryWords * 800_000);
    for (let i = 0, at = 0; at < words.length; i++, at += entryWords) words.set([1, i, i, i, i, i], at);
    table.merge(words);
    assert.equal(table.size, 786_432);
    table.add(key(1), 3);
    assert.equal(table.get(key(1)), undefined);
    assert.equal(table.get(Buffer.from(new Int32Array([5, 5, 5, 5]).buffer)), 5);
  });
});
