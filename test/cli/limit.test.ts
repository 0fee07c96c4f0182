import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { startFake, type Fake } from '../fakes/index.ts';

const cli = resolve('dist/cli.js');

interface LimitJson {
  readonly schema: string;
  readonly endpoint: { readonly id: string; readonly provider: string };
  readonly limit: {
    readonly tokens: number | null;
    readonly source: string | null;
    readonly evidence: { source: string; tokens: number; detail: string }[];
  };
  readonly maxInputTokens: number | null;
  readonly maxOutputTokens: number | null;
  readonly price: { input: number; output: number; source: string } | null;
  readonly gone: { since: string | null; alternatives: { id: string; tokens: number }[] } | null;
}

describe('longview limit', function () {
  this.timeout(60_000);
  let home: string;
  const fakes: Fake[] = [];
  const start = async (options: Parameters<typeof startFake>[0]) => {
    const fake = await startFake(options);
    fakes.push(fake);
    return fake;
  };
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-limit-'));
    await mkdir(join(home, 'config', 'longview'), { recursive: true });
  });
  afterEach(async () => {
    await Promise.all(fakes.splice(0).map(f => f.close()));
    await rm(home, { recursive: true });
  });

  const configure = (...endpoints: object[]) =>
    writeFile(join(home, 'config', 'longview', 'endpoints.json'), JSON.stringify(endpoints));
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [cli, 'limit', ...args], {
      env: {
        ...process.env,
        HOME: home,
        XDG_CONFIG_HOME: join(home, 'config'),
        XDG_CACHE_HOME: join(home, 'cache'),
        FAKE_KEY: 'marker-key-123',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise<number | null>(done => child.on('close', done));
    assert.ok(!`${stdout}${stderr}`.includes('marker-key'));
    return { code, stdout, stderr };
  };
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await run('--json', ...args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as LimitJson;
  };

  it('tells limit, source, evidence, longest answer and price', async () => {
    const price = { input: 0.1, output: 0.3 };
    const fake = await start({
      system: 'openrouter',
      contextTokens: 500_000,
      advertisedTokens: 900_000,
      price,
    });
    await configure({ id: 'or', provider: 'openrouter', baseUrl: fake.baseUrl, model: fake.model });
    const report = await json('--endpoint', 'or');
    assert.deepEqual(
      [report.schema, report.endpoint.provider, report.limit.tokens, report.limit.source],
      ['longview.limit/1', 'openrouter', 500_000, 'listed'],
    );
    assert.deepEqual(
      report.limit.evidence.map(e => `${e.source} ${e.tokens}`),
      ['listed 500000', 'advertised 10485760', 'advertised 1310720'],
    );
    assert.deepEqual(
      [report.maxInputTokens, report.maxOutputTokens, report.price, report.gone],
      [null, 16_384, { input: 0.1, output: 0.3, source: '/api/v1/models pricing' }, null],
    );
    const { stdout } = await run('--endpoint', 'or');
    assert.match(
      stdout,
      /Context limit: 500,000 · listed by \S+ top_provider\.context_length · just now · model card says 10,485,760/,
    );
    assert.match(stdout, /Price: \$0\.10 in, \$0\.30 out, per million tokens/);
  });

  it('recognises a server by how it answers', async () => {
    const fake = await start({
      system: 'tgi',
      contextTokens: 32_768,
      maxInputTokens: 30_000,
      apiKey: 'marker-key-123',
    });
    const report = await json('--base-url', fake.baseUrl, '--model', fake.model, '--api-key-env', 'FAKE_KEY');
    assert.deepEqual(
      [report.endpoint.provider, report.limit.tokens, report.limit.source, report.maxInputTokens],
      ['tgi', 32_768, 'served', 30_000],
    );
  });

  it('says that a model is gone, and what there is instead', async () => {
    const fake = await start({ system: 'groq', model: 'openai/gpt-oss-120b', contextTokens: 131_072 });
    const model = 'meta-llama/llama-4-scout-17b-16e-instruct';
    await configure({ id: 'g', provider: 'groq', baseUrl: fake.baseUrl, model });
    const { gone, limit } = await json('--endpoint', 'g');
    assert.equal(limit.tokens, null);
    assert.deepEqual(
      [gone?.since, gone?.alternatives],
      ['2026-07-17', [{ id: 'openai/gpt-oss-120b', tokens: 131_072 }]],
    );
    assert.match(
      (await run('--endpoint', 'g')).stdout,
      /Gone since 2026-07-17: .*\n {2}instead openai\/gpt-oss-120b, 131,072 tokens/,
    );
  });

  it('remembers what a server said that is away now, and keeps no key', async () => {
    const fake = await start({ system: 'vllm', contextTokens: 77_000, apiKey: 'marker-key-123' });
    const args = ['--base-url', fake.baseUrl, '--model', fake.model, '--api-key-env', 'FAKE_KEY'];
    assert.equal((await json(...args)).limit.tokens, 77_000);
    await Promise.all(fakes.splice(0).map(f => f.close()));
    const { limit } = await json(...args);
    assert.deepEqual([limit.tokens, limit.source], [77_000, 'served']);
    const kept = await readFile(join(home, 'cache', 'longview', 'evidence.json'), 'utf8');
    assert.ok(kept.includes('77000') && !kept.includes('marker-key'));
  });
});
