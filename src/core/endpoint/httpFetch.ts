import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';

import { LongviewError } from '../errors.ts';

/**
 * `fetch` over node:http(s). Node's own gives up when headers take 300 s, which a long prompt's prefill exceeds
 * (reference/vscode.md 3.9), and VS Code patches node:http(s) for proxies and certificates.
 *
 * `headersTimeoutMs` is read for each request. Redirects are not followed: a prompt goes where the user said.
 */
export function createHttpFetch(headersTimeoutMs: () => number): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    // openai gives a string; reading `init` spares a second copy of a prompt of many megabytes.
    const body = typeof init?.body === 'string' ? init.body : Buffer.from(await request.arrayBuffer());
    return send(new URL(request.url), request, body, init?.signal ?? undefined, headersTimeoutMs());
  };
}

function send(
  url: URL,
  request: Request,
  body: string | Buffer,
  signal: AbortSignal | undefined,
  timeoutMs: number,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    request.headers.forEach((value, name) => (headers[name] = value));
    if (body.length > 0) headers['content-length'] = String(Buffer.byteLength(body));
    const outgoing = (url.protocol === 'https:' ? https : http).request(url, {
      method: request.method,
      headers,
      ...(signal && { signal }),
    });
    const timer = setTimeout(() => {
      const minutes = Math.round(timeoutMs / 60_000);
      outgoing.destroy(
        new LongviewError(
          'timeout',
          `${url.host} sent no answer within ${minutes} minutes.`,
          'Ask again, or raise the setting longview.timeoutMinutes.',
        ),
      );
    }, timeoutMs);
    outgoing.on('error', error => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.on('response', incoming => {
      clearTimeout(timer);
      const responseHeaders = new Headers();
      for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
        responseHeaders.append(incoming.rawHeaders[i] ?? '', incoming.rawHeaders[i + 1] ?? '');
      }
      const status = incoming.statusCode ?? 0;
      const empty = status === 204 || status === 304 || request.method === 'HEAD';
      if (empty) incoming.resume();
      resolve(
        new Response(empty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>), {
          status,
          statusText: incoming.statusMessage ?? '',
          headers: responseHeaders,
        }),
      );
    });
    outgoing.end(body);
  });
}
