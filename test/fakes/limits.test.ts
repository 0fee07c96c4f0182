import assert from 'node:assert/strict';

import { startFake } from './index.ts';
import type { Fake, FakeOptions, SystemName } from './index.ts';
import { ask, chat } from './testing.ts';
import type { Loose } from './testing.ts';

let fake: Fake;
const start = async (system: SystemName, options: Partial<FakeOptions> = {}) =>
  (fake = await startFake({ system, contextTokens: 1000, answer: 'fine', ...options }));
const get = async (path: string, options: { body?: unknown } = {}): Promise<Loose> =>
  (await ask(fake, path, { root: true, ...options })).json();

describe('fakes: where each system keeps its limit and price', () => {
  afterEach(() => fake.close());
  const price = { input: 0.5, output: 2, cacheRead: 0.25 };
  const options = { contextTokens: 1000, maxOutputTokens: 300, advertisedTokens: 5000, model: 'a/b', price };

  const tables: readonly [SystemName, string, (body: Loose) => unknown, unknown][] = [
    ['openai', '/v1/models', b => Object.keys(b.data[0]), ['id', 'object', 'created', 'owned_by']],
    [
      'openrouter',
      '/api/v1/models',
      b => [b.data[0].context_length, b.data[0].top_provider.context_length],
      [5000, 1000],
    ],
    ['openrouter', '/api/v1/models', b => b.data[0].pricing.prompt, '0.0000005'],
    [
      'openrouter',
      '/api/v1/models/a/b/endpoints',
      b => [b.data.endpoints[0].context_length, b.data.endpoints[0].max_completion_tokens],
      [1000, 300],
    ],
    ['groq', '/openai/v1/models', b => [b.data[0].context_length, b.data[0].max_output_length], [1000, 300]],
    ['groq', '/openai/v1/models', b => b.data[0].pricing.input_cache_read, '0.00000025'],
    [
      'together',
      '/v1/models',
      b => [Array.isArray(b), b[0].context_length, b[0].pricing.input],
      [true, 1000, 0.5],
    ],
    ['fireworks', '/v1/accounts/fireworks/models?pageSize=200', b => b.models[0].contextLength, 1000],
    ['fireworks', '/inference/v1/models', b => 'context_length' in b.data[0], false],
    [
      'cerebras',
      '/public/v1/models',
      b => b.data[0].limits,
      { max_context_length: 5000, max_completion_tokens: 300 },
    ],
    ['cerebras', '/v1/models', b => 'limits' in b.data[0], false],
    [
      'sambanova',
      '/v1/models',
      b => [b.data[0].context_length, b.data[0].max_completion_tokens],
      [1000, 300],
    ],
    [
      'deepinfra',
      '/v1/openai/models',
      b => [b.data[0].metadata.context_length, b.data[0].metadata.max_tokens],
      [5000, 300],
    ],
    ['huggingface', '/v1/models/a%2Fb', b => b.data.providers[0].context_length, 1000],
    ['nvidia', '/v1/models', b => Object.keys(b.data[0]), ['id', 'object', 'created', 'owned_by']],
    [
      'azure',
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments',
      b => b.value[0].properties.capabilities.maxContextToken,
      '1000',
    ],
    ['bedrock', '/foundation-models', b => b.modelSummaries[0].modelId, 'a/b'],
    ['databricks', '/api/2.0/serving-endpoints', b => b.endpoints[0].name, 'a/b'],
    [
      'cloudflare',
      '/client/v4/accounts/acc/ai/models/search',
      b => b.result[0].properties[0],
      { property_id: 'context_window', value: '1000' },
    ],
    ['mistral', '/v1/models', b => b.data[0].max_context_length, 1000],
    ['vllm', '/v1/models', b => b.data[0].max_model_len, 1000],
    ['vllm', '/version', b => b.version, '0.18.0'],
    ['sglang', '/v1/models', b => b.data[0].max_model_len, 1000],
    ['sglang', '/get_server_info', b => b.max_req_input_len, 994],
    ['tgi', '/info', b => [b.max_input_tokens, b.max_total_tokens], [999, 1000]],
    ['llamacpp', '/props', b => [b.default_generation_settings.n_ctx, b.total_slots], [1000, 1]],
    ['llamacpp', '/slots', b => b[0].n_ctx, 1000],
    ['llamacpp', '/v1/models', b => b.data[0].meta.n_ctx_train, 5000],
    ['ollama', '/api/ps', b => b.models[0].context_length, 1000],
    ['ollama', '/v1/models', b => 'context_length' in b.data[0], false],
    [
      'lmstudio',
      '/api/v1/models',
      b => [b.models[0].loaded_instances[0].config.context_length, b.models[0].max_context_length],
      [1000, 5000],
    ],
    [
      'lmstudio',
      '/api/v0/models',
      b => [b.data[0].loaded_context_length, b.data[0].max_context_length],
      [1000, 5000],
    ],
    ['lmstudio', '/props', b => b, { error: 'Unexpected endpoint or method. (GET /props)' }],
    [
      'litellm',
      '/v1/model/info',
      b => [b.data[0].model_info.max_input_tokens, b.data[0].model_info.max_output_tokens],
      [5000, 300],
    ],
    ['litellm', '/model/info', b => b.data[0].model_info.input_cost_per_token, 5e-7],
  ];
  for (const [system, path, read, expected] of tables)
    it(`${system} ${path}`, async () => {
      await start(system, options);
      assert.deepEqual(read(await get(path)), expected);
    });

  it('groq’s list had another shape in March 2026', async () => {
    await start('groq', { ...options, version: '2026-03' });
    const [card] = (await get('/openai/v1/models')).data;
    assert.deepEqual(
      [card.context_window, card.max_completion_tokens, card.context_length],
      [1000, 300, undefined],
    );
  });

  it('shows several providers of one model', async () => {
    const providers = [
      { name: 'Near', contextTokens: 400 },
      { name: 'Far', contextTokens: 900, maxInputTokens: 800 },
    ];
    await start('openrouter', { ...options, providers });
    const { endpoints } = (await get('/api/v1/models/a/b/endpoints')).data;
    assert.deepEqual(
      endpoints.map((e: Loose) => [e.provider_name, e.context_length, e.max_prompt_tokens]),
      [
        ['Near', 400, null],
        ['Far', 900, 800],
      ],
    );
    await fake.close();
    await start('huggingface', { ...options, providers });
    const [card] = (await get('/v1/models')).data;
    assert.deepEqual(
      card.providers.map((p: Loose) => [p.provider, p.context_length]),
      [
        ['Near', 400],
        ['Far', 900],
      ],
    );
    assert.equal((await chat(fake, 'x', { model: 'a/b:Near' })).status, 200);
  });

  it('local servers tell only the trained window of what is not loaded', async () => {
    await start('ollama', { ...options, loaded: false, modelfileNumCtx: 2048 });
    assert.deepEqual((await get('/api/ps')).models, []);
    const show = await get('/api/show', { body: { model: 'a/b' } });
    assert.equal(show.model_info['llama4.context_length'], 5000);
    assert.match(show.parameters, /^num_ctx +2048$/m);
    await fake.close();
    await start('lmstudio', { ...options, loaded: false });
    const [card] = (await get('/api/v1/models')).models;
    assert.deepEqual([card.loaded_instances, card.max_context_length], [[], 5000]);
  });

  it('lists dead models where the system does, and only there', async () => {
    const models = [{ id: 'old', contextTokens: 10, dead: true }];
    await start('nvidia', { ...options, models });
    assert.deepEqual(
      (await get('/v1/models')).data.map((m: Loose) => m.id),
      ['a/b', 'old'],
    );
    assert.equal((await chat(fake, 'x', { model: 'old' })).status, 410);
    await fake.close();
    await start('groq', { ...options, models });
    assert.deepEqual(
      (await get('/openai/v1/models')).data.map((m: Loose) => m.id),
      ['a/b'],
    );
    const dead = await chat(fake, 'x', { model: 'old' });
    assert.equal((await dead.json()).error.code, 'model_decommissioned');
  });

  it('needs no key where the system needs none', async () => {
    await start('cerebras', { ...options, apiKey: 'key' });
    assert.equal((await ask(fake, '/public/v1/models', { root: true })).status, 200);
    assert.equal((await ask(fake, '/v1/models', { root: true })).status, 401);
    await fake.close();
    await start('vllm', { ...options, apiKey: 'key' });
    assert.equal((await ask(fake, '/tokenize', { root: true, body: { prompt: 'x' } })).status, 200);
  });

  it('azure takes its key in a header of its own', async () => {
    await start('azure', { ...options, apiKey: 'key' });
    const response = await fetch(`${fake.baseUrl}/models`, { headers: { 'api-key': 'key' } });
    assert.equal(response.status, 200);
  });
});
