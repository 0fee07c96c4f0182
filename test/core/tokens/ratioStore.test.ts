import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RatioSample } from '../../../src/core/tokens/learnedRatio.ts';
import { openRatios, ratioKey } from '../../../src/core/tokens/ratioStore.ts';

const where = { baseUrl: 'https://api.example.test/v1', model: 'llama-4-scout' };
const key = ratioKey(where, 'o200k~llama4');
const sample = (at: number): RatioSample => ({ counted: 10_000.5, used: 13_000 + at, at });

describe('ratios across restarts', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-ratios-'));
    file = join(folder, 'deep', 'ratios');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are kept, oldest first, and name nobody’s host', async () => {
    const book = await openRatios(file);
    assert.deepEqual(book.samples(key), []);
    for (const at of [1, 2, 3]) assert.equal(await book.observe(key, sample(at)), undefined);
    assert.deepEqual((await openRatios(file)).samples(key), [1, 2, 3].map(sample));
    assert.ok(!(await readFile(file, 'utf8')).includes('example'));
    assert.deepEqual(await readdir(join(folder, 'deep')), ['ratios']);
  });

  it('are of one endpoint, model and counter', () => {
    const keys = [
      key,
      ratioKey(where, 'o200k'),
      ratioKey({ ...where, model: 'other' }, 'o200k~llama4'),
      ratioKey({ ...where, baseUrl: 'http://127.0.0.1:8000/v1' }, 'o200k~llama4'),
    ];
    assert.equal(new Set(keys).size, 4);
  });

  it('of two processes are all kept, also when observed at once', async () => {
    const [a, b] = [await openRatios(file), await openRatios(file)];
    await a.observe(key, sample(1));
    await b.observe(key, sample(2));
    await Promise.all([b.observe(key, sample(3)), b.observe(key, sample(4))]);
    assert.deepEqual((await openRatios(file)).samples(key), [1, 2, 3, 4].map(sample));
  });

  it('of another window are seen after a refresh, and not lost by it', async () => {
    const [a, b] = [await openRatios(file), await openRatios(file)];
    await b.observe(key, sample(2));
    assert.deepEqual(a.samples(key), []);
    await a.refresh();
    assert.deepEqual(a.samples(key), [sample(2)]);
    await rm(file);
    await a.refresh();
    assert.deepEqual(a.samples(key), [sample(2)]);
  });

  it('that cannot be read are none at first, and the refresh says why', async () => {
    await mkdir(file, { recursive: true });
    const book = await openRatios(file);
    assert.deepEqual(book.samples(key), []);
    await assert.rejects(book.refresh(), /EISDIR/);
  });

  it('are the latest twenty', async () => {
    const book = await openRatios(file);
    for (let at = 1; at <= 25; at++) await book.observe(key, sample(at));
    assert.deepEqual(
      (await openRatios(file)).samples(key).map(s => s.at),
      Array.from({ length: 20 }, (_, i) => i + 6),
    );
  });

  it('say why a reply taught nothing, and do not keep it', async () => {
    const book = await openRatios(file);
    assert.match((await book.observe(key, { counted: 10_000, used: 100, at: 1 })) ?? '', /far less/);
    assert.deepEqual(book.samples(key), []);
  });

  it('know a sample that could not be written, and say that it could not', async () => {
    const book = await openRatios(file);
    await writeFile(join(folder, 'deep'), 'in the way');
    await assert.rejects(book.observe(key, sample(1)));
    assert.deepEqual(book.samples(key), [sample(1)]);
  });

  const damaged: [string, (text: string) => string, number][] = [
    ['an older version', text => text.replace('/1', '/0'), 0],
    ['a torn write', text => text.slice(0, -4), 1],
    ['lines that are no samples', text => `${text}nonsense\n${key} 10000 -1 5\n${key} 1e4 13000 5\n`, 2],
    ['a cut prompt that got in', text => `${text}${key} 10000 100 5\n`, 2],
    ['an empty file', () => '', 0],
  ];
  for (const [name, damage, left] of damaged) {
    it(`read what is sound of ${name}`, async () => {
      const book = await openRatios(file);
      await book.observe(key, sample(1));
      await book.observe(key, sample(2));
      await writeFile(file, damage(await readFile(file, 'utf8')));
      assert.equal((await openRatios(file)).samples(key).length, left);
    });
  }
});
