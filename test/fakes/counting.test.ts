import assert from 'node:assert/strict';

import { startFake } from './index.ts';
import type { AnswerRequest, Fake, FakeOptions, SystemName } from './index.ts';
import { ask, chat, readEvents } from './testing.ts';
import type { Loose } from './testing.ts';

let fake: Fake;
const start = async (system: SystemName, options: Partial<FakeOptions> = {}) =>
  (fake = await startFake({ system, contextTokens: 1000, answer: 'fine', ...options }));
const numbered = (count: number) => Array.from({ length: count }, (_, i) => ` ${i}`).join('');
const usageOf = async (content: string, more: object = {}): Promise<Loose> =>
  (await (await chat(fake, content, more)).json()).usage;
const post = async (path: string, body: unknown): Promise<Loose> =>
  (await ask(fake, path, { root: true, body })).json();

describe('fakes: counting', () => {
  afterEach(() => fake.close());

  it('counts with o200k, control tokens as text, times the ratio, plus the template', async () => {
    await start('openai', { tokenRatio: 1.5, templateTokens: 10 });
    // "<|endoftext|>" spelled out is 7 tokens of text.
    assert.equal((await usageOf('<|endoftext|>')).prompt_tokens, Math.ceil(7 * 1.5) + 10);
    fake.configure({ counter: 'chars4', tokenRatio: 1 });
    assert.equal((await usageOf('x'.repeat(400))).prompt_tokens, 110);
  });

  it('reads parts and several messages', async () => {
    await start('openai');
    const messages = [
      { role: 'system', content: 'one' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'two' },
          { type: 'text', text: ' three' },
        ],
      },
    ];
    assert.equal((await usageOf('', { messages })).prompt_tokens, 1 + 2 + 8);
  });

  it('tokenises as each server does', async () => {
    const prompt = 'one two three';
    const messages = [{ role: 'user', content: prompt }];
    await start('vllm');
    assert.deepEqual(await post('/tokenize', { prompt }), {
      count: 3,
      max_model_len: 1000,
      tokens: [0, 1, 2],
      token_strs: null,
    });
    assert.equal((await post('/tokenize', { messages })).count, 7);
    await fake.close();
    await start('sglang');
    assert.equal((await post('/tokenize', { prompt })).count, 3);
    await fake.close();
    await start('tgi');
    const tokens = await post('/tokenize', { inputs: prompt });
    assert.equal(tokens.map((t: Loose) => t.text).join(''), prompt);
    assert.equal(tokens.length, 3);
    assert.ok((await post('/chat_tokenize', { messages })).tokenize_response.length > 3);
    await fake.close();
    await start('llamacpp');
    assert.equal((await post('/tokenize', { content: prompt })).tokens.length, 3);
    assert.match((await post('/apply-template', { messages })).prompt, /one two three<\|eot\|>/);
    assert.equal((await post('/v1/chat/completions/input_tokens', { messages })).input_tokens, 7);
    await fake.close();
    await start('openai');
    assert.deepEqual(await post('/v1/responses/input_tokens', { input: prompt }), {
      object: 'response.input_tokens',
      input_tokens: 7,
    });
  });
});

describe('fakes: silent truncation', () => {
  afterEach(() => fake.close());
  const long = `START${numbered(1500)} END`;

  const cuts: readonly [SystemName, start: boolean, end: boolean][] = [
    ['ollama', false, true],
    ['sglang', true, false],
    ['lmstudio', true, true],
  ];
  for (const [system, keepsStart, keepsEnd] of cuts)
    it(`${system}: the answer sees what was left, usage tells how much`, async () => {
      const seen: AnswerRequest[] = [];
      await start(system, {
        silentTruncation: true,
        answer: request => {
          seen.push(request);
          return 'fine';
        },
      });
      const usage = await usageOf(long);
      const prompt = seen[0]?.prompt ?? '';
      assert.equal(prompt.startsWith('START'), keepsStart);
      assert.equal(prompt.endsWith('END'), keepsEnd);
      assert.ok(usage.prompt_tokens <= 1000 && usage.prompt_tokens > 990, String(usage.prompt_tokens));
      const [record] = fake.chats();
      assert.equal(record?.readTokens, usage.prompt_tokens);
      assert.ok((record?.promptTokens ?? 0) > 3000);
    });

  it('ollama drops old messages first, and keeps the system message', async () => {
    let roles: string[] = [];
    await start('ollama', {
      answer: ({ messages }) => {
        roles = messages.map(m => m.role + m.content.slice(0, 4));
        return 'fine';
      },
    });
    const messages = [
      { role: 'system', content: 'rule' },
      { role: 'user', content: `old ${numbered(450)}` },
      { role: 'assistant', content: 'well' },
      { role: 'user', content: `new ${numbered(300)}` },
    ];
    await chat(fake, '', { messages });
    assert.deepEqual(roles, ['systemrule', 'assistantwell', 'usernew ']);
  });

  it('leaves alone what fits', async () => {
    await start('ollama');
    assert.equal((await usageOf('short')).prompt_tokens, 5);
  });
});

