import * as http from 'node:http';
import * as https from 'node:https';
import { pipeline, Readable, Transform } from 'node:stream';

import { LongviewError } from '../errors.ts';
import { UploadError } from './uploadError.ts';

/** How a request reaches its host where not directly, as options of node:http(s). */
export type Route = (url: URL) => http.RequestOptions | undefined;

/**
 * `fetch` over node:http(s). Node's own gives up when headers take 300 s, which a long prompt's prefill exceeds
 * (reference/vscode.md 3.9), and VS Code patches node:http(s) for proxies and certificates.
 *
 * `silenceMs` is read for each request: after so long without a byte in either direction it gives up. Redirects are
 * not followed: a prompt goes where the user said. A body that is a stream is written as it comes.
 */
export function createHttpFetch(silenceMs: () => number, route?: Route): typeof globalThis.fetch {
  return async (input, init) => {
    const { body, ...rest } = init ?? {};
    const request = new Request(input, rest);
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    return send({
      url: new URL(request.url),
      request,
      body: await bodyOf(body ?? request.body),
      signal,
      silenceMs: silenceMs(),
      options: route?.(new URL(request.url)) ?? {},
    });
  };
}

async function bodyOf(body: RequestInit['body']): Promise<Body> {
  if (body === null || body === undefined) return undefined;
  if (body instanceof ReadableStream) return body as ReadableStream<Uint8Array>;
  if (typeof body === 'string') return Buffer.from(body);
  return Buffer.from(await new Response(body).arrayBuffer());
}

type Body = Buffer | ReadableStream<Uint8Array> | undefined;

interface Exchange {
  readonly url: URL;
  readonly request: Request;
  readonly body: Body;
  readonly signal: AbortSignal | undefined;
  readonly silenceMs: number;
  readonly options: http.RequestOptions;
}

function send({ url, request, body, signal, silenceMs, options }: Exchange): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { protocol = url.protocol } = options;
    const outgoing = (protocol === 'https:' ? https : http).request(url, {
      method: request.method,
      ...options,
      headers: { ...headersOf(request, body), ...options.headers },
    });
    let incoming: http.IncomingMessage | undefined;
    const stop = (error: Error) => (incoming ?? outgoing).destroy(error);
    const silence = startTimer(silenceMs, () => stop(tooSilent(url, silenceMs)));
    const cancel = () => stop(asError(signal?.reason));
    signal?.addEventListener('abort', cancel, { once: true });
    const finish = () => {
      silence.end();
      signal?.removeEventListener('abort', cancel);
    };
    // Hours may pass between the last byte of the prompt and the first of the answer.
    outgoing.setSocketKeepAlive(true, 30_000);
    outgoing.on('error', error => {
      finish();
      const uploading = !outgoing.writableFinished && !(error instanceof LongviewError);
      reject(signal?.aborted === true ? asError(signal.reason) : uploading ? new UploadError(error) : error);
    });
    outgoing.on('response', message => {
      incoming = message;
      silence.touch();
      // An answer that came before the whole request was read is a refusal: the rest need not be sent.
      message.on('end', () => {
        if (!outgoing.writableFinished) outgoing.destroy();
      });
      resolve(responseOf(message, request.method, silence.touch, finish));
    });
    upload(outgoing, body, silence.touch).catch((error: unknown) => stop(asError(error)));
  });
}

function headersOf(request: Request, body: Body): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  request.headers.forEach((value, name) => (headers[name] = value));
  if (body instanceof Buffer) headers['content-length'] = String(body.length);
  return headers;
}

async function upload(outgoing: http.ClientRequest, body: Body, touch: () => void): Promise<void> {
  if (!(body instanceof ReadableStream)) {
    outgoing.end(body);
    return;
  }
  for await (const chunk of body) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await drained(outgoing);
    touch();
  }
  if (!outgoing.destroyed) outgoing.end();
}

function drained(outgoing: http.ClientRequest): Promise<void> {
  return new Promise(resolve => {
    const go = () => {
      outgoing.off('drain', go);
      outgoing.off('close', go);
      resolve();
    };
    outgoing.on('drain', go);
    outgoing.on('close', go);
  });
}

function responseOf(
  incoming: http.IncomingMessage,
  method: string,
  touch: () => void,
  finish: () => void,
): Response {
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i] ?? '', incoming.rawHeaders[i + 1] ?? '');
  }
  const status = incoming.statusCode ?? 0;
  const init = { status, statusText: incoming.statusMessage ?? '', headers };
  if (status === 204 || status === 304 || method === 'HEAD') {
    incoming.resume().on('close', finish);
    return new Response(null, init);
  }
  const watched = new Transform({
    transform(chunk, _encoding, done) {
      touch();
      done(null, chunk);
    },
  });
  pipeline(incoming, watched, finish);
  return new Response(Readable.toWeb(watched) as ReadableStream<Uint8Array>, init);
}

/** Calls once when nothing touched it for `ms`. Touching is cheap: bytes come by the million. */
function startTimer(ms: number, call: () => void) {
  let last = performance.now();
  const wait = () => setTimeout(check, Math.min(2 ** 31 - 1, Math.max(1, last + ms - performance.now())));
  const check = () => {
    if (performance.now() - last >= ms) call();
    else timer = wait();
  };
  let timer = wait();
  return { touch: () => void (last = performance.now()), end: () => clearTimeout(timer) };
}

function tooSilent(url: URL, ms: number): LongviewError {
  const time = ms < 60_000 ? `${Math.round(ms / 1000)} seconds` : `${Math.round(ms / 60_000)} minutes`;
  return new LongviewError(
    'timeout',
    `${url.host} has sent nothing for ${time}.`,
    'Ask again, or raise the setting longview.timeoutMinutes.',
  );
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
