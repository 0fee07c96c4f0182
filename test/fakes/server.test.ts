import assert from 'node:assert/strict';

import { startFake } from './index.ts';
import type { Fake, FakeOptions } from './index.ts';
import { ask, chat, readEvents, textOf } from './testing.ts';

describe('fakes: the server core', () => {
  let fake: Fake;
  const start = async (options: Partial<FakeOptions> = {}) =>
    (fake = await startFake({
      system: 'openai',
      contextTokens: 1000,
      answer: 'One two three.',
      chunkChars: 4,
      ...options,
    }));
  afterEach(() => fake.close());

  it('streams the scripted answer in chunks, ends with finish_reason and [DONE]', async () => {
    await start();
    const response = await chat(fake, 'Hello', { stream: true });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    const events = readEvents(await response.text());
    assert.equal(textOf(events), 'One two three.');
    assert.equal(events.length, 1 + 4 + 1 + 1);
    assert.equal(events.at(-1), '[DONE]');
  });

  it('sends usage in the stream only when asked', async () => {
    await start();
    const events = readEvents(
      await (await chat(fake, 'Hello', { stream: true, stream_options: { include_usage: true } })).text(),
    );
    const last = events.at(-2) as { choices: unknown[]; usage: { prompt_tokens: number } };
    assert.deepEqual(last.choices, []);
    assert.equal(last.usage.prompt_tokens, 5);
  });

  it('answers without a stream too, from what the request said', async () => {
    await start({ answer: ({ prompt, maxTokens }) => `${prompt} / ${String(maxTokens)}` });
    const body = await (await chat(fake, 'Hello', { max_tokens: 50 })).json();
    assert.equal(body.choices[0].message.content, 'Hello / 50');
    assert.equal(body.choices[0].finish_reason, 'stop');
    assert.equal(body.usage.prompt_tokens, 5);
  });

  it('stops at max_tokens', async () => {
    await start();
    const body = await (await chat(fake, 'Hello', { max_tokens: 2 })).json();
    assert.equal(body.choices[0].finish_reason, 'length');
    assert.equal(body.usage.completion_tokens, 2);
  });

  it('streams what an async generator yields, chunk by chunk', async () => {
    await start({
      answer: async function* () {
        yield 'a';
        yield 'bc';
      },
    });
    const events = readEvents(await (await chat(fake, 'x', { stream: true })).text());
    assert.equal(textOf(events), 'abc');
    assert.equal(events.length, 1 + 2 + 1 + 1);
  });

  it('lists models, refuses a wrong key with 401 and an unknown model with 404', async () => {
    await start({ apiKey: 'right' });
    assert.equal((await ask(fake, '/models')).status, 401);
    assert.equal((await ask(fake, '/models', { key: 'wrong' })).status, 401);
    const list = await (await ask(fake, '/models', { key: 'right' })).json();
    assert.deepEqual(
      list.data.map((m: { id: string }) => m.id),
      [fake.model],
    );
    const unknown = await chat(fake, 'x', { model: 'nope' }, 'right');
    assert.equal(unknown.status, 404);
    assert.equal((await unknown.json()).error.code, 'model_not_found');
    assert.equal((await ask(fake, '/nowhere', { key: 'right' })).status, 404);
  });

  it('records what came: method, path, headers, parsed body, tokens', async () => {
    await start();
    await chat(fake, 'Hello');
    const [request] = fake.requests;
    assert.ok(request);
    assert.equal(request.method, 'POST');
    assert.equal(request.path, '/v1/chat/completions');
    assert.equal(request.headers['content-type'], 'application/json');
    assert.equal((request.body as { model: string }).model, fake.model);
    assert.equal(request.promptTokens, 5);
    assert.equal(request.status, 200);
    assert.equal(request.aborted, false);
    assert.equal(fake.chats().length, 1);
  });

  it('dies in mid-stream after n chunks, and does not take that for a cancel', async () => {
    await start({ faults: [{ kind: 'die', afterChunks: 2 }] });
    const response = await chat(fake, 'x', { stream: true });
    const { text, error } = await readUntilError(response);
    assert.ok(error);
    assert.equal(textOf(readEvents(text)), 'One two ');
    assert.equal(fake.requests[0]?.aborted, false);
    assert.equal((await chat(fake, 'x')).status, 200, 'the next request is served again');
  });

  it('tells when a client cancels: before the headers, and between chunks', async () => {
    await start();
    fake.headersGate.close();
    const early = new AbortController();
    const pending = chat(fake, 'x', { stream: true }, undefined, early.signal);
    await fake.headersGate.arrived();
    early.abort();
    await assert.rejects(pending, { name: 'AbortError' });
    assert.equal((await fake.nextAborted()).aborted, true);

    fake.headersGate.open();
    fake.chunkGate.close();
    fake.chunkGate.release(2);
    const late = new AbortController();
    const response = await chat(fake, 'x', { stream: true }, undefined, late.signal);
    await fake.chunkGate.arrived();
    late.abort();
    await assert.rejects(response.text(), { name: 'AbortError' });
    assert.equal(await fake.nextAborted(), fake.requests[1]);
  });

  it('holds the headers until the gate opens', async () => {
    await start();
    fake.headersGate.close();
    const pending = chat(fake, 'x');
    await fake.headersGate.arrived();
    assert.equal(fake.requests[0]?.status, undefined);
    fake.headersGate.release();
    assert.equal((await pending).status, 200);
  });

  it('closes with requests still open', async () => {
    await start();
    fake.headersGate.close();
    const pending = chat(fake, 'x');
    await fake.headersGate.arrived();
    const other = fake;
    await start();
    await Promise.all([assert.rejects(pending), other.close()]);
  });
});

async function readUntilError(response: Response): Promise<{ text: string; error: unknown }> {
  let text = '';
  const reader = response.body?.getReader();
  assert.ok(reader);
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { text, error: undefined };
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    return { text, error };
  }
}