describe('fakes: prefix cache accounting', () => {
  afterEach(() => fake.close());
  const pack = numbered(600);

  it('counts the longest prefix shared with an earlier prompt, in the system’s blocks', async () => {
    await start('openai', { contextTokens: 10_000 });
    assert.equal((await usageOf(`${pack} first`)).prompt_tokens_details.cached_tokens, 0);
    const second = await usageOf(`${pack} second`);
    assert.equal(second.prompt_tokens_details.cached_tokens, 1152);
    assert.equal(fake.chats()[1]?.cachedTokens, 1152);
    const other = await usageOf(`changed${pack} second`);
    assert.equal(other.prompt_tokens_details.cached_tokens, 0);
  });

  it('says nothing where the system says nothing, unless told to', async () => {
    await start('vllm', { contextTokens: 10_000 });
    await usageOf(pack);
    assert.equal('prompt_tokens_details' in (await usageOf(pack)), false);
    fake.configure({ reportsCache: true });
    assert.equal((await usageOf(pack)).prompt_tokens_details.cached_tokens, 1200);
    await fake.close();
    await start('tgi', { contextTokens: 10_000 });
    await usageOf(pack);
    assert.equal('prompt_tokens_details' in (await usageOf(pack)), false);
  });

  it('llama.cpp tells it twice, OpenRouter with the cost', async () => {
    await start('llamacpp', { contextTokens: 10_000 });
    await chat(fake, pack);
    const body = await (await chat(fake, pack)).json();
    assert.equal(body.usage.prompt_tokens_details.cached_tokens, 1200);
    assert.equal(body.timings.cache_n, 1200);
    await fake.close();
    await start('openrouter', { contextTokens: 10_000, price: { input: 1, output: 2, cacheRead: 0.5 } });
    assert.equal((await usageOf(pack)).cost, (1204 + 2) / 1e6);
    assert.equal((await usageOf(pack)).cost, (1204 - 1152 + 1152 * 0.5 + 2) / 1e6);
  });
});

describe('fakes: habits of streams', () => {
  afterEach(() => fake.close());
  const stream = async (more: object = {}) => (await chat(fake, 'x', { stream: true, ...more })).text();

  it('OpenRouter comments, and sends usage unasked', async () => {
    await start('openrouter');
    const text = await stream();
    assert.match(text, /^: OPENROUTER PROCESSING\n\n/);
    assert.equal((readEvents(text).at(-2) as Loose).usage.prompt_tokens, 5);
  });

  it('Groq wraps usage in x_groq', async () => {
    await start('groq');
    assert.equal((readEvents(await stream()).at(-2) as Loose).x_groq.usage.prompt_tokens, 5);
  });

  it('Together and others put it into the last chunk', async () => {
    await start('together');
    const last = readEvents(await stream()).at(-2) as Loose;
    assert.equal(last.choices[0].finish_reason, 'stop');
    assert.equal(last.usage.prompt_tokens, 5);
  });

  it('each system fails in its own way after the first token', async () => {
    const tails: readonly [SystemName, RegExp][] = [
      ['openrouter', /data: \{"id":"gen-1".*"finish_reason":"error"\}\]\}\n\n$/],
      ['groq', /"x_groq":\{"id":"req_1","error":"over_capacity"\}\}\n\n$/],
      ['vllm', /data: \{"error":.*\n\ndata: \[DONE\]\n\n$/],
      ['llamacpp', /data: \{"error":\{"code":500,"message":"Context size has been exceeded\."/],
      ['ollama', /"content":""\},"finish_reason":null\}\]\}\n\n$/],
      ['lmstudio', /event: error\ndata: \{"error"/],
    ];
    for (const [system, tail] of tails) {
      await start(system, { faults: [{ kind: 'stream-error', afterChunks: 1 }] });
      assert.match(await stream(), tail, system);
      await fake.close();
    }
    await start('openai');
  });
});
