import assert from 'node:assert/strict';

import { streamChat } from '../../../src/core/endpoint/client.ts';
import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import type { ProviderId } from '../../../src/core/endpoint/providers/ids.ts';
import type { Endpoint } from '../../../src/core/endpoint/types.ts';
import { LongviewError } from '../../../src/core/errors.ts';
import { startFake, type Fake, type FakeOptions, type SystemName } from '../../fakes/index.ts';

describe('how chat completions are spoken to a provider', () => {
  const fakes: Fake[] = [];
  const start = async (options: FakeOptions) => {
    const fake = await startFake(options);
    fakes.push(fake);
    return fake;
  };
  afterEach(() => Promise.all(fakes.splice(0).map(f => f.close())));

  function endpointAt(
    baseUrl: string,
    model: string,
    { provider, key }: { provider?: ProviderId; key?: string } = {},
  ): Endpoint {
    return {
      config: { id: 'mine', baseUrl, model, ...(provider !== undefined && { provider }) },
      kind: 'server',
      fetch: createHttpFetch(() => 60_000),
      apiKey: async () => key,
    };
  }

  async function ask(endpoint: Endpoint): Promise<LongviewError | undefined> {
    const request = {
      messages: [{ role: 'user', content: 'Hi' }],
      maxTokens: 50,
      files: 0,
      tokens: 2,
    } as const;
    const gates = { pass: async () => undefined };
    try {
      for await (const _ of streamChat(endpoint, request, gates, new AbortController().signal));
      return undefined;
    } catch (error) {
      assert.ok(error instanceof LongviewError, String(error));
      return error;
    }
  }

  const lengths: [SystemName, ProviderId, string, 'max_tokens' | 'max_completion_tokens'][] = [
    ['openai', 'openai', 'gpt-5-nano', 'max_completion_tokens'],
    ['openai', 'openai', 'o4-mini', 'max_completion_tokens'],
    ['cerebras', 'cerebras', 'gpt-oss-120b', 'max_completion_tokens'],
    ['azure', 'azure', 'o4-mini', 'max_completion_tokens'],
    ['azure', 'azure', 'team-gpt-5', 'max_completion_tokens'],
    ['azure', 'azure', 'Llama-4-Scout-17B-16E-Instruct', 'max_tokens'],
    ['databricks', 'databricks', 'databricks-llama-4-maverick', 'max_tokens'],
    ['vllm', 'vllm', 'any', 'max_tokens'],
    ['ollama', 'custom', 'any', 'max_tokens'],
  ];
  for (const [system, provider, model, field] of lengths)
    it(`${provider} takes the answer’s length of ${model} as ${field}`, async () => {
      const other = field === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
      const fake = await start({ system, model, rejects: [other] });
      assert.equal(await ask(endpointAt(fake.baseUrl, model, { provider })), undefined);
      const body = fake.chats()[0]?.body as Record<string, unknown>;
      assert.deepEqual([body[field], other in body], [50, false]);
      assert.deepEqual(body['stream_options'], { include_usage: true });
    });

  for (const [system, provider] of [
    ['openrouter', 'openrouter'],
    ['mistral', 'mistral'],
  ] as const)
    it(`${provider} is ${system === 'openrouter' ? 'not asked for usage, which it always tells' : 'asked for usage'}`, async () => {
      const fake = await start({ system });
      assert.equal(await ask(endpointAt(fake.baseUrl, fake.model, { provider })), undefined);
      assert.equal('stream_options' in (fake.chats()[0]?.body as object), system !== 'openrouter');
    });

  for (const refused of ['max_tokens', 'stream_options'])
    it(`a gateway that refuses ${refused} says so once, and is asked rightly from then on`, async () => {
      const fake = await start({ system: 'openai', rejects: [refused] });
      const endpoint = endpointAt(fake.baseUrl, fake.model);
      const error = await ask(endpoint);
      assert.match(error?.message ?? '', new RegExp(refused));
      assert.match(error?.remedy ?? '', /Ask again: Longview now leaves out/);
      assert.equal(fake.chats().length, 1, 'the prompt is not sent again by itself');
      assert.equal(await ask(endpoint), undefined);
      assert.ok(!(refused in (fake.chats()[1]?.body as object)));
    });

  it('a refused length is not taken for a refused name', async () => {
    const fake = await start({ system: 'openai', maxOutputTokens: 10 });
    const endpoint = endpointAt(fake.baseUrl, fake.model);
    assert.equal((await ask(endpoint))?.code, 'output-limit');
    await ask(endpoint);
    assert.ok('max_tokens' in (fake.chats()[1]?.body as object));
  });

  it('Azure takes its keys as api-key and Entra’s tokens as bearer, with the version its older paths need', async () => {
    const fake = await start({ system: 'azure', apiKey: 'azure-key' });
    const newer = endpointAt(fake.baseUrl, fake.model, { provider: 'azure', key: 'azure-key' });
    assert.equal(await ask(newer), undefined);
    const [chat] = fake.chats();
    assert.deepEqual([chat?.headers['api-key'], chat?.headers['authorization']], ['azure-key', undefined]);
    assert.equal(chat?.path, '/openai/v1/chat/completions');

    const older = `${fake.url}/openai/deployments/${fake.model}`;
    assert.equal(
      await ask(endpointAt(older, fake.model, { provider: 'azure', key: 'azure-key' })),
      undefined,
    );
    assert.match(fake.chats()[1]?.path ?? '', /\/chat\/completions\?api-version=20\d\d-\d\d-\d\d$/);

    await ask(endpointAt(fake.baseUrl, fake.model, { provider: 'azure', key: 'eyJtoken' }));
    assert.deepEqual(
      [fake.chats()[2]?.headers['api-key'], fake.chats()[2]?.headers['authorization']],
      [undefined, 'Bearer eyJtoken'],
    );
  });

  it('without a key there is no such header, and a 401 says that none is stored', async () => {
    const open = await start({ system: 'vllm' });
    assert.equal(await ask(endpointAt(open.baseUrl, open.model)), undefined);
    assert.equal(open.chats()[0]?.headers['authorization'], undefined);

    const locked = await start({ system: 'vllm', apiKey: 'secret' });
    const error = await ask(endpointAt(locked.baseUrl, locked.model));
    assert.equal(error?.code, 'auth');
    assert.match(error.message, /no key is stored for "mine" \(HTTP 401/);
    assert.match(error.remedy, /Set API Key.*--api-key-env/);
    const wrong = await ask(endpointAt(locked.baseUrl, locked.model, { key: 'wrong' }));
    assert.match(wrong?.message ?? '', /did not accept the API key/);
  });

  it('a web page in place of an answer names the URL, and where an API usually is', async () => {
    const page = '<!DOCTYPE html>\n<html><body>Welcome</body></html>';
    const reply = { status: 200, headers: { 'content-type': 'text/html' }, body: page };
    const fake = await start({ system: 'openai', faults: [{ kind: 'reply', reply }] });
    fake.failAlways({ kind: 'reply', reply });
    const error = await ask(endpointAt(fake.baseUrl, fake.model));
    assert.equal(error?.code, 'bad-url');
    assert.ok(error.message.startsWith(`${fake.baseUrl}/chat/completions answers with a web page`));
    const bare: Endpoint = {
      ...endpointAt('http://127.0.0.1:9', 'm'),
      fetch: async () => new Response(page),
    };
    assert.match((await ask(bare))?.remedy ?? '', /try http:\/\/127\.0\.0\.1:9\/v1\./);
  });

  it('a key that a refusal repeats is taken out of it, in every form', async () => {
    const key = 'sk-"+marker/key=';
    const forms = [key, encodeURIComponent(key), Buffer.from(key).toString('base64')];
    const body = { error: { message: `Incorrect API key provided: ${forms.join(' ')}` } };
    const headers = { 'x-echo': Buffer.from(key).toString('base64') };
    const fake = await start({ system: 'openai' });
    for (const fault of [
      { kind: 'reply', reply: { status: 401, headers, body } },
      { kind: 'stream-error', afterChunks: 0, body },
      { kind: 'stream-error', afterChunks: 1, body },
    ] as const) {
      fake.fail(fault);
      const error = await ask(endpointAt(fake.baseUrl, fake.model, { key }));
      const all = JSON.stringify([error?.message, error, error?.cause]);
      for (const form of [...forms, 'marker']) assert.ok(!all.includes(form), `${fault.kind}: ${all}`);
      assert.match(all, /\[key\]/);
    }
  });
});
