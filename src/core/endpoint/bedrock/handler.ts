import { pacer } from '../../pace.ts';
import { withoutSecrets } from '../secrets.ts';

/** A request as the SDK hands it over (smithy's `HttpRequest`). */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What a service answered instead of an answer, before the SDK has read it. */
export interface RawReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

type Fetch = typeof globalThis.fetch;

/**
 * The SDK's requests over our own transport, which knows proxies and certificates, waits as long as the user said,
 * and follows no redirect. The SDK's own would know none of that. `onRefusal` gets a reply that is no 2xx, whole.
 */
export function handlerOver(fetch: Fetch, onRefusal: (reply: RawReply) => void) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest, options?: { readonly abortSignal?: unknown }) {
      const response = await fetch(urlOf(request), {
        method: request.method,
        headers: request.headers,
        ...bodyOf(request.body),
        signal: (options?.abortSignal as AbortSignal | undefined) ?? null,
      });
      const { status } = response;
      const headers = Object.fromEntries(response.headers);
      if (response.ok) return { response: { statusCode: status, headers, body: response.body } };
      // A wrong signature is answered with everything that was signed, the session's token among it.
      const secrets = [request.headers['authorization'], request.headers['x-amz-security-token']];
      const body = withoutSecrets(await response.text(), secrets);
      onRefusal({ status, headers: response.headers, body });
      return { response: { statusCode: status, headers, body: Buffer.from(body) } };
    },
  };
}

function urlOf({ protocol, hostname, port, path, query }: SdkRequest): URL {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
  for (const [name, value] of Object.entries(query ?? {}))
    for (const one of [value ?? ''].flat()) url.searchParams.append(name, one);
  return url;
}

function bodyOf(body: unknown): RequestInit {
  if (body === undefined || body === null) return {};
  // Their length is a header already.
  if (Array.isArray(body))
    return { body: ReadableStream.from(inTurns(body as Uint8Array[])), duplex: 'half' };
  return { body: body as string };
}

/** A socket that takes everything at once would hold the thread until the last byte. */
async function* inTurns(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  const pace = pacer(undefined);
  for (const part of parts) {
    yield part;
    await pace();
  }
}
