import { isCancellation, LongviewError } from '../errors.ts';
import { readReply } from './completion.ts';
import { correctDialect, dialectOf } from './dialect.ts';
import {
  brokenOff,
  describeNetworkError,
  describeRefusal,
  notAnApi,
  RefusalError,
  type RawRefusal,
} from './failure.ts';
import { sendingOf, type Gates, type Sending } from './gates.ts';
import { nameContents, streamBody, type NamedContent, type PromptMessage } from './promptBody.ts';
import { ambientSecrets, createSecretFilter, withoutSecrets, type SecretFilter } from './secrets.ts';
import type { Endpoint, Usage } from './types.ts';

export interface ChatRequest {
  readonly messages: readonly PromptMessage[];
  /** Tokens the answer may have at most. */
  readonly maxTokens: number;
  /** For the gates; see {@link Sending}. */
  readonly files: number | null;
  readonly tokens: number;
  readonly redacted?: number;
  readonly images?: Sending['images'];
}

export type ChatEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'end'; readonly finishReason: string };

/**
 * Sends one chat request and streams the answer, after the gates. Never sends a prompt twice by itself. Throws
 * `incomplete-answer` where the stream broke off (what arrived was yielded before), a `RefusalError` for what the
 * endpoint refuses, a {@link LongviewError} for network failures, and `signal.reason` when cancelled: the request is
 * then really aborted.
 */
export async function* streamChat(
  endpoint: Endpoint,
  request: ChatRequest,
  gates: Gates,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  await gates.pass(sendingOf(endpoint, request), signal);
  signal.throwIfAborted();
  // Of our own: the client never takes its listeners off the signal, and an answer nobody reads on is aborted too.
  const sent = new AbortController();
  const cancel = () => sent.abort(signal.reason);
  signal.addEventListener('abort', cancel, { once: true });
  let arrived = false;
  let done = false;
  let finishReason: string | undefined;
  let filter: SecretFilter | undefined;
  const rest = function* (): Generator<ChatEvent> {
    const text = filter?.end() ?? '';
    if (text !== '') yield { kind: 'text', text };
  };
  try {
    const key = await endpoint.apiKey();
    // An answer is kept and exported: a server that repeats the key must not put it there.
    filter = createSecretFilter([key, ...ambientSecrets(endpoint.config)]);
    const response = await post(endpoint, key, request, sent.signal);
    for await (const part of readReply(response)) {
      switch (part.kind) {
        case 'text': {
          arrived = true;
          const text = filter.push(part.text);
          if (text !== '') yield { kind: 'text', text };
          break;
        }
        case 'usage':
          yield part;
          break;
        case 'finish':
          finishReason = withoutSecrets(part.reason, [key]);
          break;
        case 'done':
          done = true;
          break;
        case 'page':
          throw notAnApi(endpoint);
        case 'error': {
          const body = withoutSecrets(part.body, [key]);
          // There is no status to go by (reference/endpoints.md 0.4).
          if (arrived) throw brokenOff(endpoint, body);
          throw describeRefusal(endpoint, {
            status: 200,
            headers: {},
            body,
            stream: true,
            ...withImages(request),
          });
        }
        case 'unreadable':
          throw brokenOff(endpoint, withoutSecrets(part.text, [key]));
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    yield* rest();
    if (error instanceof LongviewError || isCancellation(error)) throw error;
    throw arrived ? brokenOff(endpoint, undefined, error) : describeNetworkError(endpoint, error);
  } finally {
    signal.removeEventListener('abort', cancel);
    sent.abort();
  }
  signal.throwIfAborted();
  yield* rest();
  if (finishReason === undefined || !done) throw brokenOff(endpoint);
  yield { kind: 'end', finishReason };
}

/** Sends the request and gives the body of a reply that is 2xx. Throws what {@link streamChat} says, and raw errors. */
async function post(
  endpoint: Endpoint,
  key: string | undefined,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  let refusal: RawRefusal | undefined;
  const { config } = endpoint;
  const dialect = dialectOf(config, key);
  const { messages, texts } = nameContents(request.messages);
  // Its code takes time to start (15 ms here), and most runs and windows send nothing.
  const { default: OpenAI } = await import('openai');
  const client = new OpenAI({
    baseURL: config.baseUrl,
    // It insists on one; the header it would send is replaced by the dialect's, or by none.
    apiKey: 'none',
    defaultHeaders: { authorization: null, ...dialect.headers },
    defaultQuery: dialect.query,
    maxRetries: 0,
    // It would print parts of replies, which may quote the prompt.
    logLevel: 'off',
    // The transport has its own timer, which the user sees and sets.
    timeout: 2 ** 31 - 1,
    fetch: async (input, init) => {
      const response = await endpoint.fetch(input, await withContents(init, texts, signal));
      if (response.ok) return response;
      const { status } = response;
      const clean = (text: string) => withoutSecrets(text, [key]);
      const headers = Object.fromEntries([...response.headers].map(([k, v]) => [k, clean(v)]));
      const body = clean(await response.text());
      refusal = {
        status,
        headers,
        body,
        ...(key === undefined && { keyless: true }),
        ...withImages(request),
      };
      return new Response(body, { status, headers: response.headers });
    },
  });
  try {
    // As a response: the client’s own reader loses errors that stand inside a stream, and where a stream ended.
    const response = await client.chat.completions
      .create(
        {
          model: config.model,
          messages: [...messages],
          [dialect.maxTokensField]: request.maxTokens,
          stream: true,
          ...(dialect.includeUsage && { stream_options: { include_usage: true } }),
        },
        { signal },
      )
      .asResponse();
    return response.body ?? ReadableStream.from([]);
  } catch (error) {
    if (refusal === undefined) throw error;
    const described = describeRefusal(endpoint, refusal);
    throw correctDialect(config, dialect, described) ? askAgain(described) : described;
  }
}

function withImages({ images }: ChatRequest): Pick<RawRefusal, 'images'> {
  return images === undefined ? {} : { images: true };
}

/** A refusal about how it was asked, which the next request will heed. */
function askAgain({ code, message, refusal, raw }: RefusalError): RefusalError {
  const remedy =
    'Ask again: Longview now leaves out what it refused. If it happens with every start, name the endpoint’s "provider".';
  return new RefusalError(code, message, remedy, refusal, raw);
}

async function withContents(
  init: RequestInit | undefined,
  texts: ReadonlyMap<string, NamedContent>,
  signal: AbortSignal,
): Promise<RequestInit | undefined> {
  if (texts.size === 0 || typeof init?.body !== 'string') return init;
  const { body, bytes } = await streamBody(init.body, texts, signal);
  const headers = new Headers(init.headers);
  headers.set('content-length', String(bytes));
  return { ...init, headers, body, duplex: 'half' };
}
