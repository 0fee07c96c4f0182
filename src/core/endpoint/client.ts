import OpenAI from 'openai';

import { isCancellation, LongviewError } from '../errors.ts';
import { readReply } from './completion.ts';
import { brokenOff, describeNetworkError, describeRefusal, type RawRefusal } from './failure.ts';
import type { Gates, Sending } from './gates.ts';
import { nameContents, streamBody, type PromptMessage } from './promptBody.ts';
import type { Endpoint, Usage } from './types.ts';

export interface ChatRequest {
  readonly messages: readonly PromptMessage[];
  /** Tokens the answer may have at most. */
  readonly maxTokens: number;
  /** For the gates; see {@link Sending}. */
  readonly files: number | null;
  readonly tokens: number;
  readonly redacted?: number;
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
  const { files, tokens, redacted } = request;
  const sending: Sending = { endpoint, files, tokens, ...(redacted !== undefined && { redacted }) };
  await gates.pass(sending, signal);
  signal.throwIfAborted();
  // Of our own: the client never takes its listeners off the signal, and an answer nobody reads on is aborted too.
  const sent = new AbortController();
  const cancel = () => sent.abort(signal.reason);
  signal.addEventListener('abort', cancel, { once: true });
  let arrived = false;
  let done = false;
  let finishReason: string | undefined;
  try {
    const response = await post(endpoint, request, sent.signal);
    for await (const part of readReply(response)) {
      switch (part.kind) {
        case 'text':
          arrived = true;
          yield part;
          break;
        case 'usage':
          yield part;
          break;
        case 'finish':
          finishReason = part.reason;
          break;
        case 'done':
          done = true;
          break;
        case 'error':
          // There is no status to go by (reference/endpoints.md 0.4).
          if (arrived) throw brokenOff(endpoint, part.body);
          throw describeRefusal(endpoint, { status: 200, headers: {}, body: part.body, stream: true });
        case 'unreadable':
          throw brokenOff(endpoint, part.text);
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LongviewError || isCancellation(error)) throw error;
    throw arrived ? brokenOff(endpoint, undefined, error) : describeNetworkError(endpoint, error);
  } finally {
    signal.removeEventListener('abort', cancel);
    sent.abort();
  }
  signal.throwIfAborted();
  if (finishReason === undefined || !done) throw brokenOff(endpoint);
  yield { kind: 'end', finishReason };
}

/** Sends the request and gives the body of a reply that is 2xx. Throws what {@link streamChat} says, and raw errors. */
async function post(
  endpoint: Endpoint,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  let refusal: RawRefusal | undefined;
  const { messages, texts } = nameContents(request.messages);
  const client = new OpenAI({
    baseURL: endpoint.config.baseUrl,
    apiKey: (await endpoint.apiKey()) ?? 'none',
    maxRetries: 0,
    // It would print parts of replies, which may quote the prompt.
    logLevel: 'off',
    // The transport has its own timer, which the user sees and sets.
    timeout: 2 ** 31 - 1,
    fetch: async (input, init) => {
      const response = await endpoint.fetch(input, await withContents(init, texts, signal));
      if (response.ok) return response;
      const body = await response.text();
      refusal = { status: response.status, headers: Object.fromEntries(response.headers), body };
      return new Response(body, { status: response.status, headers: response.headers });
    },
  });
  try {
    // As a response: the client’s own reader loses errors that stand inside a stream, and where a stream ended.
    const response = await client.chat.completions
      .create(
        {
          model: endpoint.config.model,
          messages: messages.map(m => ({ role: m.role, content: m.content })),
          // eslint-disable-next-line @typescript-eslint/no-deprecated -- few servers know the newer name (endpoints.md 0.4)
          max_tokens: request.maxTokens,
          stream: true,
          stream_options: { include_usage: true },
        },
        { signal },
      )
      .asResponse();
    return response.body ?? ReadableStream.from([]);
  } catch (error) {
    if (refusal !== undefined) throw describeRefusal(endpoint, refusal);
    throw error;
  }
}

async function withContents(
  init: RequestInit | undefined,
  texts: ReadonlyMap<string, readonly Uint8Array[]>,
  signal: AbortSignal,
): Promise<RequestInit | undefined> {
  if (texts.size === 0 || typeof init?.body !== 'string') return init;
  const { body, bytes } = await streamBody(init.body, texts, signal);
  const headers = new Headers(init.headers);
  headers.set('content-length', String(bytes));
  return { ...init, headers, body, duplex: 'half' };
}
