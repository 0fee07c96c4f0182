import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadCounts, mostKept, saveCounts } from '../../../src/core/tokens/countStore.ts';
import { createCountTable, entryWords, type CountTable } from '../../../src/core/tokens/countTable.ts';

const key = (n: number) => createHash('sha256').update(String(n)).digest();
const tableOf = (...numbers: number[]): CountTable => {
  const table = createCountTable();
  for (const n of numbers) table.add(key(n), n * 10);
  return table;
};

describe('countStore', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-counts-'));
    file = join(folder, 'deep', 'counts');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const loaded = (): CountTable => {
    const table = createCountTable();
    loadCounts(file, table);
    return table;
  };

  it('keeps counts across restarts', async () => {
    const table = tableOf(0, 1, 2);
    await saveCounts(file, table);
    assert.equal(table.fresh, 0);
    const again = loaded();
    assert.deepEqual(
      [0, 1, 2, 3].map(n => again.get(key(n))),
      [0, 10, 20, undefined],
    );
    assert.equal(again.fresh, 0, 'nothing to write yet');
    assert.deepEqual(await readdir(join(folder, 'deep')), ['counts']);
  });

  it('starts empty without a file', () => assert.equal(loaded().size, 0));

  it('keeps what another window wrote meanwhile, and learns it', async () => {
    const [one, other] = [tableOf(1), tableOf(2)];
    await saveCounts(file, one);
    await saveCounts(file, other);
    assert.deepEqual([loaded().size, other.get(key(1)), one.get(key(2))], [2, 10, undefined]);
    await Promise.all([3, 4, 5, 6].map(n => saveCounts(file, tableOf(n))));
    assert.ok(loaded().size >= 3, 'one of them whole, never a mixture');
  });

  it('keeps the entries used last when there are too many', async () => {
    const table = createCountTable();
    const words = new Int32Array(entryWords * (mostKept + 1000));
    for (let i = 0, at = 0; at < words.length; i++, at += entryWords) {
      words.set([i < 1000 ? 1 : 2, i, i, i, i, i], at);
    }
    table.merge(words);
    await saveCounts(file, table);
    const again = loaded();
    assert.equal(again.size, mostKept);
    const at = (i: number) => again.get(Buffer.from(new Int32Array([i, i, i, i]).buffer));
    assert.deepEqual([at(999), at(1000), at(mostKept)], [undefined, 1000, mostKept]);
  });

  const damaged: [string, (bytes: Buffer) => Buffer][] = [
    ['of the first version', () => Buffer.from(`longview.counts/1\n${'k'.repeat(22)} 10\n`)],
    ['of another version', bytes => (bytes.writeInt32LE(3, 4), bytes)],
    ['torn', bytes => bytes.subarray(0, -8)],
    ['torn between words', bytes => bytes.subarray(0, -3)],
    ['with a flipped bit', bytes => ((bytes[20]! ^= 4), bytes)],
    ['of zeros, as a crash may leave it', bytes => Buffer.alloc(bytes.length)],
    ['larger than any', bytes => Buffer.concat([bytes, Buffer.alloc(mostKept * entryWords * 4)])],
    ['that is empty', () => Buffer.alloc(0)],
  ];
  for (const [name, damage] of damaged) {
    it(`takes a file ${name} for an empty cache, and replaces it`, async () => {
      await saveCounts(file, tableOf(1, 2));
      await writeFile(file, damage(await readFile(file)));
      assert.equal(loaded().size, 0);
      await saveCounts(file, tableOf(3));
      assert.equal(loaded().size, 1);
    });
  }

  it('says so where the file cannot be read or written, and forgets nothing', async () => {
    assert.throws(() => loadCounts(folder, createCountTable()));
    const table = tableOf(1);
    await assert.rejects(saveCounts(folder, table));
    assert.deepEqual([table.fresh, table.get(key(1))], [1, 10]);
    assert.deepEqual(await readdir(folder), []);
  });
});
