import assert from 'node:assert/strict';

import { streamChat, type ChatEvent } from '../../../src/core/endpoint/client.ts';
import { RefusalError } from '../../../src/core/endpoint/failure.ts';
import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import type { Gates } from '../../../src/core/endpoint/gates.ts';
import type { Endpoint } from '../../../src/core/endpoint/types.ts';
import { isCancellation, LongviewError, type ErrorCode } from '../../../src/core/errors.ts';
import { startFake, type Fake, type Fault } from '../../fakes/index.ts';

const open: Gates = { pass: async () => undefined };

function endpointOf(fake: Pick<Fake, 'baseUrl' | 'model'>, key?: string): Endpoint {
  return {
    config: { id: 'fake', baseUrl: fake.baseUrl, model: fake.model },
    kind: 'server',
    fetch: createHttpFetch(() => 60_000),
    apiKey: async () => key,
  };
}

const request = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello?' },
  ],
  maxTokens: 50,
  files: 1,
  tokens: 20,
} as const;

async function collect(endpoint: Endpoint, signal = new AbortController().signal, gates = open) {
  const events: ChatEvent[] = [];
  let error: unknown;
  try {
    for await (const event of streamChat(endpoint, request, gates, signal)) events.push(event);
  } catch (thrown) {
    error = thrown;
  }
  const text = events.flatMap(e => (e.kind === 'text' ? [e.text] : [])).join('');
  return { events, text, error };
}

