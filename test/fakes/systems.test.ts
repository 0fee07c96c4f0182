import assert from 'node:assert/strict';

import { startFake, systemNames } from './index.ts';
import type { Fake, FakeOptions, SystemName } from './index.ts';
import { ask, chat, readEvents, textOf } from './testing.ts';
import type { Loose } from './testing.ts';

let fake: Fake;
const start = async (system: SystemName, options: Partial<FakeOptions> = {}) =>
  (fake = await startFake({ system, contextTokens: 1000, answer: 'fine', ...options }));
const words = (count: number) => 'word '.repeat(count).trim();
const get = async (path: string, options: { body?: unknown } = {}): Promise<Loose> =>
  (await ask(fake, path, { root: true, ...options })).json();

/** Systems that answer chat completions in OpenAI's shape. */
const chatting = systemNames.filter(name => name !== 'bedrock' && name !== 'meta-retired');

describe('fakes: every system', () => {
  afterEach(() => fake.close());

  for (const name of chatting)
    it(`${name} answers, streamed and whole, and refuses what it should`, async () => {
      await start(name, {
        apiKey: 'key',
        silentTruncation: false,
        models: [{ id: 'old', contextTokens: 1000, dead: true }],
      });
      const events = readEvents(await (await chat(fake, words(20), { stream: true }, 'key')).text());
      assert.equal(textOf(events), 'fine');
      assert.equal(events.at(-1), '[DONE]');
      const body = await (await chat(fake, words(20), {}, 'key')).json();
      assert.equal(body.choices[0].message.content, 'fine');
      assert.equal(body.usage.prompt_tokens, 24);

      assert.equal((await chat(fake, 'x', {}, 'wrong')).status, 401);
      if (name !== 'tgi' && name !== 'llamacpp') {
        const unknown = await chat(fake, 'x', { model: 'nope' }, 'key');
        assert.ok(unknown.status >= 400 && unknown.status < 500, String(unknown.status));
      }
      const dead = await chat(fake, 'x', { model: 'old' }, 'key');
      assert.ok([400, 404, 410].includes(dead.status), String(dead.status));
      const long = await chat(fake, words(1200), {}, 'key');
      assert.ok(long.status >= 400, String(long.status));
    });

  it('meta-retired is gone, whatever is asked', async () => {
    await start('meta-retired');
    assert.equal((await ask(fake, '/models')).status, 410);
    assert.equal((await chat(fake, 'x')).status, 410);
  });
});

interface Overflow {
  readonly system: SystemName;
  readonly options?: Partial<FakeOptions>;
  readonly words?: number;
  readonly request?: object;
  readonly status: number;
  /** Of the whole body. */
  readonly body: RegExp;
}

