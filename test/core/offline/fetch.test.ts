import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import OpenAI from 'openai';
import { createOfflineFetch } from '../../../src/core/offline/fetch.ts';
import { offlineBaseUrl, offlineModel } from '../../../src/core/offline/wire.ts';
import { checkCitations, clientFor, countRoughly, packOf, type TextFile } from './ask.ts';

const files: TextFile[] = [
  {
    path: 'src/cache.ts',
    text: [
      "import { hash } from './hash.ts';",
      '',
      '/** Forgets entries that nobody read for an hour. */',
      'export function evictStale(entries: Map<string, Entry>, now: number): void {',
      '  for (const [key, entry] of entries)',
      '    if (now - entry.readAt > hour) entries.delete(key);',
      '}',
      '',
      'const hour = 3_600_000;',
      '',
    ].join('\n'),
  },
  { path: 'src/hash.ts', text: 'export const hash = (text: string): number => text.length;\n' },
  { path: 'README.md', text: '# Larder\n\nA cache with a lid.\n' },
];
const question = 'When is a stale cache entry evicted?';
const user = { role: 'user', content: packOf(files, question) } as const;
const request = { model: offlineModel, messages: [{ role: 'system', content: 'Be short.' }, user] } as const;

function ask(client: OpenAI, more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) {
  return client.chat.completions.create({ ...request, messages: [...request.messages], ...more });
}

