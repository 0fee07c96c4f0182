import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

import { streamChat } from '../../../src/core/endpoint/client.ts';
import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import type { Endpoint } from '../../../src/core/endpoint/types.ts';
import { isCancellation, LongviewError } from '../../../src/core/errors.ts';
import { selfSigned, startFake, type Fake } from '../../fakes/index.ts';

const megabytes = (n: number) => Array.from({ length: n }, () => new Uint8Array(1 << 20).fill(0x61));

const endpointAt = (baseUrl: string, fetch = createHttpFetch(() => 60_000)): Endpoint => ({
  config: { id: 'x', name: 'X', baseUrl, model: 'm' },
  kind: 'server',
  fetch,
  apiKey: async () => undefined,
});

async function send(
  endpoint: Endpoint,
  segments: readonly Uint8Array[],
  signal = new AbortController().signal,
) {
  const request = {
    messages: [{ role: 'user', content: segments }],
    maxTokens: 5,
    files: 1,
    tokens: 1,
  } as const;
  let text = '';
  for await (const e of streamChat(endpoint, request, { pass: async () => undefined }, signal))
    if (e.kind === 'text') text += e.text;
  return text;
}

describe('the transport', () => {
  describe('with a prompt of many megabytes', () => {
    let fake: Fake;
    beforeEach(async () => {
      fake = await startFake({
        system: 'vllm',
        model: 'm',
        contextTokens: 10_000_000,
        counter: 'chars4',
        answer: 'Read.',
      });
    });
    afterEach(() => fake.close());

    it('sends it whole, with its length', async () => {
      const line = Buffer.from('"é" \\ and\ttabs\n'.repeat(100_000));
      assert.equal(await send(endpointAt(fake.baseUrl), [line, ...megabytes(4), line]), 'Read.');
      const [chat] = fake.chats();
      const { messages } = chat?.body as { messages: { content: string }[] };
      const whole = Buffer.concat([line, ...megabytes(4), line]).toString();
      assert.ok(messages[0]?.content === whole);
      assert.equal(Number(chat?.headers['content-length']), chat?.bytes);
      assert.equal(chat?.headers['transfer-encoding'], undefined);
    });

    it('reads a refusal that names the limit', async () => {
      fake.configure({ contextTokens: 1000 });
      await assert.rejects(
        send(endpointAt(fake.baseUrl), megabytes(4)),
        error => error instanceof LongviewError && error.code === 'over-limit' && /1000/.test(error.message),
      );
    });
  });

  describe('with a server that does not read', () => {
    let server: Server;
    let sockets: Socket[];
    let url: string;
    beforeEach(async () => {
      sockets = [];
      server = createServer().on('connection', socket => sockets.push(socket));
      await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    });
    afterEach(async () => {
      sockets.forEach(s => s.destroy());
      await new Promise(done => server.close(done));
    });
    const arrived = () =>
      new Promise<ServerResponse>(resolve => {
        server.once('request', (_, response) => resolve(response));
      });

    it('stops at once when cancelled while uploading', async () => {
      const controller = new AbortController();
      const sending = send(endpointAt(url), megabytes(40), controller.signal);
      const response = await arrived();
      const gone = new Promise(resolve => response.on('close', resolve));
      controller.abort();
      await assert.rejects(sending, isCancellation);
      response.req.resume(); // who does not read does not see a connection end
      await gone;
    });

    it('a refusal before the whole prompt was read is read', async () => {
      const sending = send(endpointAt(url), megabytes(40));
      const response = await arrived();
      response.writeHead(413, { 'content-type': 'text/plain' }).end('too many bytes');
      await assert.rejects(sending, error => {
        assert.ok(error instanceof LongviewError);
        assert.match(error.message, /too many bytes/);
        return true;
      });
    });

    it('a connection that breaks while uploading is explained', async () => {
      const sending = send(endpointAt(url), megabytes(40));
      (await arrived()).destroy();
      await assert.rejects(sending, error => {
        assert.ok(error instanceof LongviewError && error.code === 'unreachable', String(error));
        assert.match(error.message, /while the prompt was being sent/);
        return true;
      });
    });

    it('silence after the headers ends it too', async () => {
      const fetch = createHttpFetch(() => 30);
      const sending = send(endpointAt(url, fetch), [new Uint8Array(10).fill(0x61)]);
      (await arrived()).writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      await assert.rejects(sending, error => error instanceof LongviewError && error.code === 'timeout');
    });
  });

  describe('over TLS', () => {
    const cases: [string, readonly string[], RegExp, RegExp][] = [
      ['a certificate nobody signed', ['127.0.0.1'], /signed by the server itself/, /NODE_EXTRA_CA_CERTS/],
    ];
    for (const [name, names, message, remedy] of cases) {
      it(`explains ${name}`, async () => {
        const fake = await startFake({ system: 'openai', tls: selfSigned(names) });
        try {
          await assert.rejects(send(endpointAt(fake.baseUrl), []), error => {
            assert.ok(error instanceof LongviewError && error.code === 'unreachable', String(error));
            assert.match(error.message, message);
            assert.match(error.remedy, remedy);
            return true;
          });
        } finally {
          await fake.close();
        }
      });
    }

    it('explains a certificate for another name', async () => {
      const pair = selfSigned(['other.example']);
      const fake = await startFake({ system: 'openai', tls: pair });
      const fetch = createHttpFetch(
        () => 60_000,
        () => ({ ca: pair.cert, agent: false }) as RequestOptions,
      );
      try {
        await assert.rejects(send(endpointAt(fake.baseUrl, fetch), []), /another host name/);
      } finally {
        await fake.close();
      }
    });

    it('explains a port that does not speak TLS', async () => {
      const fake = await startFake({ system: 'openai' });
      try {
        await assert.rejects(
          send(endpointAt(fake.baseUrl.replace('http:', 'https:')), []),
          /does not speak TLS/,
        );
      } finally {
        await fake.close();
      }
    });
  });
});
