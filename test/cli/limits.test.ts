import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startFake, type Fake, type SystemName } from '../fakes/index.ts';
import { runCli } from './run.ts';

interface LimitJson {
  readonly schema: string;
  readonly endpoint: { readonly provider: string };
  readonly limit: {
    readonly tokens: number | null;
    readonly source: string | null;
    readonly evidence: { source: string; tokens: number; at: string; detail: string }[];
  };
  readonly maxOutputTokens: number | null;
  readonly price: { readonly input: number } | null;
}

/** The enforced window is 200,000; 900,000 is what the system shows beside it, or by mistake. */
const table: [SystemName, string][] = [
  ['openai', 'unknown'],
  ['openrouter', '200000 listed /api/v1/models top_provider.context_length'],
  ['groq', '200000 listed /openai/v1/models context_length'],
  ['together', '200000 listed /v1/models context_length'],
  ['fireworks', '200000 listed /v1/accounts/fireworks/models contextLength'],
  ['cerebras', '900000 listed /public/v1/models limits.max_context_length'],
  ['sambanova', '200000 listed /v1/models context_length'],
  ['deepinfra', '900000 listed /v1/openai/models metadata.context_length'],
  ['huggingface', '200000 listed /v1/models providers[].context_length'],
  ['nvidia', 'unknown'],
  ['azure', 'unknown'],
  ['bedrock', 'unknown'],
  ['vertex', 'unknown'],
  ['databricks', 'unknown'],
  ['cloudflare', '200000 listed /ai/models/search context_window'],
  ['mistral', '200000 listed /v1/models max_context_length'],
  ['meta-retired', 'unknown'],
  ['vllm', '200000 served /v1/models max_model_len'],
  ['sglang', '200000 served /v1/models max_model_len'],
  ['tgi', '200000 served /info max_total_tokens'],
  ['llamacpp', '200000 served /props default_generation_settings.n_ctx'],
  ['ollama', '200000 served /api/ps context_length'],
  ['lmstudio', '200000 served /api/v1/models loaded_instances[].config.context_length'],
  ['litellm', '900000 listed /v1/model/info model_info.max_input_tokens'],
];

describe('longview limit, against each system', function () {
  this.timeout(60_000);
  let home: string;
  const fakes = new Map<SystemName, Fake>();

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-limits-'));
    await mkdir(join(home, 'config', 'longview'), { recursive: true });
    const price = { input: 0.5, output: 2 };
    for (const [system] of table)
      fakes.set(
        system,
        await startFake({ system, contextTokens: 200_000, advertisedTokens: 900_000, price }),
      );
    const endpoints = [...fakes].map(([system, { baseUrl, model }]) => ({
      id: system,
      provider: system === 'meta-retired' ? 'meta' : system,
      baseUrl,
      model,
    }));
    await writeFile(join(home, 'config', 'longview', 'endpoints.json'), JSON.stringify(endpoints));
  });
  after(async () => {
    await Promise.all([...fakes.values()].map(f => f.close()));
    await rm(home, { recursive: true });
  });

  for (const [system, expected] of table)
    it(`${system}: ${expected}`, async () => {
      const { code, stdout, stderr } = await runCli(['limit', '--endpoint', system, '--json'], { home });
      assert.equal(code, 0, stderr);
      const { schema, limit, maxOutputTokens, price } = JSON.parse(stdout) as LimitJson;
      assert.equal(schema, 'longview.limit/1');
      const decisive = limit.evidence.find(e => e.source === limit.source && e.tokens === limit.tokens);
      assert.equal(
        decisive === undefined ? 'unknown' : `${decisive.tokens} ${decisive.source} ${decisive.detail}`,
        expected,
      );
      assert.equal(limit.tokens === null, decisive === undefined);
      for (const e of limit.evidence) assert.ok(!Number.isNaN(Date.parse(e.at)) && e.tokens > 0);
      for (const value of [maxOutputTokens, price])
        assert.ok(value !== undefined, 'null where it is not known');
      assert.equal(fakes.get(system)?.chats().length, 0, 'nothing is asked of the model');
    });
});
