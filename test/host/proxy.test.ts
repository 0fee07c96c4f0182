import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import {
  selfSigned,
  startFake,
  startProxy,
  type Certificate,
  type Fake,
  type FakeProxy,
} from '../fakes/index.ts';
import { trustedCertificate, trustedHost } from '../run/trusted.ts';
import { resetSettings, services, setting } from './window.ts';

const user = (text: string) => [vscode.LanguageModelChatMessage.User(text)];

/** Through the whole of Longview: model provider, gates, client, our own fetch. */
async function ask(): Promise<string> {
  const [model] = (await vscode.lm.selectChatModels({ vendor: 'longview' })).filter(m => m.id === 'far');
  assert.ok(model, 'no model');
  const response = await model.sendRequest(user('Hello?'), { justification: 'test' });
  let answer = '';
  for await (const part of response.text) answer += part;
  return answer;
}

describe('VS Code’s proxy settings', () => {
  let fake: Fake;
  let proxy: FakeProxy;

  before(async () => {
    (await services()).confirm = async ({ choices }) => choices[0];
  });
  afterEach(async () => {
    for (const key of ['http.proxy', 'http.proxyStrictSSL']) await setting(key, undefined);
    await resetSettings();
    await proxy.close();
    await fake.close();
  });

  /** The name exists only behind the proxy, so a request that bypasses it cannot arrive. */
  const behindProxy = async (certificate?: Certificate) => {
    fake = await startFake({
      system: 'vllm',
      contextTokens: 50_000,
      answer: 'Through the proxy.',
      ...(certificate && { tls: certificate }),
    });
    const { protocol, host } = new URL(fake.url);
    proxy = await startProxy({
      hosts: { [`${trustedHost}:${protocol === 'https:' ? 443 : 80}`]: host },
    });
    await setting('longview.endpoints', [
      { id: 'far', baseUrl: `${protocol}//${trustedHost}/v1`, model: fake.model, provider: 'vllm' },
    ]);
    await setting('http.proxy', proxy.url);
  };

  it('an ask goes through http.proxy', async () => {
    await behindProxy();
    assert.equal(await ask(), 'Through the proxy.');
    assert.ok(proxy.requests.some(r => r.target.includes(trustedHost)));
    assert.equal(fake.chats().length, 1);
  });

  it('to https through a tunnel', async () => {
    await behindProxy(trustedCertificate());
    assert.equal(await ask(), 'Through the proxy.');
    assert.ok(proxy.requests.some(r => r.kind === 'connect' && r.target === `${trustedHost}:443`));
  });

  it('an endpoint whose certificate nobody knows gets no prompt, whatever the proxy settings, and it is told why', async () => {
    await behindProxy(selfSigned([trustedHost]));
    await setting('http.proxyStrictSSL', false);
    await assert.rejects(ask, /certificate is signed by the server itself/);
    assert.ok(proxy.requests.some(r => r.kind === 'connect'));
    assert.equal(fake.chats().length, 0);
  });
});
