import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { startFake, startProxy, type Fake } from '../fakes/index.ts';

const cli = resolve('dist/cli.js');

describe('longview limit --measure', function () {
  this.timeout(60_000);
  let home: string;
  let fake: Fake;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-measure-'));
  });
  after(() => rm(home, { recursive: true }));
  beforeEach(async () => {
    fake = await startFake({ system: 'openai', counter: 'chars4', contextTokens: 30_000 });
  });
  afterEach(() => fake.close());

  function run(args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [cli, ...args], {
      env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, APPDATA: home, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (part: string) => (text[name] += part));
    return new Promise<{ code: number | null; stdout: string; stderr: string }>(done =>
      child.on('close', code => done({ code, ...text })),
    );
  }

  const measure = ['limit', '--measure', '--limit', '100_000'];
  const at = (baseUrl: string) => ['--base-url', baseUrl, '--model', fake.model];

  it('says the worst case first, then what it found, and remembers it', async () => {
    const { code, stdout, stderr } = await run([...measure, ...at(fake.baseUrl)]);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr.split('\n')[0] ?? '',
      /^Measuring up to 100,000 tokens: at worst \d+ requests, [\d,]+ tokens in all; stops at 1,000,000 tokens/,
    );
    assert.match(stdout, /29,\d{3} tokens accepted, 30,001 refused/);
    assert.match(stdout, /Context limit: 30,000 \(refused/);
    const later = await run(['limit', '--json', ...at(fake.baseUrl)]);
    const { limit } = JSON.parse(later.stdout);
    assert.deepEqual([limit.tokens, limit.source], [30_000, 'refused']);
    assert.ok(limit.evidence.some((e: { source: string }) => e.source === 'measured'));
  });

  it('finds a limit that was raised since it was refused', async () => {
    await run([...measure, ...at(fake.baseUrl)]);
    fake.configure({ contextTokens: 80_000 });
    const { stdout } = await run([...measure, ...at(fake.baseUrl)]);
    assert.match(stdout, /Context limit: 80,000 \(refused/);
    fake.configure({ contextTokens: 200_000 });
    const all = await run([...measure, ...at(fake.baseUrl)]);
    // The code words are drawn: where they are long, a little more than the cap is accepted, and the cap stands.
    assert.match(
      all.stdout,
      /(?:99,\d{3}|100,\d{3}) tokens accepted, nothing larger was refused[^]*Context limit: (?:(?:99,\d{3}|100,000) \(measured|100,000 \(declared)/,
      all.stderr,
    );
    const { limit } = JSON.parse((await run(['limit', '--json', ...at(fake.baseUrl)])).stdout);
    assert.deepEqual([limit.source, limit.tokens > 99_000], ['measured', true]);
  });

  it('keeps to --max-tokens, and says so as JSON', async () => {
    const { code, stdout } = await run([...measure, '--max-tokens', '20_000', '--json', ...at(fake.baseUrl)]);
    assert.equal(code, 0);
    const { schema, measurement } = JSON.parse(stdout);
    assert.equal(schema, 'longview.limit/1');
    assert.equal(measurement.stopped, 'budget');
    assert.ok(measurement.spentTokens <= 20_000);
    assert.ok(measurement.worstCase.tokens > 100_000);
  });

  it('goes through the proxy that the environment names', async () => {
    const proxy = await startProxy({ hosts: { 'api.example.test:80': new URL(fake.url).host } });
    const { code, stderr } = await run([...measure, ...at('http://api.example.test/v1')], {
      HTTP_PROXY: proxy.url,
      http_proxy: '',
      NO_PROXY: '',
      no_proxy: '',
    });
    await proxy.close();
    assert.equal(code, 0, stderr);
    assert.ok(proxy.requests.some(r => r.target === 'http://api.example.test/v1/chat/completions'));
  });
});