describe('streamChat', () => {
  let fake: Fake;
  beforeEach(async () => {
    fake = await startFake({
      system: 'openai',
      contextTokens: 1000,
      apiKey: 'right',
      answer: 'The answer is 42, of course.',
    });
  });
  afterEach(() => fake.close());

  it('streams text, then usage, then why it ended', async () => {
    const { events, text, error } = await collect(endpointOf(fake, 'right'));
    assert.equal(error, undefined);
    assert.equal(text, 'The answer is 42, of course.');
    assert.ok(events.filter(e => e.kind === 'text').length > 1);
    const usage = events.find(e => e.kind === 'usage');
    assert.ok(usage?.kind === 'usage' && usage.usage.promptTokens !== null && usage.usage.promptTokens > 0);
    assert.deepEqual(events.at(-1), { kind: 'end', finishReason: 'stop' });
    const body = fake.chats()[0]?.body as Record<string, unknown>;
    assert.deepEqual([body['model'], body['max_tokens'], body['stream']], [fake.model, 50, true]);
  });

  const failures: [string, Fault, ErrorCode, RegExp][] = [
    ['401', { kind: 'unauthorized' }, 'auth', /API key/],
    ['a rate limit', { kind: 'rate', retryAfterSeconds: 7 }, 'rate-limited', /429/],
    ['a dead model', { kind: 'dead-model' }, 'model-not-found', /does not know the model/],
    ['a proxy’s page', { kind: 'html-413' }, 'refused', /413/],
    [
      'a flat body',
      { kind: 'reply', reply: { status: 400, body: { message: 'flat words', type: 'x' } } },
      'refused',
      /flat words/,
    ],
    [
      'a string error',
      { kind: 'reply', reply: { status: 422, body: { error: 'said as text' } } },
      'refused',
      /said as text/,
    ],
    ['an error inside a 200 stream', { kind: 'stream-error', afterChunks: 0 }, 'refused', /HTTP 200/],
    [
      'a redirect, which is not followed',
      { kind: 'redirect', location: 'http://127.0.0.1:9/', status: 307 },
      'refused',
      /307/,
    ],
    ['a dropped connection', { kind: 'drop' }, 'unreachable', /connection/],
    ['an empty stream', { kind: 'empty-stream' }, 'incomplete-answer', /broke off/],
  ];
  for (const [name, fault, code, message] of failures) {
    it(`says what happened: ${name}`, async () => {
      fake.fail(fault);
      const { error } = await collect(endpointOf(fake, 'right'));
      assert.ok(error instanceof LongviewError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.notEqual(error.remedy, '');
      assert.equal(fake.chats().length, 1, 'a prompt is never sent twice by itself');
    });
  }

  const broken: [string, Fault][] = [
    ['the socket dies', { kind: 'die', afterChunks: 1 }],
    ['the stream ends early', { kind: 'cut', afterChunks: 1 }],
    ['an error comes after text', { kind: 'stream-error', afterChunks: 1 }],
    ['a line is no JSON', { kind: 'broken-json', afterChunks: 1 }],
    ['an error event comes after text', { kind: 'stream-error', afterChunks: 1, form: 'event' }],
    ['an error stands bare in a line', { kind: 'stream-error', afterChunks: 1, form: 'bare' }],
    ['an error is a field of its own', { kind: 'stream-error', afterChunks: 1, form: 'field' }],
    ['an error comes before [DONE]', { kind: 'stream-error', afterChunks: 1, done: true }],
  ];
  for (const [name, fault] of broken) {
    it(`keeps what arrived when ${name}`, async () => {
      fake.fail(fault);
      const { text, error } = await collect(endpointOf(fake, 'right'));
      assert.equal(text, 'The answer is 42, of cou');
      assert.ok(error instanceof LongviewError && error.code === 'incomplete-answer', String(error));
    });
  }

  it('an answer that is complete but for [DONE] is not called complete', async () => {
    fake.fail({ kind: 'no-done' });
    const { text, error } = await collect(endpointOf(fake, 'right'));
    assert.equal(text, 'The answer is 42, of course.');
    assert.ok(error instanceof LongviewError && error.code === 'incomplete-answer', String(error));
  });

  for (const form of ['data', 'event', 'bare', 'field'] as const) {
    it(`reads an overflow inside a 200 stream: ${form}`, async () => {
      const body = { error: { message: "This model's maximum context length is 777 tokens.", code: 400 } };
      fake.fail({ kind: 'stream-error', afterChunks: 0, form, body });
      const { error } = await collect(endpointOf(fake, 'right'));
      assert.ok(error instanceof RefusalError && error.code === 'over-limit', String(error));
      assert.equal(error.refusal.limitTokens, 777);
    });
  }

  it('tells the server when nobody reads the answer any more', async () => {
    fake.chunkGate.close();
    fake.chunkGate.release(1);
    for await (const event of streamChat(
      endpointOf(fake, 'right'),
      request,
      open,
      new AbortController().signal,
    ))
      if (event.kind === 'text') break;
    assert.equal((await fake.nextAborted()).aborted, true);
  });

  it('sends the key as a bearer token, and says so when it is wrong', async () => {
    const { error } = await collect(endpointOf(fake, 'wrong'));
    assert.ok(error instanceof LongviewError && error.code === 'auth');
    assert.equal(fake.chats()[0]?.headers['authorization'], 'Bearer wrong');
    assert.ok(!error.message.includes('wrong'));
  });

  it('names a server that is not there', async () => {
    const gone = await startFake({ system: 'openai' });
    await gone.close();
    const { error } = await collect(endpointOf(gone));
    assert.ok(error instanceof LongviewError && error.code === 'unreachable');
    assert.match(error.message, /ECONNREFUSED/);
  });

  it('aborts the request when cancelled in the middle', async () => {
    const controller = new AbortController();
    fake.configure({
      answer: async function* ({ signal }) {
        yield 'first';
        await new Promise(resolve => signal.addEventListener('abort', resolve));
      },
    });
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const event of streamChat(endpointOf(fake, 'right'), request, open, controller.signal)) {
        if (event.kind === 'text') seen.push(event.text);
        controller.abort();
      }
    }, isCancellation);
    assert.deepEqual(seen, ['first']);
    assert.equal((await fake.nextAborted()).aborted, true);
  });

  it('sends nothing past a closed gate', async () => {
    const closed: Gates = {
      pass: async () => {
        throw new LongviewError('no-consent', 'No.', 'Say yes.');
      },
    };
    const { error } = await collect(endpointOf(fake, 'right'), undefined, closed);
    assert.ok(error instanceof LongviewError && error.code === 'no-consent');
    assert.equal(fake.requests.length, 0);
  });

  it('gives up, visibly, when no headers come', async () => {
    fake.headersGate.close();
    const endpoint = { ...endpointOf(fake, 'right'), fetch: createHttpFetch(() => 20) };
    const { error } = await collect(endpoint);
    assert.ok(error instanceof LongviewError && error.code === 'timeout', String(error));
    assert.match(error.remedy, /timeoutMinutes/);
  });
});
