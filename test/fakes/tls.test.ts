import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { get } from 'node:https';
import { connect } from 'node:tls';
import { request } from 'node:http';

import { selfSigned, startFake, startProxy } from './index.ts';

describe('fakes: TLS', () => {
  const pair = selfSigned(['localhost', '127.0.0.1', 'api.example.test']);

  it('makes certificates that name their hosts and sign themselves', () => {
    const certificate = new X509Certificate(pair.cert);
    assert.equal(certificate.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, DNS:api.example.test');
    assert.ok(certificate.verify(certificate.publicKey));
    assert.ok(certificate.ca);
  });

  it('is trusted by who trusts the certificate, and by nobody else', async () => {
    const fake = await startFake({ system: 'openai', tls: pair });
    assert.equal(await status(`${fake.baseUrl}/models`, pair.cert), 200);
    await assert.rejects(status(`${fake.baseUrl}/models`, undefined), /self.signed/);
    await fake.close();
  });

  it('is reached through a tunnel under an invented name', async () => {
    const fake = await startFake({ system: 'openai', tls: pair });
    const proxy = await startProxy({ hosts: { 'api.example.test:443': new URL(fake.url).host } });
    const line = await new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(proxy.url);
      request({ host: hostname, port, method: 'CONNECT', path: 'api.example.test:443' })
        .on('error', reject)
        .on('connect', (_, socket) => {
          const secure = connect({ socket, servername: 'api.example.test', ca: pair.cert }, () =>
            secure.write('GET /v1/models HTTP/1.1\r\nHost: api.example.test\r\nConnection: close\r\n\r\n'),
          );
          secure.on('error', reject);
          secure.once('data', data => resolve(String(data).split('\r\n')[0] ?? ''));
        })
        .end();
    });
    assert.equal(line, 'HTTP/1.1 200 OK');
    await Promise.all([fake.close(), proxy.close()]);
  });
});

function status(url: string, ca: string | undefined): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, ...(ca === undefined ? {} : { ca }) }, response => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}
