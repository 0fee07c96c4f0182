import { usd } from './price.ts';
import { readServerEvents } from './serverEvents.ts';
import type { Usage } from './types.ts';

/** What a reply with status 200 turned out to hold, in order. */
export type ReplyPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'finish'; readonly reason: string }
  /** The server says that this was all. */
  | { readonly kind: 'done' }
  /** An error inside the 200; `body` as it came. */
  | { readonly kind: 'error'; readonly body: string }
  /** A web page stands there, where the answer should be. */
  | { readonly kind: 'page' }
  /** A line that is neither. */
  | { readonly kind: 'unreadable'; readonly text: string };

/** Reads a streamed reply, and one that came whole although a stream was asked for. */
export async function* readReply(body: ReadableStream<Uint8Array>): AsyncGenerator<ReplyPart> {
  for await (const event of readServerEvents(body)) {
    if (event.kind === 'event') {
      if (event.data.trim() === '[DONE]') yield { kind: 'done' };
      else if (event.name === 'error') yield { kind: 'error', body: event.data };
      else yield* readChunk(event.data, parse(event.data));
    } else {
      const text = event.text.replace(/^\s*error:\s*/, '');
      const value = parse(text);
      if (isPage(text)) yield { kind: 'page' };
      // A field that SSE does not know is ignored, as the standard wants; JSON is no such field.
      if (isObject(value)) yield* readChunk(text, value);
    }
  }
}

/** HTML, or XML: what web servers say at addresses that are no API's. */
export function isPage(text: string): boolean {
  return /^\s*<(?:!doctype|html|head|body|\?xml)\b/i.test(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What a chunk may really be: servers differ. */
interface LooseChunk {
  readonly choices?:
    | readonly {
        readonly delta?: { readonly content?: unknown } | null;
        readonly message?: { readonly content?: unknown } | null;
        readonly finish_reason?: unknown;
        readonly error?: unknown;
      }[]
    | null;
  readonly usage?: LooseUsage | null;
  readonly x_groq?: { readonly usage?: LooseUsage | null; readonly error?: unknown } | null;
  /** llama.cpp */
  readonly timings?: { readonly cache_n?: unknown } | null;
}

interface LooseUsage {
  readonly prompt_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly prompt_tokens_details?: { readonly cached_tokens?: unknown } | null;
  readonly prompt_cache_hit_tokens?: unknown;
  readonly cached_tokens?: unknown;
  /** OpenRouter, in USD. */
  readonly cost?: unknown;
}

function* readChunk(text: string, value: unknown): Generator<ReplyPart> {
  if (!isObject(value)) {
    yield { kind: 'unreadable', text };
    return;
  }
  if (isError(value)) {
    yield { kind: 'error', body: text };
    return;
  }
  const chunk = value as LooseChunk;
  const choice = chunk.choices?.[0];
  const content = choice?.delta?.content ?? choice?.message?.content;
  if (typeof content === 'string' && content !== '') yield { kind: 'text', text: content };
  if (typeof choice?.finish_reason === 'string') yield { kind: 'finish', reason: choice.finish_reason };
  const usage = chunk.usage ?? chunk.x_groq?.usage;
  if (isObject(usage)) yield { kind: 'usage', usage: readUsage(usage, chunk.timings?.cache_n) };
  if (choice?.message != null) yield { kind: 'done' };
}

function isError(value: Record<string, unknown>): boolean {
  const { choices, x_groq: groq } = value as LooseChunk;
  return (
    value['error'] != null ||
    value['object'] === 'error' ||
    choices?.[0]?.error != null ||
    groq?.error != null ||
    (choices == null && ['message', 'detail', 'errors'].some(name => value[name] != null))
  );
}

function readUsage(usage: LooseUsage, cacheN: unknown): Usage {
  const count = (...values: readonly unknown[]) =>
    values.find((v): v is number => typeof v === 'number' && Number.isFinite(v)) ?? null;
  const costUsd = usd(usage.cost);
  return {
    promptTokens: count(usage.prompt_tokens),
    cachedTokens: count(
      usage.prompt_tokens_details?.cached_tokens,
      usage.prompt_cache_hit_tokens,
      usage.cached_tokens,
      cacheN,
    ),
    completionTokens: count(usage.completion_tokens),
    ...(costUsd !== undefined && { costUsd }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
