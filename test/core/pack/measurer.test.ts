import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { LongviewError } from '../../../src/core/errors.ts';
import { fileSegment } from '../../../src/core/pack/frame.ts';
import { createMeasurer, type Measurer } from '../../../src/core/pack/measurer.ts';
import { rankFileText } from '../../../tools/ranks.mjs';
import { counters } from '../tokens/oracles.ts';

const text = 'export const 数 = "<|endoftext|>";\r\n\r\n';

describe('measurer', function () {
  this.timeout(30_000);
  let folder: string;
  let measurer: Measurer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-measurer-'));
    await writeFile(join(folder, 'a.ts'), text);
    measurer = createMeasurer(resolve('dist/measureWorker.js'));
  });
  after(async () => {
    await measurer.dispose();
    await rm(folder, { recursive: true });
  });

  const files = () => [{ path: 'a.ts', absolutePath: join(folder, 'a.ts') }];
  const options = { maxFileBytes: 1e6 };

  it('counts with the vocabulary it is given, remembering each apart', async () => {
    const cl100k = measurer.withCounter({ kind: 'encoding', encoding: 'cl100k' });
    for (const [counter, by] of [
      [counters.o200k, measurer],
      [counters.cl100k, cl100k],
      [counters.o200k, cl100k.withCounter({ kind: 'encoding', encoding: 'o200k' })],
    ] as const) {
      assert.equal(by.counterId, counter.id);
      assert.equal(await by.count(text), counter.countText(text));
      const measured = await by.measure(files(), options);
      assert.equal(measured.files[0]?.tokens, counter.countText(fileSegment('a.ts', text)));
      assert.deepEqual(measured.files[0].letters, { Han: 1 });
      const asItIs = await by.countFiles(files(), options);
      assert.deepEqual(asItIs.files, [
        {
          path: 'a.ts',
          language: 'typescript',
          bytes: Buffer.byteLength(text),
          tokens: counter.countText(text),
          traits: { crlf: true, letters: { Han: 1 } },
        },
      ]);
    }
    assert.equal(
      measurer.freshCounts,
      5,
      'framed and as it is, by each vocabulary; and that it holds no secret',
    );
  });

  it('counts with the user’s tokenizer file, and not with what was put in its place', async () => {
    const path = join(folder, 'own.tiktoken');
    await writeFile(path, rankFileText('cl100k'));
    const own = await measurer.inspectTokenizer(path);
    assert.deepEqual([own.family, own.format, own.tokens, own.path], ['cl100k', 'ranks', 100_256, path]);
    const source = { kind: 'file', path, counterId: own.counterId } as const;
    assert.equal(await measurer.withCounter(source).count(text), counters.cl100k.countText(text));
    await writeFile(path, rankFileText('o200k'));
    const fresh = createMeasurer(resolve('dist/measureWorker.js'));
    await assert.rejects(fresh.withCounter(source).count(text), error => {
      assert.ok(error instanceof LongviewError);
      assert.equal(error.code, 'tokenizer-gone');
      assert.match(error.message, /has changed: it is o200k:/);
      return true;
    });
    await rm(path);
    await assert.rejects(
      fresh.inspectTokenizer(path),
      error => error instanceof LongviewError && error.code === 'bad-settings',
    );
    await fresh.dispose();
  });

  it('is stopped without a word while it still reads what earlier runs counted', async () => {
    const told: string[] = [];
    const cache = {
      file: join(folder, 'counts'),
      measuredFolder: join(folder, 'measured'),
      warn: (message: string) => void told.push(message),
    };
    const stopped = createMeasurer(resolve('dist/measureWorker.js'), cache);
    const ended = Promise.allSettled([
      stopped.list([{ name: 'a', path: join(folder, 'gone') }], { trusted: true }),
      stopped.measure(files(), options),
    ]);
    await stopped.dispose();
    await ended;
    assert.deepEqual(told, []);
  });
});