describe('offline reader over the wire', () => {
  it('lists itself with its context limit', async () => {
    const { data } = await clientFor({ contextLimit: 4096 }).models.list();
    assert.deepEqual(
      data.map(model => [model.id, (model as unknown as { max_model_len: number }).max_model_len]),
      [[offlineModel, 4096]],
    );
  });

  it('streams the golden answer', async () => {
    const stream = await clientFor().chat.completions.create({
      ...request,
      messages: [...request.messages],
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    const finished: (string | null)[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      assert.equal(chunk.object, 'chat.completion.chunk');
      pieces.push(chunk.choices[0]?.delta.content ?? '');
      if (chunk.choices[0]?.finish_reason) finished.push(chunk.choices[0].finish_reason);
      usage = chunk.usage;
    }
    const answer = pieces.join('');
    assert.equal(answer, readFileSync('test/core/offline/golden/answer.md', 'utf8'));
    assert(pieces.length > 10, `${pieces.length} pieces`);
    assert.deepEqual(finished, ['stop']);
    const prompt = 5 + 2 * 5 + countRoughly('Be short.') + countRoughly(user.content);
    const completion = countRoughly(answer);
    assert.deepEqual(usage, {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
    });
    assert.equal(checkCitations(answer, files)[0]?.path, 'src/cache.ts');
  });

  it('answers the same without streaming', async () => {
    const { choices, usage } = await ask(clientFor());
    assert.equal(choices[0]?.message.content, readFileSync('test/core/offline/golden/answer.md', 'utf8'));
    assert.equal(choices[0]?.finish_reason, 'stop');
    assert.equal(usage?.completion_tokens, countRoughly(choices[0]?.message.content ?? ''));
  });

  it('ends at max_tokens as a model does', async () => {
    for (const max of [1, 2, 17, 60]) {
      const { choices, usage } = await ask(clientFor(), { max_tokens: max });
      assert.equal(choices[0]?.finish_reason, 'length');
      assert.equal(usage?.completion_tokens, max);
      assert(
        readFileSync('test/core/offline/golden/answer.md', 'utf8').startsWith(
          choices[0]?.message.content ?? '!',
        ),
      );
    }
  });

  it('sends no usage chunk that nobody asked for', async () => {
    const stream = await clientFor().chat.completions.create({
      ...request,
      messages: [...request.messages],
      stream: true,
    });
    for await (const chunk of stream) assert.equal(chunk.choices.length, 1);
  });

  it('counts pieces that together are the prompt', async () => {
    const counted: string[] = [];
    const long = { path: 'long.txt', text: 'word word\n\tindented\n'.repeat(20_000) };
    const content = packOf([long, ...files], question);
    await clientFor({
      countTokens: text => (counted.push(text), 1),
    }).chat.completions.create({ model: offlineModel, messages: [{ role: 'user', content }] });
    assert.equal(counted.slice(0, -1).join(''), content, 'all but the last, which is the answer');
    for (const piece of counted.slice(1, -1)) assert.match(piece, /^(@@@@|[A-Za-z])/);
    assert(Math.max(...counted.map(piece => piece.length)) < 70_000);
  });
});

describe('offline reader refuses', () => {
  const tokens = 5 + 2 * 5 + countRoughly('Be short.') + countRoughly(user.content);

  it('a prompt over the limit, in words a server uses', async () => {
    const error = await rejection(ask(clientFor({ contextLimit: 100 })));
    assert(error instanceof OpenAI.BadRequestError);
    assert.deepEqual(error.error, {
      message:
        `This model's maximum context length is 100 tokens. However, your request has ${tokens} input tokens. ` +
        `Please reduce the length of the input messages. (parameter=input_tokens, value=${tokens})`,
      type: 'BadRequestError',
      param: 'input_tokens',
      code: 400,
    });
  });

  const borders: [string, number, number | undefined, boolean][] = [
    ['the prompt fills the window', tokens, undefined, false],
    ['one token of answer fits', tokens + 1, undefined, true],
    ['prompt and max_tokens just fit', tokens + 500, 500, true],
    ['prompt and max_tokens are one too many', tokens + 499, 500, false],
    ['max_tokens alone is more than the window', tokens + 10, 1_000_000, false],
  ];
  for (const [what, contextLimit, maxTokens, accepted] of borders)
    it(`${accepted ? 'not when' : 'when'} ${what}`, async () => {
      const asked = ask(
        clientFor({ contextLimit }),
        maxTokens === undefined ? {} : { max_tokens: maxTokens },
      );
      if (accepted) await asked;
      else {
        const error = await rejection(asked);
        assert(error instanceof OpenAI.BadRequestError);
        assert.match(error.message, new RegExp(`maximum context length is ${contextLimit} tokens`));
      }
    });

  const faults: [string, object, RegExp][] = [
    ['no messages', { messages: [] }, /400 .*messages/],
    ['messages of another type', { messages: 'hello' }, /400 .*messages/],
    ['a picture', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, /400 Message 0/],
    ['an unknown role', { messages: [{ role: 'wizard', content: 'x' }] }, /400 Message 0/],
    ['max_tokens 0', { max_tokens: 0 }, /400 max_tokens must be at least 1, got 0/],
    ['another model', { model: 'gpt-4' }, /404 The model `gpt-4` does not exist/],
  ];
  for (const [what, more, message] of faults)
    it(what, async () => {
      const error = await rejection(ask(clientFor(), more));
      assert(error instanceof OpenAI.APIError);
      assert.match(error.message, message);
    });

  it('what is not JSON, unknown paths and methods, and other addresses', async () => {
    const fetch = createOfflineFetch({ contextLimit: 100, countTokens: countRoughly });
    const status = async (path: string, init?: RequestInit) =>
      (await fetch(offlineBaseUrl + path, init)).status;
    assert.equal(await status('/chat/completions', { method: 'POST', body: '{"model":' }), 400);
    assert.equal(await status('/completions', { method: 'POST', body: '{}' }), 404);
    assert.equal(await status('/chat/completions'), 405);
    assert.equal(await status('/models', { method: 'POST', body: '{}' }), 405);
    await assert.rejects(fetch('http://127.0.0.1:9/v1/models'), TypeError);
    await assert.rejects(fetch('http://offline.invalid.example/v1/models'), TypeError);
  });

  it('accepts a Request object and bytes as well', async () => {
    const fetch = createOfflineFetch({ contextLimit: 100_000, countTokens: countRoughly });
    const bytes = new TextEncoder().encode(JSON.stringify(request));
    const url = `${offlineBaseUrl}/chat/completions`;
    assert.equal((await fetch(new Request(url, { method: 'POST', body: bytes }))).status, 200);
    assert.equal((await fetch(new URL(url), { method: 'post', body: bytes })).status, 200);
  });
});

describe('offline reader cancelled', () => {
  const body = JSON.stringify({ ...request, stream: true });
  const post = { method: 'POST', body };
  const url = `${offlineBaseUrl}/chat/completions`;

  it('before it starts', async () => {
    const fetch = createOfflineFetch({ contextLimit: 100_000, countTokens: () => assert.fail('counted') });
    const error = await rejection(fetch(url, { ...post, signal: AbortSignal.abort() }));
    assert.equal((error as Error).name, 'AbortError');
  });

  it('while counting', async () => {
    const stop = new AbortController();
    const fetch = createOfflineFetch({ contextLimit: 100_000, countTokens: () => (stop.abort(), 1) });
    const error = await rejection(fetch(url, { ...post, signal: stop.signal }));
    assert.equal((error as Error).name, 'AbortError');
  });

  for (const delayMs of [undefined, 1, 60_000])
    it(`in mid-stream, with ${delayMs} ms between pieces`, async () => {
      const stop = new AbortController();
      const options = { contextLimit: 100_000, countTokens: countRoughly };
      const fetch = createOfflineFetch(delayMs === undefined ? options : { ...options, delayMs });
      const response = await fetch(url, { ...post, signal: stop.signal });
      const reader = response.body?.getReader();
      assert(reader);
      assert.equal((await reader.read()).done, false);
      const next = (async () => {
        for (;;) if ((await reader.read()).done) return;
      })();
      stop.abort();
      assert.equal(((await rejection(next)) as Error).name, 'AbortError');
    });

  it('through the client, which keeps what arrived', async () => {
    const stream = await clientFor().chat.completions.create({
      ...request,
      messages: [...request.messages],
      stream: true,
    });
    let got = '';
    for await (const chunk of stream) {
      got += chunk.choices[0]?.delta.content ?? '';
      if (got.includes('\n')) stream.controller.abort();
    }
    assert.match(got, /^Offline reader: no model was involved\./);
    assert(got.length < readFileSync('test/core/offline/golden/answer.md', 'utf8').length / 2);
  });
});

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail('was not rejected');
}
