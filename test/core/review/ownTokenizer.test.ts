import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { resolveLimit } from '../../../src/core/endpoint/limit.ts';
import type { Endpoint } from '../../../src/core/endpoint/types.ts';
import { LongviewError } from '../../../src/core/errors.ts';
import { createMeasurer, type Measurer } from '../../../src/core/pack/measurer.ts';
import { countingFor } from '../../../src/core/review/counting.ts';
import { countingWith, createTokenizers, tokenizerPath } from '../../../src/core/review/ownTokenizer.ts';
import { defaultPromptSettings, prepare, survey } from '../../../src/core/review/prepare.ts';
import { rankFileText } from '../../../tools/ranks.mjs';

const ratios = { samples: () => [] };
const server = (model: string, tokenizer?: string): Endpoint => ({
  config: { id: 'e', baseUrl: 'http://127.0.0.1:9/v1', model, ...(tokenizer !== undefined && { tokenizer }) },
  kind: 'server',
  fetch: () => Promise.reject(new Error('nothing is sent')),
  apiKey: async () => undefined,
});

describe('which tokenizer file counts for an endpoint', () => {
  const cases: [string, Endpoint | null, string | undefined, string | undefined][] = [
    ['its own', server('qwen3', '/q.json'), '/llama', '/q.json'],
    ['its own before that of all Llama 4 models', server('llama-4-scout', '/mine'), '/llama', '/mine'],
    ['that of all Llama 4 models', server('meta-llama/Llama-4-Scout'), '/llama', '/llama'],
    ['none for other models', server('llama-3.3-70b'), '/llama', undefined],
    ['none where none is set', server('llama-4-scout'), undefined, undefined],
    ['none without an endpoint', null, '/llama', undefined],
    ['none for the offline reader', { ...server('llama-4-scout'), kind: 'offline' }, '/llama', undefined],
  ];
  for (const [name, endpoint, ofLlama4, path] of cases) {
    it(name, () => assert.equal(tokenizerPath(endpoint, ofLlama4), path));
  }
});

