import assert from 'node:assert/strict';
import type { RequestOptions } from 'node:https';

import { streamChat } from '../../../src/core/endpoint/client.ts';
import { createHttpFetch, type Route } from '../../../src/core/endpoint/httpFetch.ts';
import { proxyFor, proxyRoute } from '../../../src/core/endpoint/proxy.ts';
import { LongviewError } from '../../../src/core/errors.ts';
import { selfSigned, startFake, startProxy, type Fake, type FakeProxy } from '../../fakes/index.ts';

describe('proxyFor', () => {
  const https = { HTTPS_PROXY: 'http://p:8080' };
  const cases: [string, NodeJS.ProcessEnv, string | undefined][] = [
    ['https://a.test/', {}, undefined],
    ['https://a.test/', https, 'http://p:8080/'],
    ['http://a.test/', https, undefined],
    ['http://a.test/', { http_proxy: 'p:3128' }, 'http://p:3128/'],
    ['https://a.test/', { ALL_PROXY: 'http://p' }, 'http://p/'],
    ['https://a.test/', { https_proxy: 'http://low', HTTPS_PROXY: 'http://up' }, 'http://low/'],
    ['https://a.test/', { ...https, NO_PROXY: '*' }, undefined],
    ['https://a.test/', { ...https, NO_PROXY: 'b.test, a.test' }, undefined],
    ['https://x.a.test/', { ...https, NO_PROXY: 'a.test' }, undefined],
    ['https://x.a.test/', { ...https, no_proxy: '.a.test' }, undefined],
    ['https://x.a.test/', { ...https, no_proxy: '*.a.test' }, undefined],
    ['https://xa.test/', { ...https, NO_PROXY: 'a.test' }, 'http://p:8080/'],
    ['https://a.test:8443/', { ...https, NO_PROXY: 'a.test:443' }, 'http://p:8080/'],
    ['https://a.test/', { ...https, NO_PROXY: 'a.test:443' }, undefined],
    ['https://[fd00::1]/', { ...https, NO_PROXY: 'fd00::1' }, undefined],
    ['https://127.0.0.1/', https, undefined],
    ['https://localhost:11434/', https, undefined],
    ['https://[::1]/', https, undefined],
  ];
  for (const [url, env, proxy] of cases) {
    it(`${url} with ${JSON.stringify(env)}: ${proxy ?? 'direct'}`, () =>
      assert.equal(proxyFor(new URL(url), env)?.href, proxy));
  }

  it('says what is wrong with a value that names no HTTP proxy', () => {
    assert.throws(
      () => proxyFor(new URL('https://a.test'), { HTTPS_PROXY: 'socks5://p' }),
      error => error instanceof LongviewError && error.code === 'bad-settings',
    );
  });
});

describe('proxyRoute', () => {
  const pair = selfSigned(['api.example.test']);
  let fake: Fake;
  let proxy: FakeProxy;
  afterEach(() => Promise.all([fake.close(), proxy.close()]));

  async function ask(baseUrl: string, route: Route): Promise<string> {
    const endpoint = {
      config: { id: 'x', baseUrl, model: fake.model },
      kind: 'server',
      fetch: createHttpFetch(() => 60_000, route),
      apiKey: async () => undefined,
    } as const;
    const request = {
      messages: [{ role: 'user', content: 'hi' }],
      maxTokens: 5,
      files: 0,
      tokens: 1,
    } as const;
    let text = '';
    for await (const e of streamChat(
      endpoint,
      request,
      { pass: async () => undefined },
      new AbortController().signal,
    ))
      if (e.kind === 'text') text += e.text;
    return text;
  }

  it('sends plain requests in absolute form, with credentials that stay with the proxy', async () => {
    fake = await startFake({ system: 'openai', answer: 'Yes.' });
    const hosts = { 'api.example.test:80': new URL(fake.url).host };
    proxy = await startProxy({ credentials: 'me:s%cret', hosts });
    const HTTP_PROXY = proxy.url.replace('//', '//me:s%25cret@');
    assert.equal(await ask('http://api.example.test/v1', proxyRoute({ HTTP_PROXY })), 'Yes.');
    assert.deepEqual(
      proxy.requests.map(r => [r.kind, r.target]),
      [['forward', 'http://api.example.test/v1/chat/completions']],
    );
    assert.equal(fake.requests[0]?.headers['proxy-authorization'], undefined);
    assert.equal(fake.requests[0]?.headers['host'], 'api.example.test');
  });

  for (const secure of [false, true]) {
    it(`tunnels TLS through a proxy ${secure ? 'that speaks TLS itself' : 'in the clear'}`, async () => {
      fake = await startFake({ system: 'openai', answer: 'Yes.', tls: pair });
      const hosts = { 'api.example.test:443': new URL(fake.url).host };
      const mine = selfSigned(['127.0.0.1']);
      proxy = await startProxy({ credentials: 'me:secret', hosts, ...(secure && { tls: mine }) });
      const HTTPS_PROXY = proxy.url.replace('//', '//me:secret@');
      const way = proxyRoute({ HTTPS_PROXY });
      // As NODE_EXTRA_CA_CERTS would, which a process reads at its start only.
      const route: Route = url => {
        const options: RequestOptions = { ...way(url), ca: pair.cert };
        if (secure)
          Object.assign((options.agent as unknown as { connectOpts: object }).connectOpts, { ca: mine.cert });
        return options;
      };
      assert.equal(await ask('https://api.example.test/v1', route), 'Yes.');
      assert.deepEqual(
        proxy.requests.map(r => [r.kind, r.target]),
        [['connect', 'api.example.test:443']],
      );
      assert.equal(fake.requests[0]?.headers['proxy-authorization'], undefined);
    });
  }

  it('says that the proxy wants credentials', async () => {
    fake = await startFake({ system: 'openai', tls: pair });
    proxy = await startProxy({ credentials: 'me:secret' });
    await assert.rejects(
      ask('https://api.example.test/v1', proxyRoute({ HTTPS_PROXY: proxy.url })),
      error => {
        assert.ok(error instanceof LongviewError && error.code === 'auth', String(error));
        assert.match(error.message, /proxy wants a user name/);
        return true;
      },
    );
  });
});
