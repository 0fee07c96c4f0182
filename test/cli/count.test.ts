import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createCounter } from '../../src/core/tokens/createCounter.ts';
import { rankFileText } from '../../tools/ranks.mjs';
import { runCli } from './run.ts';

const counters = {
  o200k: createCounter(readFileSync('dist/o200k.ranks'), 'o200k'),
  cl100k: createCounter(readFileSync('dist/cl100k.ranks'), 'cl100k'),
};

interface CountReport {
  readonly schema: string;
  readonly files: { path: string; language: string; bytes: number; tokens: number }[];
  readonly skips: { path: string; reason: string }[];
  readonly totals: { files: number; bytes: number; tokens: number };
  readonly counter: { id: string; exact: boolean; errorBound: number };
}

/** Content whose count changes with the smallest liberty taken. */
const contents: Readonly<Record<string, Buffer>> = {
  'src/pump.ts': Buffer.from('export function startPump() {\r\n    return 2;\r\n}\r\n'),
  'src/bom.cs': Buffer.from('\uFEFFusing System;\n'),
  'src/deep/special.md': Buffer.from('<|endoftext|> 123456 ‘quotes’ 你好\n\n\n  no end'),
  'src/empty.txt': Buffer.from(''),
};

describe('longview count', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-count-'));
    folder = join(home, 'project');
    await mkdir(join(folder, 'src/deep'), { recursive: true });
    for (const [path, content] of Object.entries(contents)) await writeFile(join(folder, path), content);
    await writeFile(join(folder, '.gitignore'), 'ignored.log\n');
    await writeFile(join(folder, 'ignored.log'), 'nobody asked\n');
    await writeFile(join(folder, 'logo.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]));
  });
  after(() => rm(home, { recursive: true }));

  const run = (...args: string[]) => runCli(['count', ...args], { home, cwd: folder });
  async function count(...args: string[]): Promise<CountReport> {
    const { code, stdout, stderr } = await run(...args, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as CountReport;
  }

  for (const encoding of ['o200k', 'cl100k'] as const) {
    it(`counts files as they are on disk, by ${encoding}`, async () => {
      const report = await count('--tokenizer', encoding);
      assert.equal(report.schema, 'longview.count/1');
      assert.deepEqual(report.counter, { id: encoding, exact: true, errorBound: 0 });
      const found = new Map(report.files.map(f => [f.path, f]));
      for (const [path, content] of Object.entries(contents)) {
        assert.equal(found.get(path)?.tokens, counters[encoding].countUtf8(content), path);
        assert.equal(found.get(path)?.bytes, content.length, path);
      }
      assert.deepEqual([...found.keys()].sort(), ['.gitignore', ...Object.keys(contents)].sort());
      const sum = report.files.reduce((n, f) => n + f.tokens, 0);
      assert.deepEqual([report.totals.files, report.totals.tokens], [5, sum]);
      assert.deepEqual(report.skips, [{ path: 'logo.png', reason: 'binary content' }]);
    });
  }

  it('counts again from its memory what it counted before, to the same numbers', async () => {
    assert.deepEqual((await count()).files, (await count()).files);
  });

  it('counts a file in another encoding as the text it decodes to', async () => {
    const wide = join(home, 'wide.txt');
    await writeFile(wide, Buffer.from('\uFEFFgrüße\n', 'utf16le'));
    const report = await count(wide);
    assert.deepEqual(report.totals, { files: 1, bytes: 14, tokens: counters.o200k.countText('grüße\n') });
  });

  it('takes files and folders, each file once, by the paths they were given by', async () => {
    const report = await count('src/deep', 'src/deep/special.md', 'ignored.log', join(folder, 'src/pump.ts'));
    assert.deepEqual(
      report.files.map(f => [f.path, f.language]),
      [
        ['ignored.log', 'log'],
        ['src/deep/special.md', 'markdown'],
        ['src/pump.ts', 'typescript'],
      ],
    );
  });

  it('counts with the user’s own rank file, and refuses one that is cut short', async () => {
    const ranks = join(home, 'my.tiktoken');
    await writeFile(ranks, rankFileText('cl100k'));
    const report = await count('src', '--tokenizer', ranks);
    assert.match(report.counter.id, /^cl100k:[0-9a-f]{12}$/);
    assert.equal(
      report.files.find(f => f.path === 'src/deep/special.md')?.tokens,
      counters.cl100k.countUtf8(contents['src/deep/special.md'] ?? Buffer.alloc(0)),
    );
    await writeFile(ranks, 'IQ== 0\n');
    const { code, stderr } = await run('src', '--tokenizer', ranks);
    assert.equal(code, 1);
    assert.match(stderr, /single bytes/);
  });

  it('counts as an endpoint would: an estimate says so, with its bound', async () => {
    const endpoint = ['--base-url', 'http://127.0.0.1:9/v1', '--model'];
    const exact = await count('src', ...endpoint, 'gpt-4-turbo');
    assert.deepEqual(exact.counter, { id: 'cl100k', exact: true, errorBound: 0 });
    const report = await count('src', ...endpoint, 'llama-4-scout');
    assert.deepEqual([report.counter.id, report.counter.exact], ['o200k', false]);
    assert.ok(report.counter.errorBound > 0.025);
    const pump = report.files.find(f => f.path === 'src/pump.ts')?.tokens ?? 0;
    const plain = counters.o200k.countUtf8(contents['src/pump.ts'] ?? Buffer.alloc(0));
    assert.equal(pump, Math.round(plain * 1.087), 'CRLF costs Llama 4 more');
    const sum = report.files.reduce((n, f) => n + f.tokens, 0);
    assert.equal(report.totals.tokens, sum);
    const { stdout, stderr } = await run('src', ...endpoint, 'llama-4-scout');
    assert.match(stdout, /total \(o200k, estimated, ±\d/);
    assert.match(stderr, /your own copy of it makes the count exact/);
  });

  it('prints a table for people', async () => {
    const { code, stdout, stderr } = await run('src');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ +tokens +bytes +files {2}language\n/);
    assert.match(stdout, / {2}total \(o200k\)\n$/);
  });

  const wrong: [string, string[], number, RegExp][] = [
    ['a path that is not there', ['nothing-here'], 1, /nothing-here could not be found/],
    ['a named file that is no text', ['logo.png', 'src'], 1, /logo\.png was not counted: binary content/],
    ['a tokenizer that is not there', ['src', '--tokenizer', 'o300k'], 1, /o300k could not be read/],
    ['an unknown option', ['--words'], 2, /words/],
  ];
  for (const [name, args, code, message] of wrong) {
    it(`exits with ${code} on ${name}`, async () => {
      const result = await run(...args);
      assert.equal(result.code, code);
      assert.match(result.stderr, message);
    });
  }
});