describe('counting with the user’s own tokenizer', function () {
  this.timeout(30_000);
  let measurer: Measurer;
  let folder: string;
  const file = () => join(folder, 'tokenizer.model');
  before(() => {
    measurer = createMeasurer(resolve('dist/measureWorker.js'));
  });
  after(() => measurer.dispose());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-own-'));
    await writeFile(file(), rankFileText('cl100k'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is exact, and reads the file once until it changes', async () => {
    let reads = 0;
    const counted = {
      inspectTokenizer: (path: string) => {
        reads++;
        return measurer.inspectTokenizer(path);
      },
    };
    const deps = { tokenizers: createTokenizers(counted), ratios };
    const first = await countingWith(server('my-deployment'), file(), deps);
    assert.ok(first.exact && first.source.kind === 'file' && first.problem === undefined);
    assert.deepEqual(await countingWith(server('my-deployment'), file(), deps), first);
    assert.equal(reads, 1);
    await writeFile(file(), rankFileText('o200k'));
    const second = await countingWith(server('my-deployment'), file(), deps);
    assert.match(JSON.stringify(second.source), /"o200k:[0-9a-f]{12}"/);
    assert.equal(reads, 2);
  });

  const broken: [string, (path: string) => Promise<void>, string, RegExp][] = [
    ['moved', path => rename(path, `${path}.old`), 'my-deployment', /could not be read: ENOENT/],
    [
      'cut short',
      path => writeFile(path, 'IQ== 0\nIg== 1\n'),
      'my-deployment',
      /lacks tokens for single bytes/,
    ],
    ['a web page', path => writeFile(path, '<!doctype html>'), 'my-deployment', /is a web page/],
    ['a folder', async path => (await rm(path), copyFolder(path)), 'my-deployment', /could not be read/],
    [
      'another model’s',
      async () => undefined,
      'llama-4-scout',
      /is of cl100k, and llama-4-scout is a model of/,
    ],
  ];
  for (const [name, damage, model, problem] of broken) {
    it(`goes on without a file that is ${name}, and says so`, async () => {
      await damage(file());
      const deps = { tokenizers: createTokenizers(measurer), ratios };
      const { problem: said, ...counting } = await countingWith(server(model), file(), deps);
      assert.match(said ?? '', problem);
      assert.match(said ?? '', /not used/);
      assert.deepEqual(counting, countingFor(server(model), undefined, ratios), 'as if there were none');
      assert.ok(!counting.exact && counting.errorBound > 0);
    });
  }

  for (const [name, damage, problem] of [
    [
      'is gone',
      (path: string) => rename(path, `${path}.old`),
      /could not be read: ENOENT.*So it is not used/,
    ],
    [
      'is another',
      (path: string) => writeFile(path, rankFileText('o200k')),
      /has changed.*So it is not used/,
    ],
  ] as const) {
    it(`a survey and a pack go on where the file ${name} before a worker has loaded it, and say so`, async () => {
      const counting = await countingWith(server('m'), file(), {
        tokenizers: createTokenizers(measurer),
        ratios,
      });
      assert.ok(counting.exact);
      await damage(file());
      await writeFile(join(folder, 'a.ts'), 'export const litres = 2;\n');
      // Its workers have loaded nothing yet.
      const fresh = createMeasurer(resolve('dist/measureWorker.js'));
      try {
        const request = {
          folders: [{ name: 'w', path: folder }],
          trusted: true,
          endpoint: server('m'),
          limit: resolveLimit([{ source: 'declared', tokens: 9000, at: '2026-01-01', detail: '' }]),
          counting,
          question: '',
          settings: defaultPromptSettings,
        };
        for (const found of [await survey(request, fresh), await prepare(request, fresh)]) {
          assert.match(found.counting.problem ?? '', problem);
          assert.deepEqual([found.counter.id, found.counter.exact], ['o200k', false]);
          assert.ok(found.counter.errorBound > 0.2);
          assert.ok(found.inventory.files.some(f => f.path === 'a.ts' && f.tokens > 0));
        }
      } finally {
        await fresh.dispose();
      }
    });
  }

  it('uses the file again once it is back', async () => {
    const deps = { tokenizers: createTokenizers(measurer), ratios };
    await rename(file(), `${file()}.old`);
    assert.ok((await countingWith(server('m'), file(), deps)).problem);
    await copyFile(`${file()}.old`, file());
    assert.equal((await countingWith(server('m'), file(), deps)).exact, true);
  });

  it('wants a whole path, or one from the home folder', async () => {
    const seen: string[] = [];
    const tokenizers = createTokenizers({
      inspectTokenizer: async path => (seen.push(path), measurer.inspectTokenizer(file())),
    });
    await assert.rejects(
      tokenizers.inspect('models/tokenizer.model'),
      e => e instanceof LongviewError && e.code === 'bad-settings' && e.message.includes('whole path'),
    );
    await assert.rejects(tokenizers.inspect('~/longview-no-such-file'), /longview-no-such-file/);
    await assert.rejects(tokenizers.inspect('~/longview-no-such-file'), error => {
      assert.ok(error instanceof Error && error.message.includes(homedir()));
      return true;
    });
    assert.deepEqual(seen, []);
  });

  it('a cancelled survey is cancelled, and does not cancel another’s look at the file', async () => {
    const deps = { tokenizers: createTokenizers(measurer), ratios };
    const controller = new AbortController();
    const cancelled = countingWith(server('m'), file(), deps, controller.signal);
    const other = countingWith(server('m'), file(), deps);
    controller.abort();
    await assert.rejects(cancelled, { name: 'AbortError' });
    assert.equal((await other).exact, true);
  });
});

async function copyFolder(path: string): Promise<void> {
  await mkdtemp(path).then(made => rename(made, path));
}
