import { createServer, request as forward } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ProxyOptions {
  /** `user:password` that must come as `Proxy-Authorization: Basic`; else 407. */
  readonly credentials?: string;
  /** Where names that exist only in a test lead: `{ 'api.example.test:443': '127.0.0.1:8443' }`. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Answers every request with this status instead of passing it on. */
  readonly refuse?: number;
  /** Speak TLS with the client of the proxy itself. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface ProxiedRequest {
  /** `connect`: a tunnel was asked for. `forward`: a plain request in absolute form. */
  readonly kind: 'connect' | 'forward';
  readonly method: string;
  /** `host:port` of a tunnel, the whole URL of a forwarded request. */
  readonly target: string;
  readonly headers: Readonly<IncomingMessage['headers']>;
  /** What the proxy answered. */
  readonly status: number;
}

export interface FakeProxy {
  readonly url: string;
  readonly requests: readonly ProxiedRequest[];
  close(): Promise<void>;
}

/** A forward proxy on 127.0.0.1: tunnels CONNECT, passes on absolute-form requests, and writes both down. */
export async function startProxy(options: ProxyOptions = {}): Promise<FakeProxy> {
  const requests: ProxiedRequest[] = [];
  const tunnels = new Set<Duplex>();
  const server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
  const hostOf = (address: string) => options.hosts?.[address] ?? address;
  const statusFor = (request: IncomingMessage) => {
    if (options.refuse !== undefined) return options.refuse;
    const wanted = options.credentials;
    if (wanted === undefined) return 200;
    const given = request.headers['proxy-authorization'];
    return given === `Basic ${Buffer.from(wanted).toString('base64')}` ? 200 : 407;
  };
  const note = (kind: ProxiedRequest['kind'], request: IncomingMessage, status: number) =>
    requests.push({
      kind,
      method: request.method ?? '',
      target: request.url ?? '',
      headers: request.headers,
      status,
    });

  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const status = statusFor(request);
    note('connect', request, status);
    tunnels.add(client);
    client.on('close', () => tunnels.delete(client));
    if (status !== 200) {
      const challenge = status === 407 ? 'Proxy-Authenticate: Basic realm="fake"\r\n' : '';
      client.end(`HTTP/1.1 ${status} Refused\r\n${challenge}Content-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    const [host = '', port = '443'] = hostOf(request.url ?? '').split(':');
    const upstream: Socket = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    tunnels.add(upstream);
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => {
      tunnels.delete(upstream);
      client.destroy();
    });
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const status = statusFor(request);
    note('forward', request, status);
    if (status !== 200) {
      response.writeHead(status, status === 407 ? { 'proxy-authenticate': 'Basic realm="fake"' } : {});
      response.end();
      return;
    }
    if (!URL.canParse(request.url ?? '')) {
      response.writeHead(400).end('A proxy expects the whole URL.');
      return;
    }
    const url = new URL(request.url ?? '');
    const [host = '', port = '80'] = hostOf(`${url.hostname}:${url.port || '80'}`).split(':');
    const {
      'proxy-authorization': _credentials,
      'proxy-connection': _connection,
      ...headers
    } = request.headers;
    const upstream = forward(
      { host, port, method: request.method, path: url.pathname + url.search, headers },
      answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    upstream.on('error', () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve, reject) => {
        server.close(error => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
        for (const tunnel of tunnels) tunnel.destroy();
      }),
  };
}
