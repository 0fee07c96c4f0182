import assert from 'node:assert/strict';

import { learn } from '../../../src/core/endpoint/learn.ts';
import { resolveLimit } from '../../../src/core/endpoint/limit.ts';
import type { ProviderId } from '../../../src/core/endpoint/providers/ids.ts';
import type { Endpoint, EndpointConfig } from '../../../src/core/endpoint/types.ts';
import { startFake, type Fake, type FakeOptions, type SystemName } from '../../fakes/index.ts';

let fake: Fake;
const start = async (system: SystemName, options: Partial<FakeOptions> = {}) =>
  (fake = await startFake({ system, contextTokens: 200_000, ...options }));
const endpoint = (config: Partial<EndpointConfig> = {}, key?: string): Endpoint => ({
  config: { id: 'x', baseUrl: fake.baseUrl, model: fake.model, ...config },
  kind: 'server',
  fetch: globalThis.fetch,
  apiKey: () => Promise.resolve(key),
});
const provider = (system: SystemName): ProviderId => (system === 'meta-retired' ? 'meta' : system);
const now = new Date('2026-11-20T12:00:00Z');
const deps = { now: () => now };

describe('learn: every system, over HTTP', () => {
  afterEach(() => fake.close());

  const price = { input: 0.5, output: 2, cacheRead: 0.25 };
  const options = { maxOutputTokens: 3000, advertisedTokens: 900_000, price };
  /** tokens source detail | prompt/output limits | input/output/cached USD per million */
  const unknown = 'unknown';
  const table: [SystemName, string, string, string][] = [
    ['openai', unknown, '-/-', ''],
    ['openrouter', '200000 listed /api/v1/models top_provider.context_length', '-/3000', '0.5/2/0.25'],
    ['groq', '200000 listed /openai/v1/models context_length', '-/3000', '0.5/2/0.25'],
    ['together', '200000 listed /v1/models context_length', '-/-', '0.5/2/-'],
    ['fireworks', '200000 listed /v1/accounts/fireworks/models contextLength', '-/-', ''],
    // Its list shows the paid tier's window, and nothing tells another.
    ['cerebras', '900000 listed /public/v1/models limits.max_context_length', '-/3000', '0.5/2/-'],
    ['sambanova', '200000 listed /v1/models context_length', '-/3000', '0.5/2/-'],
    ['deepinfra', '900000 listed /v1/openai/models metadata.context_length', '-/3000', '0.5/2/0.25'],
    ['huggingface', '200000 listed /v1/models providers[].context_length', '-/-', '0.5/2/-'],
    ['nvidia', unknown, '-/-', ''],
    ['azure', unknown, '-/-', ''],
    ['bedrock', unknown, '-/16384', ''],
    ['vertex', unknown, '-/8192', ''],
    ['databricks', unknown, '-/25000', ''],
    ['cloudflare', '200000 listed /ai/models/search context_window', '-/16384', '0.5/2/-'],
    ['mistral', '200000 listed /v1/models max_context_length', '-/-', ''],
    ['meta-retired', unknown, '-/4028', ''],
    ['vllm', '200000 served /v1/models max_model_len', '-/-', ''],
    ['sglang', '200000 served /v1/models max_model_len', '199994/-', ''],
    ['tgi', '200000 served /info max_total_tokens', '122880/-', ''],
    ['llamacpp', '200000 served /props default_generation_settings.n_ctx', '-/-', ''],
    ['ollama', '200000 served /api/ps context_length', '-/-', ''],
    ['lmstudio', '200000 served /api/v1/models loaded_instances[].config.context_length', '-/-', ''],
    ['litellm', '900000 listed /v1/model/info model_info.max_input_tokens', '-/3000', '0.5/2/0.25'],
  ];
  for (const [system, expected, parts, cost] of table)
    it(system, async () => {
      await start(system, options);
      const known = await learn(endpoint({ provider: provider(system) }), undefined, [], deps);
      const limit = resolveLimit(known.evidence);
      const e = limit.kind === 'known' ? limit.evidence.find(x => x.tokens === limit.tokens) : undefined;
      assert.equal(e === undefined ? unknown : `${e.tokens} ${e.source} ${e.detail}`, expected);
      const [input, output] = [limit.maxInputTokens ?? '-', limit.maxOutputTokens ?? '-'];
      assert.equal(`${input}/${output}`, parts);
      const p = known.price;
      assert.equal(p === undefined ? '' : `${p.input}/${p.output}/${p.cachedInput ?? '-'}`, cost);
    });
});
