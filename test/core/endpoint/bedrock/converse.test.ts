import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import { createBedrockFetch, regionOf } from '../../../../src/core/endpoint/bedrock/fetch.ts';
import { streamChat, type ChatEvent } from '../../../../src/core/endpoint/client.ts';
import { RefusalError } from '../../../../src/core/endpoint/failure.ts';
import { createHttpFetch } from '../../../../src/core/endpoint/httpFetch.ts';
import type { PromptMessage } from '../../../../src/core/endpoint/promptBody.ts';
import type { Endpoint } from '../../../../src/core/endpoint/types.ts';
import { isCancellation, LongviewError, type ErrorCode } from '../../../../src/core/errors.ts';
import { startFake, type Fake, type FakeOptions, type Fault } from '../../../fakes/index.ts';

/** AWS's real client, over loopback: only the service is a fake. */
describe('Bedrock through Converse', () => {
  let fake: Fake;
  const start = async (options: Partial<FakeOptions> = {}) =>
    (fake = await startFake({
      system: 'bedrock',
      contextTokens: 1000,
      apiKey: 'marker-key',
      answer: 'The answer is 42, of course.',
      ...options,
    }));
  afterEach(() => fake.close());

  const endpointOf = (key: string | undefined = 'marker-key', silenceMs = 60_000): Endpoint => ({
    config: { id: 'aws', name: 'AWS', provider: 'bedrock', baseUrl: fake.baseUrl, model: fake.model },
    kind: 'server',
    fetch: createBedrockFetch(createHttpFetch(() => silenceMs)),
    apiKey: async () => key,
  });
  const hello: readonly PromptMessage[] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello?' },
  ];
  async function collect(
    endpoint: Endpoint,
    { messages = hello, maxTokens = 50, signal = new AbortController().signal } = {},
  ) {
    const events: ChatEvent[] = [];
    let error: unknown;
    const request = { messages, maxTokens, files: 1, tokens: 20 };
    try {
      for await (const e of streamChat(endpoint, request, { pass: async () => undefined }, signal))
        events.push(e);
    } catch (thrown) {
      error = thrown;
    }
    return { events, error, text: events.flatMap(e => (e.kind === 'text' ? [e.text] : [])).join('') };
  }

  it('streams text, then why it ended, and usage', async () => {
    await start();
    const { events, text, error } = await collect(endpointOf());
    assert.equal(error, undefined);
    assert.equal(text, 'The answer is 42, of course.');
    assert.ok(events.filter(e => e.kind === 'text').length > 1);
    const usage = events.find(e => e.kind === 'usage')?.usage;
    assert.deepEqual([usage?.promptTokens, usage?.cachedTokens], [fake.chats()[0]?.promptTokens, null]);
    assert.deepEqual(events.at(-1), { kind: 'end', finishReason: 'stop' });
  });

  it('asks in Converse’s shape, with the key as bearer token', async () => {
    await start();
    await collect(endpointOf(), {
      messages: [...hello, { role: 'user', content: 'And?' }, { role: 'assistant', content: 'So.' }],
    });
    const [chat] = fake.chats();
    assert.equal(chat?.path, `/model/${encodeURIComponent(fake.model)}/converse-stream`);
    assert.equal(chat.headers['authorization'], 'Bearer marker-key');
    assert.deepEqual(chat.body, {
      system: [{ text: 'Be brief.' }],
      messages: [
        { role: 'user', content: [{ text: 'Hello?' }, { text: 'And?' }] },
        { role: 'assistant', content: [{ text: 'So.' }] },
      ],
      inferenceConfig: { maxTokens: 50 },
    });
  });

  it('sends a prompt of many megabytes as it is, with its length and its hash', async () => {
    await start({ contextTokens: 5_000_000, counter: 'chars4' });
    const line = Buffer.from('"é" \\ and\ttabs, lifted-\u0001 \u{1f600}\n'.repeat(50_000));
    const filler = Buffer.alloc(1 << 20, 'a');
    const { error } = await collect(endpointOf(), {
      messages: [{ role: 'user', content: [line, filler, filler, line] }],
    });
    assert.equal(error, undefined);
    const [chat] = fake.chats();
    const body = chat?.body as { messages: { content: { text: string }[] }[] };
    assert.ok(body.messages[0]?.content[0]?.text === Buffer.concat([line, filler, filler, line]).toString());
    assert.equal(Number(chat?.headers['content-length']), chat?.bytes);
    // The fake keeps the body parsed; written again it is the same, as both follow JSON.stringify.
    const hash = createHash('sha256').update(JSON.stringify(chat?.body)).digest('hex');
    assert.equal(chat?.headers['x-amz-content-sha256'], hash);
  });

  const refused: [string, Fault, ErrorCode, number][] = [
    ['a wrong key', { kind: 'unauthorized' }, 'auth', 403],
    ['throttling in words of length', { kind: 'rate', retryAfterSeconds: 3 }, 'rate-limited', 429],
    ['a model withdrawn', { kind: 'dead-model' }, 'model-not-found', 404],
    ['an overflow, inside a 200 stream', { kind: 'overflow', limitTokens: 777 }, 'over-limit', 200],
    ['a proxy’s page', { kind: 'html-413' }, 'refused', 413],
    ['a redirect, not followed', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, 'refused', 307],
    [
      'an overflow without a number',
      {
        kind: 'reply',
        reply: {
          status: 400,
          headers: { 'x-amzn-errortype': 'ValidationException:http://internal.amazon.com/' },
          body: { message: 'Input is too long for requested model.' },
        },
      },
      'over-limit',
      400,
    ],
  ];
  for (const [name, fault, code, status] of refused)
    it(`passes on a refusal with status and body: ${name}`, async () => {
      await start({ faults: [fault] });
      const { error } = await collect(endpointOf());
      assert.ok(error instanceof RefusalError, String(error));
      assert.deepEqual([error.code, error.raw.status], [code, status], error.message);
      assert.equal(fake.chats().length, 1, 'AWS’s client does not ask again');
      if (fault.kind === 'overflow') assert.equal(error.refusal.limitTokens, 777);
    });

  it('names the exception that only a header names', async () => {
    await start({ faults: [{ kind: 'rate' }] });
    const { error } = await collect(endpointOf());
    assert.ok(error instanceof RefusalError);
    assert.equal((JSON.parse(error.raw.body) as { __type: string }).__type, 'ThrottlingException');
  });

  it('reads the cap of an answer as such', async () => {
    await start();
    const { error } = await collect(endpointOf(), { maxTokens: 20_000 });
    assert.ok(error instanceof RefusalError && error.code === 'output-limit', String(error));
    assert.equal(error.refusal.outputLimitTokens, 16_384);
  });

  const broken: [string, Fault][] = [
    ['the socket dies', { kind: 'die', afterChunks: 1 }],
    ['the stream ends early', { kind: 'cut', afterChunks: 1 }],
    ['an exception comes after text', { kind: 'stream-error', afterChunks: 1 }],
  ];
  for (const [name, fault] of broken)
    it(`keeps what arrived when ${name}`, async () => {
      await start({ faults: [fault] });
      const { text, error } = await collect(endpointOf());
      assert.equal(text, 'The answer is 42, of cou');
      assert.ok(error instanceof LongviewError && error.code === 'incomplete-answer', String(error));
    });

  it('an answer cut at its cap says so', async () => {
    await start();
    const { events } = await collect(endpointOf(), { maxTokens: 3 });
    assert.deepEqual(events.at(-1), { kind: 'end', finishReason: 'length' });
  });

  it('aborts the request when cancelled, before and after the first word', async () => {
    await start();
    const early = new AbortController();
    fake.headersGate.close();
    const waiting = collect(endpointOf(), { signal: early.signal });
    await fake.headersGate.arrived();
    early.abort();
    assert.ok(isCancellation((await waiting).error));
    await fake.nextAborted();
    fake.headersGate.open();

    const late = new AbortController();
    fake.chunkGate.close();
    fake.chunkGate.release(1);
    const answering = collect(endpointOf(), { signal: late.signal });
    await fake.chunkGate.arrived();
    late.abort();
    assert.ok(isCancellation((await answering).error));
    await fake.nextAborted();
  });

  it('gives up by our own timer, visibly', async () => {
    await start();
    fake.headersGate.close();
    const { error } = await collect(endpointOf('marker-key', 200));
    assert.ok(error instanceof LongviewError && error.code === 'timeout', String(error));
  });

  it('names a server that is not there', async () => {
    await start();
    const endpoint = endpointOf();
    await fake.close();
    const { error } = await collect(endpoint);
    assert.ok(error instanceof LongviewError && error.code === 'unreachable', String(error));
    await start(); // for afterEach to close
  });

  it('asks nobody for what Converse has not', async () => {
    await start();
    const { fetch } = endpointOf();
    assert.equal((await fetch(`${fake.baseUrl}/models`)).status, 404);
    assert.equal(fake.requests.length, 0);
  });
});

describe('Bedrock’s region', () => {
  it('is read from the host, else from the environment', () => {
    const cases: [string, NodeJS.ProcessEnv, string][] = [
      ['https://bedrock-runtime.eu-central-1.amazonaws.com', { AWS_REGION: 'us-west-2' }, 'eu-central-1'],
      ['https://bedrock-runtime.us-gov-west-1.amazonaws.com', {}, 'us-gov-west-1'],
      ['https://vpce-1-a.bedrock-runtime.us-east-2.vpce.amazonaws.com', {}, 'us-east-2'],
      ['http://127.0.0.1:8080', { AWS_REGION: 'us-west-2' }, 'us-west-2'],
      ['http://127.0.0.1:8080', { AWS_DEFAULT_REGION: 'ap-south-1' }, 'ap-south-1'],
      ['http://127.0.0.1:8080', {}, 'us-east-1'],
    ];
    for (const [url, env, region] of cases) assert.equal(regionOf(url, env), region, url);
  });
});
