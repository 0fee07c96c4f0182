import OpenAI from 'openai';

import { isCancellation, LongviewError } from '../errors.ts';
import { describeNetworkError, describeRefusal, type RawRefusal } from './failure.ts';
import type { Gates, Sending } from './gates.ts';
import type { ChatMessage, Endpoint, Usage } from './types.ts';

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** Tokens the answer may have at most. */
  readonly maxTokens: number;
  /** For the gates; see {@link Sending}. */
  readonly files: number | null;
  readonly tokens: number;
}

export type ChatEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'end'; readonly finishReason: string };

/**
 * Sends one chat request and streams the answer, after the gates. Never sends a prompt twice by itself. Throws
 * `incomplete-answer` where the stream broke off (what arrived was yielded before), {@link LongviewError}s for
 * refusals and network failures, and `signal.reason` when cancelled: the request is then really aborted.
 */
export async function* streamChat(
  endpoint: Endpoint,
  request: ChatRequest,
  gates: Gates,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  const sending: Sending = { endpoint, files: request.files, tokens: request.tokens };
  await gates.pass(sending, signal);
  signal.throwIfAborted();
  let refusal: RawRefusal | undefined;
  const client = new OpenAI({
    baseURL: endpoint.config.baseUrl,
    apiKey: (await endpoint.apiKey()) ?? 'none',
    maxRetries: 0,
    // It would print parts of replies, which may quote the prompt.
    logLevel: 'off',
    // The transport has its own timer, which the user sees and sets.
    timeout: 2 ** 31 - 1,
    fetch: async (input, init) => {
      const response = await endpoint.fetch(input, init);
      if (response.ok) return response;
      const body = await response.text();
      refusal = { status: response.status, headers: Object.fromEntries(response.headers), body };
      return new Response(body, { status: response.status, headers: response.headers });
    },
  });
  let arrived = false;
  let finishReason: string | undefined;
  try {
    const stream = await client.chat.completions.create(
      {
        model: endpoint.config.model,
        messages: request.messages.map(m => ({ role: m.role, content: m.content })),
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- few servers know the newer name (endpoints.md 0.4)
        max_tokens: request.maxTokens,
        stream: true,
        stream_options: { include_usage: true },
      },
      { signal },
    );
    for await (const chunk of stream as AsyncIterable<LooseChunk>) {
      const choice = chunk.choices?.[0];
      const text = choice?.delta?.content;
      if (typeof text === 'string' && text !== '') {
        arrived = true;
        yield { kind: 'text', text };
      }
      if (choice?.finish_reason != null) finishReason = choice.finish_reason;
      if (chunk.usage != null) yield { kind: 'usage', usage: readUsage(chunk.usage) };
    }
  } catch (error) {
    signal.throwIfAborted();
    if (refusal !== undefined) throw describeRefusal(endpoint, refusal);
    if (error instanceof LongviewError || isCancellation(error)) throw error;
    if (arrived) throw brokenOff(endpoint, error);
    if (error instanceof OpenAI.APIError && !(error instanceof OpenAI.APIConnectionError)) {
      // An error inside a 200 stream: there is no status to go by (reference/endpoints.md 0.4).
      throw describeRefusal(endpoint, { status: 200, headers: {}, body: error.message });
    }
    throw describeNetworkError(endpoint, error);
  }
  signal.throwIfAborted();
  if (finishReason === undefined) throw brokenOff(endpoint, undefined);
  yield { kind: 'end', finishReason };
}

/** What a chunk may really be: the client checks nothing, and servers differ. */
interface LooseChunk {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: unknown } | null;
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: OpenAI.CompletionUsage | null;
}

function brokenOff(endpoint: Endpoint, cause: unknown): LongviewError {
  const name = endpoint.config.name ?? endpoint.config.id;
  return new LongviewError(
    'incomplete-answer',
    `${name} broke off in the middle of the answer.`,
    'What arrived is kept; ask again for the rest.',
    cause,
  );
}

function readUsage(usage: OpenAI.CompletionUsage): Usage {
  const count = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
  return {
    promptTokens: count(usage.prompt_tokens),
    cachedTokens: count(usage.prompt_tokens_details?.cached_tokens),
    completionTokens: count(usage.completion_tokens),
  };
}
