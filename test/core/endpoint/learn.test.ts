import assert from 'node:assert/strict';

import { learn } from '../../../src/core/endpoint/learn.ts';
import { resolveLimit } from '../../../src/core/endpoint/limit.ts';
import type { ProviderId } from '../../../src/core/endpoint/providers/ids.ts';
import { listModels, usableWindow } from '../../../src/core/endpoint/models.ts';
import { providerIds } from '../../../src/core/endpoint/providers/ids.ts';
import { providerOf, providers } from '../../../src/core/endpoint/providers/table.ts';
import type { ContextLimit, Endpoint, EndpointConfig } from '../../../src/core/endpoint/types.ts';
import { LongviewError } from '../../../src/core/errors.ts';
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

describe('learn', () => {
  afterEach(() => fake.close());

  const limitOf = async (config: Partial<EndpointConfig>, key?: string) =>
    resolveLimit((await learn(endpoint(config, key), undefined, [], deps)).evidence);
  const short = (limit: ContextLimit) =>
    limit.kind === 'known' ? `${limit.tokens} ${limit.source}` : 'unknown';

  it('takes the smallest of OpenRouter’s providers, of input and output too', async () => {
    await start('openrouter', {
      contextTokens: 1_000_000,
      providers: [
        { name: 'Near', contextTokens: 131_072, maxOutputTokens: 16_384 },
        { name: 'Far', contextTokens: 1_000_000, maxInputTokens: 120_000, maxOutputTokens: 8192 },
      ],
    });
    const limit = await limitOf({ provider: 'openrouter' });
    assert.deepEqual(
      [short(limit), limit.maxInputTokens, limit.maxOutputTokens],
      ['131072 listed', 120_000, 8192],
    );
    assert.match(
      limit.evidence.find(e => e.tokens === 131_072)?.detail ?? '',
      /endpoints .*smallest of 2 providers/,
    );
  });

  it('reads OpenRouter’s variants of a model from its entry', async () => {
    await start('openrouter', { model: 'a/b' });
    assert.equal(short(await limitOf({ provider: 'openrouter', model: 'a/b:nitro' })), '200000 listed');
  });

  it('takes the pinned provider of Hugging Face, else the smallest', async () => {
    await start('huggingface', {
      model: 'a/b',
      providers: [
        { name: 'near', contextTokens: 65_536, price: { input: 1, output: 2 } },
        { name: 'far', contextTokens: 1_048_576, price: { input: 3, output: 4 } },
      ],
    });
    const at = { provider: 'huggingface' } as const;
    assert.equal(short(await limitOf({ ...at, model: 'a/b:far' })), '1048576 listed');
    assert.equal(short(await limitOf({ ...at, model: 'a/b' })), '65536 listed');
    assert.equal(short(await limitOf({ ...at, model: 'a/b:cheapest' })), '65536 listed');
    const known = await learn(endpoint({ ...at, model: 'a/b' }), undefined);
    assert.equal(known.price?.input, 3, 'whoever answers, it costs no more');
  });

  it('never takes a training window for a limit', async () => {
    for (const system of ['ollama', 'lmstudio'] as const) {
      await start(system, { loaded: false, advertisedTokens: 1_000_000, model: 'some-model' });
      const limit = await limitOf({});
      assert.deepEqual(
        [short(limit), limit.evidence.map(e => `${e.source} ${e.tokens}`)],
        ['unknown', ['advertised 1000000']],
        system,
      );
      await fake.close();
    }
    await start('ollama', { loaded: false, modelfileNumCtx: 8192 });
    assert.equal(short(await limitOf({})), '8192 listed');
  });

  it('reads Groq’s older list', async () => {
    await start('groq', { version: '2026-03', maxOutputTokens: 777 });
    const limit = await limitOf({ provider: 'groq' });
    assert.deepEqual([short(limit), limit.maxOutputTokens], ['200000 listed', 777]);
  });

  it('gives a LoRA its parent’s window', async () => {
    await start('vllm');
    const lora: typeof globalThis.fetch = async () =>
      Response.json({
        data: [
          { no: 'id' },
          { id: 'base', max_model_len: 5000, owned_by: 'vllm' },
          { id: 'lora', max_model_len: null, parent: 'base' },
        ],
      });
    const known = await learn({ ...endpoint({ model: 'lora' }), fetch: lora }, undefined);
    assert.deepEqual(
      known.evidence.map(e => `${e.source} ${e.tokens}`),
      ['served 5000'],
    );
  });

  it('knows the cap of the answer where only the user knows the window', async () => {
    await start('databricks', { model: 'my-endpoint' });
    const limit = await limitOf({ provider: 'databricks', contextLimit: 64_000, maxOutputTokens: 50_000 });
    assert.deepEqual([short(limit), limit.maxOutputTokens], ['64000 declared', 25_000]);
  });

  it('prefers the price that the user entered', async () => {
    await start('groq', { price: { input: 1, output: 2 } });
    const config = { provider: 'groq', price: { input: 7, output: 8 } } as const;
    const known = await learn(endpoint(config), undefined);
    assert.deepEqual(known.price, { input: 7, output: 8, source: 'entered' });
  });

  it('sends Azure’s key in its own header, and a token as bearer', async () => {
    await start('azure', { apiKey: 'azure-key' });
    await learn(endpoint({ provider: 'azure' }, 'azure-key'), undefined);
    const jwt = 'eyJ0eXAi';
    await assert.rejects(learn(endpoint({ provider: 'azure', model: 'mine' }, jwt), undefined), {
      code: 'auth',
    });
    assert.deepEqual(
      fake.requests.map(q => [q.headers['api-key'], q.headers['authorization']]),
      [
        ['azure-key', undefined],
        [undefined, `Bearer ${jwt}`],
      ],
    );
  });

  it('a wrong key is the news where nothing else is known, for every system with a closed list', async () => {
    for (const system of [
      'groq',
      'together',
      'sambanova',
      'mistral',
      'vllm',
      'tgi',
      'ollama',
      'litellm',
    ] as const) {
      await start(system, { apiKey: 'right' });
      const wrong = endpoint({ provider: provider(system) }, 'wrong-marker');
      await assert.rejects(learn(wrong, undefined), error => {
        assert.ok(error instanceof LongviewError);
        assert.equal(error.code, 'auth', system);
        assert.ok(!JSON.stringify([error, error.message]).includes('wrong-marker'));
        return true;
      });
      await learn({ ...wrong, config: { ...wrong.config, contextLimit: 5000 } }, undefined);
      await fake.close();
    }
    await start('vllm');
  });

  it('a dead server is the news, too', async () => {
    await start('vllm');
    const gone = endpoint();
    await fake.close();
    await assert.rejects(learn(gone, undefined), { code: 'unreachable' });
    await start('vllm');
  });

  it('stops when cancelled', async () => {
    await start('vllm');
    fake.headersGate.close();
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(learn(endpoint(), controller.signal), { name: 'AbortError' });
    fake.headersGate.open();
  });
});

