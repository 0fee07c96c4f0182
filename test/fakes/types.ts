import type { Gate } from './gate.ts';

export const systemNames = [
  'openai',
  'openrouter',
  'groq',
  'together',
  'fireworks',
  'cerebras',
  'sambanova',
  'deepinfra',
  'huggingface',
  'nvidia',
  'azure',
  'bedrock',
  'vertex',
  'databricks',
  'cloudflare',
  'mistral',
  'meta-retired',
  'vllm',
  'sglang',
  'tgi',
  'llamacpp',
  'ollama',
  'lmstudio',
  'litellm',
] as const;
export type SystemName = (typeof systemNames)[number];

/** USD per million tokens; each system writes it in its own unit. */
export interface FakePrice {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
}

export interface FakeModel {
  readonly id: string;
  /** The window the server enforces, tokens. */
  readonly contextTokens: number;
  /** Most tokens of one answer. Absent: only the window bounds it. */
  readonly maxOutputTokens?: number;
  /** The training window or catalogue figure, where the system shows one beside the real window. */
  readonly advertisedTokens?: number;
  /** Tokens of the prompt alone, where input and output are limited apart (TGI, OpenRouter providers). */
  readonly maxInputTokens?: number;
  readonly price?: FakePrice;
  /** Aggregators (openrouter, huggingface): who serves it, each with a window of its own. */
  readonly providers?: readonly FakeProvider[];
  /** Gone: requests get the system's "decommissioned" reply. Whether it is still listed is the system's habit. */
  readonly dead?: boolean;
}

export interface FakeProvider {
  readonly name: string;
  readonly contextTokens: number;
  readonly maxInputTokens?: number;
  readonly maxOutputTokens?: number;
  readonly price?: FakePrice;
}

export interface FakeMessage {
  readonly role: string;
  readonly content: string;
}

/** An image part as it came; `place`: how many characters of its message's text stand before it. */
export interface FakeImage {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly place: number;
}

/** What the model behind the fake reads: after silent truncation, if there was any. */
export interface AnswerRequest {
  readonly model: string;
  readonly messages: readonly FakeMessage[];
  /** The messages' contents joined by newlines. */
  readonly prompt: string;
  readonly promptTokens: number;
  readonly maxTokens: number | undefined;
  /** The request body as it came. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** A scripted answer: one text, or a function of what was read. An iterable's items are sent as they come, one chunk each. */
export type Answer =
  string | ((request: AnswerRequest) => string | Promise<string> | Iterable<string> | AsyncIterable<string>);

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is (`text/plain`, unless headers say otherwise), anything else as JSON. */
  readonly body: unknown;
}

/** Where an error stands inside a stream that began with 200. */
export type StreamErrorForm =
  /** `data: {"error":…}` */
  | 'data'
  /** `event: error`, then the data line */
  | 'event'
  /** A line of JSON that is no event at all */
  | 'bare'
  /** `error: {…}`, a field no SSE parser knows: llama.cpp until autumn 2025 */
  | 'field';

/** A refusal, which some systems put inside a 200 stream when the request asked for one. */
export interface Refusal extends Reply {
  readonly inStream?: StreamErrorForm;
  /** Whether `[DONE]` still follows the error in the stream. */
  readonly done?: boolean;
}

/** Something that goes wrong, once per entry in the fault queue. Chunk counts are content chunks already sent. */
export type Fault =
  /** Any reply instead of an answer. */
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** The system's own wording of a busy bucket (`permanent`: of a request that can never pass). */
  | { readonly kind: 'rate'; readonly retryAfterSeconds?: number; readonly permanent?: boolean }
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'payment' }
  | { readonly kind: 'dead-model' }
  /** The system's own wording, whatever the prompt's size: "silent" limits found only by refusal. */
  | { readonly kind: 'overflow'; readonly limitTokens?: number }
  /** A reverse proxy's HTML page. */
  | { readonly kind: 'html-413' }
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: 301 | 302 | 307 | 308 }
  /** The connection breaks before any header. */
  | { readonly kind: 'drop' }
  /** Mid-stream death: the socket is destroyed after n content chunks (`reset`: with a TCP reset). */
  | { readonly kind: 'die'; readonly afterChunks: number; readonly reset?: boolean }
  /** The stream ends cleanly after n chunks, without finish_reason, usage or `[DONE]`. */
  | { readonly kind: 'cut'; readonly afterChunks: number }
  /** Complete but for `[DONE]`. */
  | { readonly kind: 'no-done' }
  | {
      readonly kind: 'stream-error';
      readonly afterChunks: number;
      readonly form?: StreamErrorForm;
      /** Default: the system's own mid-stream error. */
      readonly body?: unknown;
      readonly done?: boolean;
    }
  | { readonly kind: 'broken-json'; readonly afterChunks: number }
  /** 200, event-stream headers, not one event. */
  | { readonly kind: 'empty-stream' }
  /** No text at all and `finish_reason: length`: old vLLM's overflow. */
  | { readonly kind: 'empty-length' }
  /** Stops after n chunks with `finish_reason: length`. */
  | { readonly kind: 'finish-length'; readonly afterChunks: number };