// 1,200 words are 1,204 tokens with the template's four.
const overflows: readonly Overflow[] = [
  {
    system: 'openai',
    status: 400,
    body: /length is 1000 tokens\. However, your messages resulted in 1204 tokens/,
  },
  {
    system: 'openai',
    request: { max_tokens: 500 },
    words: 600,
    status: 400,
    body: /you requested 1104 tokens \(604 in the messages, 500 in the completion\)/,
  },
  {
    system: 'openai',
    request: { max_tokens: 40_000 },
    words: 1,
    status: 400,
    body: /at most 32768 completion tokens/,
  },
  { system: 'azure', status: 400, body: /"code":"context_length_exceeded"/ },
  {
    system: 'openrouter',
    options: { estimateFactor: 1.25 },
    words: 896,
    request: { max_tokens: 10 },
    status: 400,
    body: /endpoint's maximum context length is 1000 tokens\. However, you requested about 1135 tokens \(1125 of text input, 10 in the output\)/,
  },
  {
    system: 'groq',
    status: 400,
    body: /^\{"error":\{"message":"Please reduce the length of the messages or completion\."/,
  },
  {
    system: 'groq',
    words: 1,
    request: { max_tokens: 9000 },
    status: 400,
    body: /must be less than or equal to 8192/,
  },
  {
    system: 'groq',
    options: { tokensPerMinute: 600 },
    words: 700,
    status: 413,
    body: /Limit 600, Requested 704, please reduce.*"rate_limit_exceeded"/,
  },
  {
    system: 'together',
    status: 400,
    body: /The input \(1204 tokens\) is longer than the model's context length \(1000 tokens\)/,
  },
  { system: 'fireworks', status: 400, body: /1204 in your prompt; 0 for the completion/ },
  {
    system: 'cerebras',
    status: 400,
    body: /^\{"message":"Please reduce.*Current length is 1204 while limit is 1000"/,
  },
  {
    system: 'sambanova',
    status: 400,
    body: /is 1000\. However, answering your request will take 1204 tokens/,
  },
  { system: 'deepinfra', status: 400, body: /Requested input length 1204 exceeds maximum input length 999/ },
  { system: 'deepinfra', options: { version: '2024' }, status: 500, body: /Requested input length 1204/ },
  { system: 'huggingface', status: 400, body: /^\{"object":"error","message":"This model's maximum/ },
  { system: 'nvidia', status: 400, body: /"type":"Bad Request"/ },
  {
    system: 'vertex',
    status: 400,
    body: /^\[\{"error":.*count \(1204\) exceeds the maximum number of tokens allowed \(1000\)/,
  },
  {
    system: 'vertex',
    words: 1,
    request: { max_tokens: 9000 },
    status: 400,
    body: /from 1 \(inclusive\) to 8193/,
  },
  { system: 'databricks', status: 400, body: /"error_code":"BAD_REQUEST"/ },
  {
    system: 'databricks',
    words: 1,
    request: { max_completion_tokens: 9 },
    status: 400,
    body: /max_completion_tokens/,
  },
  {
    system: 'cloudflare',
    status: 413,
    body: /tokens \(1460\) exceeded this model context window limit \(1000\)/,
  },
  {
    system: 'mistral',
    status: 400,
    body: /^\{"object":"error","message":"Prompt contains 1204 tokens and 0 draft tokens/,
  },
  {
    system: 'vllm',
    options: { version: '0.10.0' },
    status: 400,
    body: /^\{"object":"error","message":".*\(1204 in the messages, 0 in the completion\).* None"/,
  },
  {
    system: 'vllm',
    options: { version: '0.10.1' },
    status: 400,
    body: /^\{"error":\{"message":".*or completion\."/,
  },
  {
    system: 'vllm',
    options: { version: '0.14.0' },
    status: 400,
    body: /your request has 1204 input tokens\./,
  },
  {
    system: 'vllm',
    options: { version: '0.17.2' },
    words: 900,
    request: { max_tokens: 200 },
    status: 400,
    body: /\(200 > 1000 - 904\)/,
  },
  {
    system: 'vllm',
    request: { max_tokens: 200 },
    status: 400,
    body: /at least 801 input tokens, for a total of at least 1001 tokens/,
  },
  {
    system: 'vllm',
    words: 1,
    request: { max_tokens: 5000 },
    status: 400,
    body: /max_model_len=max_total_tokens=1000/,
  },
  { system: 'sglang', status: 400, body: /^\{"object":"error","message":"The input \(1204 tokens\)/ },
  {
    system: 'sglang',
    words: 900,
    request: { max_tokens: 200, stream: true },
    status: 200,
    body: /^data: \{"error":.*a total of 1104 tokens: 904 tokens from the input messages and 200.*\n\ndata: \[DONE\]\n\n$/,
  },
  {
    system: 'sglang',
    options: { maxInputTokens: 500 },
    words: 600,
    status: 400,
    body: /Input length \(604 tokens\) exceeds the maximum allowed length \(500 tokens\)/,
  },
  {
    system: 'tgi',
    status: 422,
    body: /^\{"error":"Input validation error: `inputs` must have less than 999 tokens\. Given: 1204"/,
  },
  {
    system: 'tgi',
    words: 900,
    request: { max_tokens: 200 },
    status: 422,
    body: /must be <= 1000\. Given: 904 `inputs` tokens and 200 `max_new_tokens`/,
  },
  {
    system: 'tgi',
    request: { stream: true },
    status: 200,
    body: /^data: \{"error":\{"message":"Input.*"http_status_code":422\}\}\n\ndata: \[DONE\]\n\n$/,
  },
  { system: 'llamacpp', status: 400, body: /request \(1204 tokens\).*"n_prompt_tokens":1204,"n_ctx":1000/ },
  {
    system: 'ollama',
    options: { silentTruncation: false },
    status: 400,
    body: /prompt is longer than the context length/,
  },
  {
    system: 'lmstudio',
    status: 400,
    body: /^\{"error":"The number of tokens to keep.*n_keep: 1204>= n_ctx: 1000/,
  },
  {
    system: 'lmstudio',
    request: { stream: true },
    status: 200,
    body: /^event: error\ndata: \{"error".*1204 tokens, but/,
  },
  {
    system: 'litellm',
    status: 400,
    body: /litellm\.ContextWindowExceededError.*'object': 'error'.*'param': None/,
  },
];

describe('fakes: refusals for length', () => {
  afterEach(() => fake.close());
  for (const { system, options, words: count = 1200, request = {}, status, body } of overflows)
    it(`${system} ${options?.version ?? ''} ${JSON.stringify(request)} → ${status}`, async () => {
      await start(system, options);
      const response = await chat(fake, words(count), request);
      assert.equal(response.status, status);
      assert.match((await response.text()).replaceAll('\\n', ' '), body);
    });
});

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
