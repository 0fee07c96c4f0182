import assert from 'node:assert/strict';

import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import { learn } from '../../../src/core/endpoint/learn.ts';
import { resolveLimit } from '../../../src/core/endpoint/limit.ts';
import { localPorts, localServers, recognise } from '../../../src/core/endpoint/recognise.ts';
import { startFake, type Fake, type SystemName } from '../../fakes/index.ts';

const fetch = createHttpFetch(() => 10_000);
const fakes: Fake[] = [];
const start = async (system: SystemName, options: object = {}) => {
  const fake = await startFake({ system, contextTokens: 5000, ...options });
  fakes.push(fake);
  return fake;
};

describe('recognise', () => {
  afterEach(() => Promise.all(fakes.splice(0).map(f => f.close())));

  const hosts: [string, string | undefined][] = [
    ['https://openrouter.ai/api/v1', 'openrouter'],
    ['https://api.together.ai/v1', 'together'],
    ['https://me.openai.azure.com/openai/v1', 'azure'],
    [
      'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/endpoints/openapi',
      'vertex',
    ],
    ['https://bedrock-runtime.eu-west-1.amazonaws.com', 'bedrock'],
    // A server on EC2, and the paths that do not reach Llama.
    ['https://ec2-1-2-3-4.compute-1.amazonaws.com/v1', undefined],
    ['https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1', undefined],
    ['https://openrouter.ai.evil.example/api/v1', undefined],
    ['https://adb-1.2.azuredatabricks.net/serving-endpoints', 'databricks'],
  ];
  for (const [url, expected] of hosts)
    it(`by host: ${url}`, async () => {
      const silent = () => Promise.reject(new Error('no network'));
      assert.equal(await recognise(url, silent), expected);
    });

  for (const system of ['vllm', 'sglang', 'tgi', 'llamacpp', 'ollama', 'lmstudio', 'litellm'] as const) {
    it(`by its answers: ${system}`, async () => {
      const fake = await start(system, { apiKey: 'k' });
      assert.equal(await recognise(fake.baseUrl, fetch, 'k'), system);
    });

    it(`by its own paths, where the model list is like any other: ${system}`, async () => {
      const fake = await start(system, { apiKey: 'k' });
      const plain: typeof globalThis.fetch = async (input, init) => {
        const url = new URL(new Request(input).url);
        return url.pathname === '/v1/models' && system !== 'vllm'
          ? Response.json({ data: [{ id: 'm', owned_by: 'me' }] })
          : fetch(input, init);
      };
      assert.equal(await recognise(fake.baseUrl, plain, 'k'), system);
    });
  }

  it('says nothing where nothing is known, and asks no further after a refused key', async () => {
    const openai = await start('openai', { apiKey: 'k' });
    assert.equal(await recognise(openai.baseUrl, fetch, 'k'), undefined);
    const asked = openai.requests.length;
    assert.equal(await recognise(openai.baseUrl, fetch, 'wrong'), undefined);
    assert.equal(openai.requests.length, asked + 1);
  });

  it('probes once for a configuration', async () => {
    const fake = await start('llamacpp');
    const config = { id: 'x', baseUrl: fake.baseUrl, model: fake.model };
    const endpoint = { config, kind: 'server', fetch, apiKey: async () => undefined } as const;
    const limit = resolveLimit((await learn(endpoint, undefined)).evidence);
    assert.deepEqual(
      [limit.kind === 'known' && limit.source, limit.kind === 'known' && limit.tokens],
      ['served', 5000],
    );
    const asked = fake.requests.length;
    await learn(endpoint, undefined);
    assert.equal(fake.requests.length - asked, 2, 'the list and /props');
  });

  it('is cancelled, not mistaken', async () => {
    const fake = await start('vllm');
    await assert.rejects(recognise(fake.baseUrl, fetch, undefined, AbortSignal.abort()), {
      name: 'AbortError',
    });
  });
});

describe('localServers', () => {
  afterEach(() => Promise.all(fakes.splice(0).map(f => f.close())));

  const port = (url: string) => Number(new URL(url).port);

  it('offers what answers, by name, and nothing else', async () => {
    const [vllm, ollama, closed] = [await start('vllm'), await start('ollama'), await start('tgi')];
    fakes.splice(fakes.indexOf(closed), 1);
    await closed.close();
    const ports = [vllm, ollama, closed].map(f => port(f.url));
    const found = await localServers(fetch, undefined, ports, 5000);
    assert.deepEqual(
      found.map(s => [s.provider, port(s.baseUrl), s.models]),
      [
        ['vllm', port(vllm.url), [vllm.model]],
        ['ollama', port(ollama.url), [ollama.model]],
      ],
    );
  });

  it('does not offer a web page', async () => {
    const html: typeof globalThis.fetch = async () =>
      new Response('<!doctype html><title>app</title>', { headers: { 'content-type': 'text/html' } });
    assert.deepEqual(await localServers(html, undefined, [1]), []);
  });

  it('does not wait for who is silent', async () => {
    const never: typeof globalThis.fetch = (_, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
      });
    const server = await start('vllm'); // Holds the event loop: the timer of a signal does not.
    assert.deepEqual(await localServers(never, undefined, [1, 2], 5), []);
    assert.equal(server.requests.length, 0);
    const cancel = new AbortController();
    const searching = localServers(never, cancel.signal, [1, 2]);
    cancel.abort();
    await assert.rejects(searching, { name: 'AbortError' });
  });

  it('knows the default ports', () => {
    assert.deepEqual(
      [...localPorts].sort((a, b) => a - b),
      [1234, 3000, 4000, 8000, 8080, 11434, 30000],
    );
  });
});
