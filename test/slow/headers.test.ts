import assert from 'node:assert/strict';

import { streamChat } from '../../src/core/endpoint/client.ts';
import { createHttpFetch } from '../../src/core/endpoint/httpFetch.ts';
import type { Endpoint } from '../../src/core/endpoint/types.ts';
import { startFake } from '../fakes/index.ts';

/** Node's own fetch gives up after 300 s, both before the headers and between two chunks. */
const delayMs = 320_000;

describe('a server that takes longer than five minutes', () => {
  const endpointOf = (baseUrl: string, model: string): Endpoint => ({
    config: { id: 'slow', baseUrl, model },
    kind: 'server',
    fetch: createHttpFetch(() => 30 * 60_000),
    apiKey: async () => undefined,
  });
  const content = [new TextEncoder().encode('Take your time.')];
  const request = { messages: [{ role: 'user', content }], maxTokens: 50, files: 0, tokens: 9 } as const;

  async function ask(endpoint: Endpoint): Promise<string> {
    let text = '';
    const gates = { pass: async () => undefined };
    for await (const event of streamChat(endpoint, request, gates, new AbortController().signal))
      if (event.kind === 'text') text += event.text;
    return text;
  }

  it('before its headers is answered', async () => {
    const fake = await startFake({ system: 'vllm', answer: 'Here I am.', headersDelayMs: delayMs });
    const start = performance.now();
    assert.equal(await ask(endpointOf(fake.baseUrl, fake.model)), 'Here I am.');
    assert.ok(performance.now() - start >= delayMs - 1000);
    await fake.close();
  });

  it('before its first word is answered', async () => {
    const answer = async function* () {
      await new Promise(resolve => setTimeout(resolve, delayMs));
      yield 'Here I am.';
    };
    const fake = await startFake({ system: 'vllm', answer });
    assert.equal(await ask(endpointOf(fake.baseUrl, fake.model)), 'Here I am.');
    await fake.close();
  });
});