describe('a model that has gone', () => {
  afterEach(() => fake.close());
  const models = [
    { id: 'small', contextTokens: 8000 },
    { id: 'long', contextTokens: 400_000 },
    { id: 'longer', contextTokens: 900_000 },
    { id: 'meta-llama/llama-4-maverick-x', contextTokens: 130_000 },
  ];
  const gone = async (config: Partial<EndpointConfig>) => {
    const known = await learn(endpoint(config), undefined, [], deps);
    return [known.gone?.since, known.alternatives.map(m => m.id)];
  };

  it('is said with its day, and others of the list are offered: Llama first, then by window', async () => {
    await start('groq', { model: 'gpt', contextTokens: 100, models });
    const scout = 'meta-llama/llama-4-scout-17b-16e-instruct';
    assert.deepEqual(await gone({ provider: 'groq', model: scout }), [
      '2026-07-17',
      ['meta-llama/llama-4-maverick-x', 'longer', 'long'],
    ]);
  });

  it('is not gone where the live list names it again', async () => {
    await start('groq', { models });
    assert.deepEqual(await gone({ provider: 'groq' }), [undefined, []]);
  });

  it('is gone where a complete list does not name it, without a day', async () => {
    await start('mistral', { models });
    assert.deepEqual((await gone({ provider: 'mistral', model: 'mistral-old' }))[0], null);
    assert.deepEqual((await gone({ provider: 'azure', model: 'my-deployment' }))[0], undefined);
  });

  it('is gone at NVIDIA although it is listed', async () => {
    const maverick = 'meta/llama-4-maverick-17b-128e-instruct';
    await start('nvidia', { models: [{ id: maverick, contextTokens: 128_000, dead: true }] });
    assert.deepEqual(await gone({ provider: 'nvidia', model: maverick }), [
      '2026-07-27',
      ['meta/llama-4-scout-17b-16e-instruct'],
    ]);
    const shown = await listModels(endpoint(), providerOf('nvidia'));
    assert.deepEqual(
      shown.map(m => m.id),
      [fake.model],
    );
  });

  it('is gone where the control plane says so', async () => {
    const id = 'accounts/fireworks/models/old';
    await start('fireworks', { models: [{ id, contextTokens: 400_000, dead: true }] });
    const known = await learn(endpoint({ provider: 'fireworks', model: id }), undefined);
    assert.match(known.gone?.note ?? '', /state: DELETING/);
  });

  it('a retired service is not even asked', async () => {
    await start('meta-retired');
    assert.deepEqual(await gone({ provider: 'meta' }), ['2026-07-06', []]);
    assert.equal(fake.requests.length, 0);
  });
});

describe('listModels', () => {
  afterEach(() => fake.close());

  it('gives Scout, then Maverick, then by window, with limits and prices', async () => {
    await start('openrouter', {
      model: 'a/tiny',
      contextTokens: 4000,
      models: [
        { id: 'b/long', contextTokens: 2_000_000, price: { input: 1, output: 2 } },
        { id: 'meta-llama/llama-4-maverick', contextTokens: 1_048_576 },
        { id: 'meta-llama/llama-4-scout', contextTokens: 327_680 },
      ],
    });
    const list = await listModels(endpoint(), providerOf('openrouter'));
    assert.deepEqual(
      list.map(m => [m.id, usableWindow(m)]),
      [
        ['meta-llama/llama-4-scout', 327_680],
        ['meta-llama/llama-4-maverick', 1_048_576],
        ['b/long', 2_000_000],
        ['a/tiny', 4000],
      ],
    );
    assert.equal(list[2]?.price?.output, 2);
  });

  it('throws what is wrong instead of giving an empty list', async () => {
    await start('groq', { apiKey: 'right' });
    await assert.rejects(listModels(endpoint({}, 'wrong'), providerOf('groq')), { code: 'auth' });
  });
});

describe('the table of providers', () => {
  it('holds every provider that a picker can show', () => {
    assert.deepEqual(providers.map(p => p.id).toSorted(), [...providerIds].toSorted());
    for (const p of providers) {
      assert.ok(URL.canParse(p.links.docs), p.id);
      for (const note of [...p.quirks.notes, ...(p.links.keys === undefined ? [] : [p.links.keys])])
        assert.notEqual(note, '', p.id);
    }
  });
});
