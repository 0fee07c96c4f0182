import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadCounts, saveCounts } from '../../../src/core/tokens/countStore.ts';

const key = (n: number) => String(n).padStart(22, 'k');

describe('countStore', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-counts-'));
    file = join(folder, 'deep', 'counts');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps counts across restarts', async () => {
    const counts = new Map([
      [key(1), 10],
      [key(2), 0],
    ]);
    await saveCounts(file, counts);
    assert.deepEqual(await loadCounts(file), counts);
    assert.deepEqual(await readdir(join(folder, 'deep')), ['counts']);
  });

  it('starts empty without a file', async () => assert.equal((await loadCounts(file)).size, 0));

  const damaged: [string, (text: string) => string, number][] = [
    ['an older version', text => text.replace('/1', '/0'), 0],
    ['a torn write', text => text.slice(0, -5), 1],
    ['lines that are no counts', text => `${text}nonsense\n${key(3)} -4\n${key(4)} 1e9\n`, 2],
    ['an empty file', () => '', 0],
  ];
  for (const [name, damage, left] of damaged) {
    it(`reads what is sound of ${name}`, async () => {
      await saveCounts(
        file,
        new Map([
          [key(1), 10],
          [key(2), 20],
        ]),
      );
      await writeFile(file, damage(await readFile(file, 'utf8')));
      assert.equal((await loadCounts(file)).size, left);
    });
  }
});
