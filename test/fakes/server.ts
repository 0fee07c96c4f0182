import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { answerChat } from './chat.ts';
import type { Exchange } from './chat.ts';
import { html413 } from './faults.ts';
import { createMailbox } from './gate.ts';
import { counterOf, createState, modelsOf } from './state.ts';
import type { MutableRecord, State } from './state.ts';
import type { Fake, FakeOptions, RecordedRequest, Reply } from './types.ts';

/** Starts one system on an ephemeral port of 127.0.0.1. Close it after use. */
export async function startFake(options: FakeOptions): Promise<Fake> {
  const state = createState(options);
  const arrivals = createMailbox<RecordedRequest>();
  const aborts = createMailbox<RecordedRequest>();

  const killed = new WeakSet<ServerResponse>();

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const record: MutableRecord = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: flat(request),
      body: undefined,
      bytes: 0,
      aborted: false,
      status: undefined,
      promptTokens: undefined,
      images: [],
      readTokens: undefined,
      cachedTokens: undefined,
    };
    const gone = new AbortController();
    response.on('close', () => {
      if (response.writableFinished || killed.has(response)) return;
      record.aborted = true;
      gone.abort(new Error('the client went away'));
      aborts.post(record);
    });
    void handle(request, response, record, gone.signal).catch((error: unknown) => {
      if (gone.signal.aborted || response.destroyed) return;
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  };

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    record: MutableRecord,
    signal: AbortSignal,
  ): Promise<void> {
    const bytes = await readAll(request);
    record.bytes = bytes.length;
    record.body = parse(bytes);
    state.requests.push(record);
    arrivals.post(record);
    const reply = (r: Reply) => {
      record.status = r.status;
      send(response, { ...r, headers: { ...state.system.headers, ...r.headers } });
    };
    const kill = (reset = false) => {
      killed.add(response);
      if (reset) response.socket?.resetAndDestroy();
      else response.socket?.destroy();
    };
    await route(state, { record, response, signal, reply, kill });
  }

  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;

  return {
    url,
    baseUrl: url + state.system.basePath,
    get model() {
      return modelsOf(state)[0]?.id ?? '';
    },
    requests: state.requests,
    chats: () => state.requests.filter(r => state.system.chatPath.test(pathOf(r)) && r.method === 'POST'),
    nextRequest: () => arrivals.next(),
    nextAborted: () => aborts.next(),
    fail: (...faults) => void state.faults.push(...faults),
    failAlways: fault => {
      state.standingFault = fault;
    },
    configure: changes => {
      state.options = { ...state.options, ...changes };
    },
    headersGate: state.headersGate,
    chunkGate: state.chunkGate,
    close: () =>
      new Promise((resolve, reject) => {
        server.close(error => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

async function route(state: State, exchange: Omit<Exchange, 'pathModel'>): Promise<void> {
  const { record, reply } = exchange;
  const { system, options } = state;
  const url = new URL(record.path, 'http://fake');
  const found = system.routes.flatMap(r => {
    if (r.method !== record.method) return [];
    if (typeof r.path === 'string')
      return r.path === url.pathname ? [{ route: r, params: [] as string[] }] : [];
    const match = r.path.exec(url.pathname);
    return match === null ? [] : [{ route: r, params: match.slice(1).map(decodeURIComponent) }];
  })[0];
  const chat = record.method === 'POST' ? system.chatPath.exec(url.pathname) : null;

  if (found === undefined && chat === null) return reply(system.errors.notFound(record.method, url.pathname));
  const mostBytes = options.maxBodyBytes ?? system.maxBodyBytes ?? Infinity;
  if (record.bytes > mostBytes) return reply(system.tooManyBytes?.(mostBytes) ?? html413);
  if (found?.route.open !== true && !authorized(state, record)) return reply(system.errors.unauthorized());
  if (found !== undefined)
    return reply(
      found.route.answer({
        options,
        models: modelsOf(state),
        counter: counterOf(state),
        request: record,
        query: url.searchParams,
        params: found.params,
      }),
    );
  const named = chat?.[1];
  await answerChat(state, {
    ...exchange,
    pathModel: named === undefined ? undefined : decodeURIComponent(named),
  });
}

function authorized({ system, options }: State, record: RecordedRequest): boolean {
  if (options.apiKey === undefined) return true;
  if (record.headers['authorization'] === `Bearer ${options.apiKey}`) return true;
  return system.auth === 'api-key' && record.headers['api-key'] === options.apiKey;
}

function pathOf(record: RecordedRequest): string {
  return new URL(record.path, 'http://fake').pathname;
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  const plain = typeof body === 'string';
  const text = plain ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': plain ? 'text/plain; charset=utf-8' : 'application/json',
    ...headers,
  });
  response.end(text);
}

function flat(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function parse(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