export interface FakeOptions {
  readonly system: SystemName;
  /**
   * vllm: server version (default `0.18.0`); groq: shape of the list, `2026-03` or `2026-07` (default);
   * deepinfra: `2024` refuses with status 500.
   */
  readonly version?: string;
  /** The first model; what is not said is the system's usual (see its file). */
  readonly model?: string;
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly maxInputTokens?: number;
  readonly advertisedTokens?: number;
  readonly price?: FakePrice;
  readonly providers?: readonly FakeProvider[];
  /** Further models of the list. */
  readonly models?: readonly FakeModel[];
  /** When given, requests without exactly this key get the system's 401. */
  readonly apiKey?: string;
  readonly answer?: Answer;
  /** Characters of one chunk of a string answer. Default 24. */
  readonly chunkChars?: number;
  /** The model's tokens per o200k token (or per 4 characters). Default 1. */
  readonly tokenRatio?: number;
  /** `o200k` (default) counts with gpt-tokenizer; `chars4` is characters / 4, for prompts of many megabytes. */
  readonly counter?: 'o200k' | 'chars4';
  /** The chat template's tokens per message. Default 4. */
  readonly templateTokens?: number;
  /** Cut what is too long instead of refusing. Default: what the system does (true for ollama only). */
  readonly silentTruncation?: boolean;
  /** ollama, lmstudio: whether the model is in memory, which is when its real window shows. Default true. */
  readonly loaded?: boolean;
  /** llamacpp: slots; the window given is one slot's. Default 1. */
  readonly slots?: number;
  /** Whether cached tokens are reported. Default: the system's habit. */
  readonly reportsCache?: boolean;
  /** ollama: `num_ctx` of the Modelfile, as `/api/show` tells it. Says nothing about what is enforced. */
  readonly modelfileNumCtx?: number;
  /** openrouter: how far its estimate of a prompt is above the count (1.33 was seen). Default 1. */
  readonly estimateFactor?: number;
  /** Request parameters that are refused by name. Default: the system's habit. */
  readonly rejects?: readonly string[];
  /** Images of one request at most; 0: the model reads text only. Default: as many as come. */
  readonly images?: number;
  /** Tokens of one image. Default 1000. */
  readonly imageTokens?: number;
  /** Tokens per minute bucket: a larger request is refused for ever, as OpenAI and Groq do. */
  readonly tokensPerMinute?: number;
  /** Larger bodies meet a 413: the system's own where it has one, else a proxy's HTML page. */
  readonly maxBodyBytes?: number;
  /** Served in order, one per chat request. */
  readonly faults?: readonly Fault[];
  /** Real time before the headers of an answer, for the slow suite. Everything else uses gates. */
  readonly headersDelayMs?: number;
  /** Serve HTTPS with this PEM pair. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface RecordedRequest {
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, or text where it is none. */
  readonly body: unknown;
  readonly bytes: number;
  /** The client went away before the response was complete. */
  readonly aborted: boolean;
  /** The response's status, once sent. */
  readonly status: number | undefined;
  /** Chat requests: tokens of the prompt as sent, template included. */
  readonly promptTokens: number | undefined;
  /** Chat requests: tokens the model really read (less than `promptTokens` after silent truncation). */
  readonly readTokens: number | undefined;
  /** Chat requests: the images, in order. */
  readonly images: readonly FakeImage[];
  /** Chat requests: how many of them came from the prefix cache. */
  readonly cachedTokens: number | undefined;
}

export interface Fake {
  /** `http://127.0.0.1:port`, no slash at the end. */
  readonly url: string;
  /** What a user types as base URL: {@link url} plus the system's path. */
  readonly baseUrl: string;
  /** Id of the first model. */
  readonly model: string;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** Those that asked for an answer. */
  chats(): readonly RecordedRequest[];
  /** The next request nobody waited for yet: an earlier unread one at once, else when it comes. */
  nextRequest(): Promise<RecordedRequest>;
  /** The same for requests whose client went away. */
  nextAborted(): Promise<RecordedRequest>;
  /** Queues faults, one per coming chat request. */
  fail(...faults: readonly Fault[]): void;
  /** Every chat request with an empty queue meets this fault; `undefined` ends that. */
  failAlways(fault: Fault | undefined): void;
  /** Changes options from the next request on. */
  configure(changes: Partial<Omit<FakeOptions, 'system' | 'tls' | 'faults'>>): void;
  /** Before the headers of an answer. Open unless closed by the test. */
  readonly headersGate: Gate;
  /** Before each content chunk of an answer. Open unless closed by the test. */
  readonly chunkGate: Gate;
  /** Stops listening and destroys every connection. */
  close(): Promise<void>;
}
