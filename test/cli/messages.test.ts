import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { startFake, type Fake } from '../fakes/index.ts';
import { runCli, startCli } from './run.ts';

describe('what longview says', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  let fake: Fake;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-says-'));
    folder = join(home, 'project');
    await mkdir(folder);
    await writeFile(join(folder, 'pump.ts'), 'export const litres = 2;\n'.repeat(200));
  });
  after(() => rm(home, { recursive: true }));
  beforeEach(async () => {
    fake = await startFake({ system: 'vllm', contextTokens: 50_000, reportsCache: true, answer: 'Two.' });
  });
  afterEach(() => fake.close());
  const run = (args: readonly string[], env: Record<string, string> = {}) => runCli(args, { home, env });
  const at = (f: Pick<Fake, 'baseUrl' | 'model'>) => ['--base-url', f.baseUrl, '--model', f.model];
  const ask = (...args: string[]) => run(['ask', 'Why?', folder, ...args]);

  it('cached tokens, and that a second question hit no cache', async () => {
    const first = await ask(...at(fake));
    assert.match(first.stderr, /^Tokens: [\d,]+ read \(0 of them cached\), \d+ written$/m);
    assert.ok(!first.stderr.includes('prefix cache'));
    const second = await ask(...at(fake));
    assert.match(second.stderr, /^Tokens: [\d,]+ read \([1-9][\d,]* of them cached\)/m);
    assert.ok(!second.stderr.includes('prefix cache'), 'there was a hit');
    await fake.close();

    // The same address, and a server that has forgotten everything.
    const other = await startFake({ system: 'vllm', contextTokens: 50_000, reportsCache: true });
    await mkdir(join(home, 'config', 'longview'), { recursive: true });
    const file = join(home, 'config', 'longview', 'endpoints.json');
    const configure = (f: Fake) =>
      writeFile(
        file,
        JSON.stringify([{ id: 'one', baseUrl: f.baseUrl, model: f.model, contextLimit: 50_000 }]),
      );
    await configure(other);
    await ask('--endpoint', 'one');
    await other.close();
    fake = await startFake({ system: 'vllm', contextTokens: 50_000, reportsCache: true });
    await configure(fake);
    const report = await ask('--endpoint', 'one', '--json');
    const { cacheWarning, usage } = JSON.parse(report.stdout) as {
      cacheWarning?: { tokens: number };
      usage: { cachedTokens: number };
    };
    assert.equal(usage.cachedTokens, 0);
    assert.ok((cacheWarning?.tokens ?? 0) > 1000);
    await fake.close();
    fake = await startFake({ system: 'vllm', contextTokens: 50_000, reportsCache: true });
    await configure(fake);
    assert.match(
      (await ask('--endpoint', 'one')).stderr,
      /yet none of their [\d,]+ tokens came from .*prefix cache/,
    );
    await rm(file);
  });

  it('that a variable with the key is not set, before anything is sent or said to be', async () => {
    for (const command of [['ask', 'Why?', folder], ['limit'], ['limit', '--measure'], ['pack', folder]]) {
      const { code, stdout, stderr } = await run([...command, ...at(fake), '--api-key-env', 'NOT_THERE']);
      assert.deepEqual([code, stdout], [1, '']);
      assert.equal(
        stderr,
        'longview: The environment variable NOT_THERE is not set. Export it with the API key.\n',
      );
    }
    assert.equal(fake.requests.length, 0);
  });

  it('that no key is stored, where one is wanted', async () => {
    fake.configure({ apiKey: 'secret' });
    const { code, stderr } = await run(['limit', ...at(fake)]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /wants an API key, and no key is stored for "127\.0\.0\.1:\d+" \(HTTP 401.*--api-key-env/,
    );
  });

  it('that nobody answers, in one sentence', async () => {
    const { code, stderr } = await run(['limit', '--base-url', 'http://127.0.0.1:9/v1', '--model', 'm']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^longview: No server answers at 127\.0\.0\.1:9 \(this machine\): the connection was refused \[ECONNREFUSED\]\. Check/,
    );
  });

  describe('of a base URL that is a web site', () => {
    let site: Server;
    let url: string;
    before(async () => {
      site = createServer((_, response) => {
        response.setHeader('content-type', 'text/html').end('<!doctype html><title>Hello</title>');
      });
      await new Promise<void>(done => site.listen(0, '127.0.0.1', done));
      url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    });
    after(() => new Promise(done => site.close(done)));

    it('names it and suggests /v1, whether asked for its limit or a question', async () => {
      for (const command of [['limit'], ['ask', 'Why?', folder, '--limit', '50k']]) {
        const { code, stderr } = await run([...command, '--base-url', url, '--model', 'm']);
        assert.equal(code, 1);
        assert.ok(stderr.includes(`longview: ${url}/`), stderr);
        assert.match(stderr, /answers with a web page, not as an API does\. .*try \S+\/v1\.$/m);
      }
    });
  });

  it('what else there is, when the model has gone', async () => {
    const cases = [
      { system: 'nvidia', provider: 'nvidia', status: /HTTP 410/ },
      { system: 'groq', provider: 'groq', status: /HTTP 4\d\d/ },
      { system: 'openrouter', provider: 'openrouter', status: /HTTP 404/ },
    ] as const;
    for (const { system, provider, status } of cases) {
      const host = await startFake({
        system,
        model: 'old/model',
        models: [
          { id: 'meta-llama/llama-4-scout', contextTokens: 300_000 },
          { id: 'other/small', contextTokens: 8000 },
        ],
      });
      host.failAlways({ kind: 'dead-model' });
      await mkdir(join(home, 'config', 'longview'), { recursive: true });
      const file = join(home, 'config', 'longview', 'endpoints.json');
      await writeFile(
        file,
        JSON.stringify([
          { id: 'h', provider, baseUrl: host.baseUrl, model: 'old/model', contextLimit: 50_000 },
        ]),
      );
      const { code, stderr } = await ask('--endpoint', 'h');
      await host.close();
      await rm(file);
      assert.equal(code, 1);
      assert.match(stderr, status, system);
      assert.match(stderr, /does not know the model "old\/model"/, system);
      assert.match(stderr, /^Other long-context models there: meta-llama\/llama-4-scout/m, system);
      assert.ok(!stderr.includes('other/small'), system);
    }
  });

  it('file names in one line each, whatever they hold', async function () {
    if (process.platform === 'win32') this.skip();
    const odd = join(home, 'odd');
    await mkdir(odd);
    const names = [
      'new\nline.ts',
      'tab\there.ts',
      'escape\u001b[31m.ts',
      'turned\u202egnp.ts',
      'bin\nary.png',
    ];
    for (const name of names)
      await writeFile(join(odd, name), name.endsWith('png') ? Buffer.from([0, 1, 2]) : 'const x = 1;\n');
    for (const command of ['pack', 'count']) {
      const { code, stdout, stderr } = await run([command, odd]);
      assert.equal(code, 0, stderr);
      assert.ok(!/[\t\u001b\u202e]/.test(stdout), JSON.stringify(stdout));
      assert.match(stdout, /new�line\.ts$/m);
    }
    assert.match((await run(['pack', odd])).stdout, /^ {2}bin�ary\.png: binary content$/m);
    const { files } = JSON.parse((await run(['pack', odd, '--json'])).stdout) as {
      files: { path: string }[];
    };
    assert.ok(
      files.some(f => f.path === 'new\nline.ts'),
      'JSON has the real name',
    );
  });

  it('what a prompt may cost before it goes, and what it did cost', async () => {
    const price = { input: 1, output: 2, cacheRead: 0.5 };
    const paid = await startFake({ system: 'openrouter', contextTokens: 50_000, price, answer: 'Two.' });
    try {
      const { code, stderr } = await ask(...at(paid));
      assert.equal(code, 0, stderr);
      const [, most = ''] =
        /Sending 1 file, [\d,]+ tokens, to \S+ \(this machine\), for at most \$(\S+)\.$/m.exec(stderr) ?? [];
      const [, actual = ''] = /^Tokens: .* written, \$(\S+)$/m.exec(stderr) ?? [];
      const [chat] = paid.chats();
      const input = (chat?.promptTokens ?? 0) / 1e6;
      assert.ok(Math.abs(Number(actual) - input) < 1e-4, stderr);
      assert.ok(Math.abs(Number(most) - input - (2 * 8192) / 1e6) < 1e-3, stderr);
      const { stdout } = await ask(...at(paid), '--json');
      const { costUsd, usage } = JSON.parse(stdout) as {
        costUsd: number | null;
        usage: { costUsd: number; cachedTokens: number };
      };
      assert.ok(usage.cachedTokens > 0 && usage.costUsd < input, 'cached tokens cost less');
      assert.equal(costUsd, usage.costUsd, 'what the endpoint says it charged');
    } finally {
      await paid.close();
    }
    const free = await ask(...at(fake));
    assert.ok(!free.stderr.includes('$'), 'nobody told a price');
    const worst = await run(['limit', '--measure', '--limit', '9000', ...at(paid)]);
    assert.match(
      worst.stderr.split('\n')[0] ?? '',
      /at worst .* \$\d\.\d+ at most\.$/,
      'the price is remembered',
    );
  });

  it('how long a busy endpoint is waited for, and that Ctrl+C ends the wait', async () => {
    fake.fail({ kind: 'rate', retryAfterSeconds: 1 });
    const { code, stdout, stderr } = await ask(...at(fake));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Waiting 1 s, then sending again; Ctrl\+C cancels\.$/m);
    assert.deepEqual([stdout.trim(), fake.chats().length], ['Two.', 2]);

    fake.fail({ kind: 'rate', retryAfterSeconds: 100 });
    const child = startCli(['ask', 'Why?', folder, ...at(fake)], { home });
    const ended = new Promise<number | null>(done => child.on('close', done));
    let said = '';
    await new Promise<void>(done =>
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('Waiting 100 s')) done();
      }),
    );
    child.kill('SIGINT');
    assert.equal(await ended, 130, said);
    assert.equal(fake.chats().length, 3, 'nothing more was sent');
  });

  it('nothing more after a second Ctrl+C, which ends it at once', async () => {
    // A server that accepts the prompt and never answers, and a first signal that is not enough to end the process.
    fake.headersGate.close();
    const child = spawn(
      process.execPath,
      ['-r', resolve('test/cli/stubborn.cjs'), resolve('dist/cli.js'), 'ask', 'Why?', folder, ...at(fake)],
      {
        env: {
          ...process.env,
          HOME: home,
          XDG_CONFIG_HOME: join(home, 'c'),
          XDG_CACHE_HOME: join(home, 'd'),
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const said = new Promise<void>(done => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('Cancelled.')) done();
      });
    });
    const ended = new Promise<number | null>(done => child.on('close', done));
    await fake.headersGate.arrived();
    child.kill('SIGINT');
    await said;
    assert.equal(child.exitCode, null, 'something still holds the process');
    child.kill('SIGINT');
    assert.equal(await ended, 130);
  });
});
