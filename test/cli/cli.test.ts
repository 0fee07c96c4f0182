import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { unpack } from '../../src/core/pack/unpack.ts';
import { createCounter } from '../../src/core/tokens/createCounter.ts';
import { rankFileText } from '../../tools/ranks.mjs';
import { startFake, type Fake } from '../fakes/index.ts';

const cli = resolve('dist/cli.js');
const o200k = createCounter(readFileSync('dist/o200k.ranks'), 'o200k');

interface PackReport {
  readonly schema: string;
  readonly limit: unknown;
  readonly files: { path: string; form: string; lines: number; tokens: number }[];
  readonly skips: unknown;
  readonly totals: { files: number; bytes: number; tokens: number };
  readonly promptSha256: string;
}

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('longview', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  let fake: Fake;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-cli-'));
    folder = join(home, 'project');
    await mkdir(join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'README.md'), '# Garden\n\nWaters plants.\n');
    await writeFile(
      join(folder, 'src/pump.ts'),
      'export function startPump(litres: number) {\n  return litres * 2;\n}\n',
    );
    await writeFile(join(folder, 'src/valve.ts'), 'export const valveOpen = false;\n');
    await writeFile(join(folder, 'logo.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]));
  });
  after(() => rm(home, { recursive: true }));
  beforeEach(async () => {
    fake = await startFake({
      system: 'vllm',
      contextTokens: 20_000,
      apiKey: 'marker-key-123',
      answer: 'The pump doubles: `src/pump.ts:1-2` `return litres * 2;` and `src/ghost.ts:3` too.\n',
    });
  });
  afterEach(() => fake.close());

  function start(args: readonly string[], env: Record<string, string> = {}) {
    return spawn(process.execPath, [cli, ...args], {
      env: {
        ...process.env,
        HOME: home,
        XDG_CONFIG_HOME: join(home, 'config'),
        XDG_CACHE_HOME: join(home, 'cache'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  function finished(child: ReturnType<typeof start>): Promise<Run> {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    return new Promise(done => child.on('close', code => done({ code, stdout, stderr })));
  }

  const run = (args: readonly string[], env: Record<string, string> = {}) => finished(start(args, env));
  const toFake = () => ['--base-url', fake.baseUrl, '--model', fake.model, '--api-key-env', 'FAKE_KEY'];
  const key = { FAKE_KEY: 'marker-key-123' };

  it('packs everything without a limit, and accounts for every file', async () => {
    const out = join(home, 'prompt.txt');
    const { code, stdout } = await run(['pack', folder, '--json', '--out', out]);
    assert.equal(code, 0);
    const report = JSON.parse(stdout) as PackReport;
    assert.equal(report.schema, 'longview.pack/1');
    assert.deepEqual(report.limit, { tokens: null, source: null, evidence: [] });
    const files = report.files;
    assert.deepEqual(
      files.map(f => [f.path, f.form, f.lines]),
      [
        ['README.md', 'full', 3],
        ['src/pump.ts', 'full', 3],
        ['src/valve.ts', 'full', 1],
      ],
    );
    assert.deepEqual(report.skips, [{ path: 'logo.png', reason: 'binary content' }]);
    const prompt = await readFile(out);
    assert.equal(createHash('sha256').update(prompt).digest('hex'), report.promptSha256);
    const totals = report.totals;
    assert.deepEqual([totals.files, totals.bytes], [3, prompt.length]);
    assert.equal(totals.tokens, o200k.countUtf8(prompt), 'the sum of segments is the count of the whole');
    assert.deepEqual(
      unpack(prompt.toString()).map(f => f.path),
      files.map(f => f.path),
    );
  });

  it('gives the same bytes again', async () => {
    const [a, b] = [await run(['pack', folder, '--json']), await run(['pack', folder, '--json'])];
    const sha = (r: Run) => (JSON.parse(r.stdout) as { promptSha256: string }).promptSha256;
    assert.equal(sha(a), sha(b));
  });

  it('keeps to --limit, naming what is left out and why', async () => {
    const { stdout } = await run(['pack', folder, '--json', '--limit', '1000']);
    const report = JSON.parse(stdout) as {
      limit: { tokens: number; source: string };
      budget: { room: number };
      totals: { tokens: number };
      files: { form: string; reason?: string }[];
    };
    assert.deepEqual([report.limit.tokens, report.limit.source], [1000, 'declared']);
    assert.ok(report.totals.tokens <= report.budget.room);
    for (const f of report.files) assert.equal(f.form !== 'full', f.reason !== undefined);
  });

  it('asks the offline reader without any account, and verifies its anchors', async () => {
    const { code, stdout } = await run(['ask', 'What does startPump do?', folder, '--json']);
    assert.equal(code, 0);
    const report = JSON.parse(stdout) as {
      schema: string;
      answer: string;
      anchors: { path: string; state: string }[];
      usage: { promptTokens: number };
    };
    assert.equal(report.schema, 'longview.ask/1');
    assert.match(report.answer, /no model was involved/i);
    assert.ok(
      report.anchors.some(a => a.path === 'src/pump.ts' && a.state === 'verified'),
      stdout,
    );
    assert.ok(report.usage.promptTokens > 0);
  });

  it('asks an endpoint, telling what leaves on stderr, and shows an invented path as missing', async () => {
    const { code, stdout, stderr } = await run(
      ['ask', 'What does the pump do?', folder, '--json', ...toFake()],
      key,
    );
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as {
      anchors: { path: string; state: string; startLine: number }[];
      limit: { source: string; tokens: number };
      endpoint: { model: string };
      usage: Record<string, number | null>;
    };
    assert.deepEqual(
      report.anchors.map(a => [a.path, a.state]),
      [
        ['src/pump.ts', 'verified'],
        ['src/ghost.ts', 'missing'],
      ],
    );
    assert.deepEqual(
      [report.limit.source, report.limit.tokens, report.endpoint.model],
      ['served', 20_000, fake.model],
    );
    assert.match(stderr, /Sending 3 files, [\d,]+ tokens, to 127\.0\.0\.1:\d+/);
    assert.ok(!stdout.includes('marker-key') && !stderr.includes('marker-key'));
    const body = fake.chats()[0]?.body as { messages: { content: string }[] };
    assert.deepEqual(
      unpack(body.messages[1]?.content ?? '').map(f => f.path),
      ['README.md', 'src/pump.ts', 'src/valve.ts'],
    );
    assert.match(body.messages[1]?.content ?? '', /@@@@ question\nWhat does the pump do\?\n$/);
  });

  it('learns from each reply’s usage, and remembers it in the next run', async () => {
    const crowded = await startFake({
      system: 'openrouter',
      model: 'openai/gpt-oss-120b',
      contextTokens: 20_000,
      tokenRatio: 1.3,
    });
    await writeFile(join(folder, 'words.txt'), 'plain words to count, one after the other\n'.repeat(100));
    const asked = ['ask', 'Why?', folder, '--json', '--base-url', crowded.baseUrl, '--model', crowded.model];
    const [first, second] = [await run(asked), await run(asked)].map(
      r => JSON.parse(r.stdout) as { counter: { exact: boolean; errorBound: number; note: string } },
    );
    assert.deepEqual([first?.counter.exact, first?.counter.note], [true, 'Counted exactly (o200k).']);
    assert.equal(second?.counter.exact, false);
    assert.match(second.counter.note, /times 1\.\d+ as learned from 1 reply, ±/);
    await rm(join(folder, 'words.txt'));
    await crowded.close();
  });

  it('takes the endpoint’s own count where it counts', async () => {
    const { stdout } = await run(['ask', 'Why?', folder, '--json', ...toFake()], key);
    const report = JSON.parse(stdout) as { counter: object };
    assert.deepEqual(report.counter, {
      id: 'endpoint',
      exact: true,
      errorBound: 0,
      note: 'Counted by the endpoint itself (/tokenize).',
    });
  });

  it('counts a prompt with the tokenizer that is named, and refuses another model’s', async () => {
    const ranks = join(home, 'own.tiktoken');
    await writeFile(ranks, rankFileText('cl100k'));
    const { stdout } = await run(['pack', folder, '--json', '--tokenizer', ranks]);
    const { counter } = JSON.parse(stdout) as { counter: { id: string; exact: boolean } };
    assert.ok(counter.exact && counter.id.startsWith('cl100k:'));
    const { code, stderr } = await run(['pack', folder, '--tokenizer', ranks, ...toFake()], key);
    assert.equal(code, 1);
    assert.match(stderr, /is of cl100k, and .*Scout.* is a model of Llama 4/);
  });

  it('counts with an endpoint’s own tokenizer file, and without it where it cannot, saying so', async () => {
    const config = join(home, 'config', 'longview');
    const file = join(home, 'mine.tiktoken');
    await mkdir(config, { recursive: true });
    await writeFile(file, rankFileText('cl100k'));
    const endpoint = { id: 'mine', baseUrl: fake.baseUrl, model: 'my-deployment', tokenizer: file };
    await writeFile(join(config, 'endpoints.json'), JSON.stringify([endpoint]));
    const count = async () => {
      const { stdout, stderr } = await run(['count', folder, '--json', '--endpoint', 'mine']);
      return { counter: (JSON.parse(stdout) as { counter: { id: string; exact: boolean } }).counter, stderr };
    };
    const exact = await count();
    assert.ok(exact.counter.exact && exact.counter.id.startsWith('cl100k:'), exact.stderr);
    await writeFile(file, 'IQ== 0\n');
    const estimate = await count();
    assert.deepEqual([estimate.counter.exact, estimate.counter.id], [false, 'o200k']);
    assert.match(estimate.stderr, /lacks tokens for single bytes.*not used/);
    await rm(join(config, 'endpoints.json'));
  });

  it('stops before sending over an unknown limit, and names the remedy', async () => {
    fake.configure({ contextTokens: 20_000 });
    const unknown = await startFake({ system: 'openai', answer: 'never' });
    const { code, stderr } = await run([
      'ask',
      'Why?',
      folder,
      '--base-url',
      unknown.baseUrl,
      '--model',
      unknown.model,
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /limit .*unknown.*--limit N.*longview limit/s);
    assert.equal(unknown.chats().length, 0);
    const sent = await run([
      'ask',
      'Why?',
      folder,
      '--base-url',
      unknown.baseUrl,
      '--model',
      unknown.model,
      '--limit',
      '9000',
    ]);
    assert.equal(sent.code, 0, sent.stderr);
    await unknown.close();
  });

  it('shows what arrived of an answer that broke off, and fails', async () => {
    fake.fail({ kind: 'die', afterChunks: 1 });
    const { code, stdout, stderr } = await run(['ask', 'Why?', folder, ...toFake()], key);
    assert.equal(code, 1);
    assert.match(stdout, /^The pump/);
    assert.match(stderr, /broke off/);
  });

  it('reads endpoints.json of the user’s folder and never the workspace’s', async () => {
    const config = join(home, 'config', 'longview');
    await mkdir(config, { recursive: true });
    await writeFile(
      join(folder, 'endpoints.json'),
      JSON.stringify([{ id: 'evil', baseUrl: 'http://127.0.0.1:9/v1', model: 'm' }]),
    );
    await writeFile(
      join(config, 'endpoints.json'),
      JSON.stringify([{ id: 'mine', baseUrl: fake.baseUrl, model: fake.model, apiKeyEnv: 'FAKE_KEY' }]),
    );
    const listed = await run(['endpoints', '--json']);
    const { endpoints } = JSON.parse(listed.stdout) as { endpoints: { id: string }[] };
    assert.deepEqual(
      endpoints.map(e => e.id),
      ['offline', 'mine'],
    );
    const limit = await run(['limit', '--endpoint', 'mine', '--json'], key);
    const report = JSON.parse(limit.stdout) as { schema: string; limit: { tokens: number; source: string } };
    assert.deepEqual(
      [report.schema, report.limit.tokens, report.limit.source],
      ['longview.limit/1', 20_000, 'served'],
    );
    const unset = await run(['ask', 'Why?', folder, '--endpoint', 'mine']);
    assert.equal(unset.code, 1);
    assert.match(unset.stderr, /FAKE_KEY is not set/);
    await writeFile(join(config, 'endpoints.json'), '{');
    const torn = await run(['endpoints']);
    assert.deepEqual([torn.code, /not valid JSON/.test(torn.stderr)], [1, true]);
    await rm(join(config, 'endpoints.json'));
    await rm(join(folder, 'endpoints.json'));
  });

  const wrong: [string, string[], number, RegExp][] = [
    ['no command', [], 2, /no command/],
    ['an unknown option', ['pack', '--fast'], 2, /fast/],
    ['a folder that is not there', ['pack', '/nowhere/at/all'], 1, /could not be opened/],
    ['a wrong URL', ['ask', 'x', '.', '--base-url', 'nonsense', '--model', 'm'], 1, /not a URL/],
    ['an unknown endpoint', ['ask', 'x', '.', '--endpoint', 'none'], 1, /no endpoint "none"/],
  ];
  for (const [name, args, code, message] of wrong) {
    it(`exits with ${code} on ${name}`, async () => {
      const result = await run(args);
      assert.equal(result.code, code);
      assert.match(result.stderr, message);
      assert.equal(result.stdout, '');
      assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
    });
  }

  it('says that an empty folder holds nothing to pack', async () => {
    const empty = join(home, 'empty');
    await mkdir(empty);
    const { code, stderr } = await run(['pack', empty]);
    assert.equal(code, 1);
    assert.match(stderr, /holds no files/);
  });

  it('exits with 130 when interrupted, and really aborts the request', async () => {
    fake.headersGate.close();
    const child = start(['ask', 'Why?', folder, ...toFake()], key);
    const done = finished(child);
    await fake.headersGate.arrived();
    child.kill('SIGINT');
    const { code, stderr } = await done;
    assert.equal(code, 130);
    assert.match(stderr, /Cancelled/);
    await fake.nextAborted();
  });

  it('prints help and version', async () => {
    assert.match((await run(['--help'])).stdout, /^Usage: longview/);
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    assert.equal((await run(['--version'])).stdout.trim(), version);
  });
});
