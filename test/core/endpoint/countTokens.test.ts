import assert from 'node:assert/strict';

import { createPromptCounter, type EndpointCount } from '../../../src/core/endpoint/countTokens.ts';
import type { Gates, Sending } from '../../../src/core/endpoint/gates.ts';
import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import type { ChatMessage, Endpoint } from '../../../src/core/endpoint/types.ts';
import { LongviewError } from '../../../src/core/errors.ts';
import { startFake, type Fake, type SystemName } from '../../fakes/index.ts';

const messages: readonly ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'marker-source const a = 1;\n'.repeat(50) },
];

describe('asking the endpoint to count', () => {
  let fake: Fake;
  let passed: Sending[];
  const gates: Gates = {
    pass: async sending => {
      passed.push(sending);
    },
  };
  beforeEach(() => (passed = []));
  afterEach(() => fake.close());

  const endpoint = (changes: Partial<Endpoint> = {}): Endpoint => ({
    config: { id: 'fake', baseUrl: fake.baseUrl, model: fake.model },
    kind: 'server',
    fetch: createHttpFetch(() => 60_000),
    apiKey: async () => 'marker-key',
    ...changes,
  });
  const signal = new AbortController().signal;
  const count = (
    counter = createPromptCounter(),
    what: readonly ChatMessage[] = messages,
    changes: Partial<Endpoint> = {},
  ): Promise<EndpointCount> =>
    counter({ endpoint: endpoint(changes), messages: what, files: 3, tokens: 400 }, gates, signal);
  /** Requests whose body holds what is not to leave unasked. */
  const withSource = () => fake.requests.filter(r => JSON.stringify(r.body).includes('marker-source'));

  const ways: [SystemName, by: string, sends: number, slack: number][] = [
    ['vllm', '/tokenize', 1, 0],
    ['sglang', '/tokenize', 1, 0],
    ['llamacpp', '/apply-template and /tokenize', 2, 60],
    ['tgi', '/chat_tokenize', 1, 60],
    ['openai', '/responses/input_tokens', 1, 0],
  ];
  for (const [system, by, sends, slack] of ways) {
    it(`${system}: by ${by}, what its usage will say`, async () => {
      fake = await startFake({ system, contextTokens: 50_000, tokenRatio: 1.3, apiKey: 'marker-key' });
      const counter = createPromptCounter();
      const counted = await count(counter);
      assert.ok(counted.kind === 'counted', JSON.stringify(counted));
      assert.equal(counted.by, by);
      assert.equal(withSource().length, sends);
      const probes = fake.requests.length - sends;
      assert.ok(probes <= 3, 'found out with few questions');
      const reply = await fetch(`${fake.baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer marker-key' },
        body: JSON.stringify({ model: fake.model, messages }),
      });
      const { usage } = (await reply.json()) as { usage: { prompt_tokens: number } };
      // The fakes of llama.cpp and TGI spell their template out, which costs a few tokens more than they charge.
      assert.ok(
        Math.abs(counted.tokens - usage.prompt_tokens) <= slack,
        `${counted.tokens} ${usage.prompt_tokens}`,
      );
      const before = fake.requests.length;
      await count(counter);
      assert.equal(fake.requests.length - before, sends, 'how it is asked is remembered');
    });
  }

  it('an Anthropic-style endpoint gets the system message apart', async () => {
    fake = await startFake({ system: 'litellm', contextTokens: 50_000 });
    const bodies: Record<string, unknown>[] = [];
    const fetch: Endpoint['fetch'] = async (input, init) => {
      const path = new URL(input instanceof Request ? input.url : input).pathname;
      if (path !== '/v1/messages/count_tokens') return new Response('{}', { status: 404 });
      bodies.push(JSON.parse(String(init?.body)) as Record<string, unknown>);
      return Response.json({ input_tokens: 321 });
    };
    const counted = await count(createPromptCounter(), messages, { fetch });
    assert.deepEqual(counted, { kind: 'counted', tokens: 321, by: '/messages/count_tokens' });
    assert.deepEqual(bodies.at(-1), { model: fake.model, system: 'Be brief.', messages: messages.slice(1) });
  });

  it('SGLang that takes no messages is asked for each text, and the template is added', async () => {
    fake = await startFake({ system: 'sglang', contextTokens: 50_000 });
    const real = createHttpFetch(() => 60_000);
    const fetch: Endpoint['fetch'] = async (input, init) =>
      String(init?.body).includes('"messages"') ? new Response('{}', { status: 422 }) : real(input, init);
    const counted = await count(createPromptCounter(), messages, { fetch });
    const vllm = await count();
    assert.ok(counted.kind === 'counted' && vllm.kind === 'counted');
    assert.equal(counted.tokens, vllm.tokens - 2 * 4 + 15);
  });

  it('passes the gates before anything is sent, and sends nothing where they refuse', async () => {
    fake = await startFake({ system: 'vllm' });
    const refused = new LongviewError('no-consent', 'No.', 'Ask again.');
    const shut: Gates = { pass: () => Promise.reject(refused) };
    const prompt = { endpoint: endpoint(), messages, files: 3, tokens: 400 };
    await assert.rejects(createPromptCounter()(prompt, shut, signal), refused);
    assert.equal(fake.requests.length, 0);
    await count();
    assert.deepEqual(
      passed.map(s => [s.files, s.tokens]),
      [[3, 400]],
    );
  });

  it('asks nothing for a large prompt, and no TGI for a middling one', async () => {
    fake = await startFake({ system: 'tgi' });
    const large = [{ role: 'user' as const, content: 'marker-source '.repeat(80_000) }];
    assert.deepEqual(await count(createPromptCounter(), large), {
      kind: 'uncounted',
      why: 'the prompt is too large to be sent twice',
    });
    assert.deepEqual([fake.requests.length, passed.length], [0, 0]);
    const middling = [{ role: 'user' as const, content: 'marker-source '.repeat(10_000) }];
    assert.equal((await count(createPromptCounter(), middling)).kind, 'uncounted');
    assert.equal(withSource().length, 0);
  });

  it('an endpoint that counts for nobody gets no source for it, and is not asked again', async () => {
    fake = await startFake({ system: 'groq' });
    const counter = createPromptCounter();
    assert.equal((await count(counter)).kind, 'uncounted');
    const probes = fake.requests.length;
    assert.equal((await count(counter)).kind, 'uncounted');
    assert.deepEqual([fake.requests.length, withSource().length], [probes, 0]);
  });

  it('a server that is gone is left to the ask to report', async () => {
    fake = await startFake({ system: 'vllm' });
    const gone = endpoint();
    await fake.close();
    const prompt = { endpoint: gone, messages, files: 3, tokens: 400 };
    assert.equal((await createPromptCounter()(prompt, gates, signal)).kind, 'uncounted');
    fake = await startFake({ system: 'vllm' });
  });

  it('cancelled, it throws the reason', async () => {
    fake = await startFake({ system: 'vllm' });
    const controller = new AbortController();
    const fetch: Endpoint['fetch'] = async () => {
      controller.abort();
      throw new Error('cut off');
    };
    const prompt = { endpoint: endpoint({ fetch }), messages, files: 3, tokens: 400 };
    await assert.rejects(createPromptCounter()(prompt, gates, controller.signal), { name: 'AbortError' });
  });
});
