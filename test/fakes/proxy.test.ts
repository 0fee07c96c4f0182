import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';

import { startFake, startProxy } from './index.ts';
import type { Fake, FakeProxy } from './index.ts';

describe('fakes: the proxy', () => {
  let fake: Fake;
  let proxy: FakeProxy;
  beforeEach(async () => {
    fake = await startFake({ system: 'openai' });
  });
  afterEach(() => Promise.all([fake.close(), proxy.close()]));

  it('passes on absolute-form requests', async () => {
    proxy = await startProxy();
    const { status, text } = await through(proxy, `${fake.baseUrl}/models`);
    assert.equal(status, 200);
    assert.match(text, /"object":"list"/);
    assert.deepEqual(
      proxy.requests.map(r => [r.kind, r.method, r.target, r.status]),
      [['forward', 'GET', `${fake.baseUrl}/models`, 200]],
    );
    assert.equal(fake.requests[0]?.path, '/v1/models');
  });

  it('leads invented names to where the test says', async () => {
    proxy = await startProxy({ hosts: { 'api.example.test:80': new URL(fake.url).host } });
    assert.equal((await through(proxy, 'http://api.example.test/v1/models')).status, 200);
  });

  it('tunnels CONNECT', async () => {
    proxy = await startProxy({ hosts: { 'api.example.test:443': new URL(fake.url).host } });
    const text = await tunnel(
      proxy,
      'api.example.test:443',
      'GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    assert.match(text, /^HTTP\/1.1 200 OK/);
    assert.deepEqual(
      proxy.requests.map(r => [r.kind, r.target]),
      [['connect', 'api.example.test:443']],
    );
  });

  it('asks for credentials, and accepts the right ones', async () => {
    proxy = await startProxy({ credentials: 'me:secret' });
    const denied = await through(proxy, `${fake.baseUrl}/models`);
    assert.equal(denied.status, 407);
    assert.equal(denied.headers['proxy-authenticate'], 'Basic realm="fake"');
    const header = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    assert.equal(
      (await through(proxy, `${fake.baseUrl}/models`, { 'proxy-authorization': header })).status,
      200,
    );
    assert.equal(fake.requests.length, 1);
    assert.equal(fake.requests[0]?.headers['proxy-authorization'], undefined);
  });

  it('refuses tunnels when told so', async () => {
    proxy = await startProxy({ refuse: 503 });
    await assert.rejects(tunnel(proxy, 'api.example.test:443', ''), /503/);
    assert.equal((await through(proxy, `${fake.baseUrl}/models`)).status, 503);
  });
});

function through(proxy: FakeProxy, target: string, headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(proxy.url);
  return new Promise<{ status: number; text: string; headers: IncomingMessage['headers'] }>(
    (resolve, reject) => {
      const sent = request({
        host: hostname,
        port,
        path: target,
        headers: { host: new URL(target).host, ...headers },
      });
      sent.on('error', reject);
      sent.on('response', response => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', part => (text += String(part)));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
        );
      });
      sent.end();
    },
  );
}

function tunnel(proxy: FakeProxy, target: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(proxy.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, method: 'CONNECT', path: target });
    sent.on('error', reject);
    sent.on('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        reject(new Error(`tunnel refused: ${response.statusCode ?? 0}`));
        return;
      }
      let text = '';
      socket.setEncoding('utf8');
      socket.on('data', part => (text += String(part)));
      socket.on('end', () => resolve(text));
      socket.write(bytes);
    });
    sent.end();
  });
}
