import type { Counter, CacheHabit, Cut } from './counting.ts';
import type {
  FakeModel,
  FakeOptions,
  RecordedRequest,
  Refusal,
  Reply,
  StreamErrorForm,
  SystemName,
} from './types.ts';

/** One request for an answer, as a system judges it before it answers. */
export interface Ask {
  readonly model: FakeModel;
  readonly options: FakeOptions;
  readonly promptTokens: number;
  /** As requested; absent where the request did not say. */
  readonly maxTokens: number | undefined;
  readonly stream: boolean;
  readonly characters: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Accounting {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Absent where the system does not report its cache. */
  readonly cachedTokens: number | undefined;
  readonly model: FakeModel;
}

export interface RateState {
  readonly model: string;
  /** Tokens per minute. */
  readonly limit: number;
  readonly used: number;
  readonly requested: number;
  readonly retryAfterSeconds: number;
  /** Requested > limit: can never pass. */
  readonly permanent: boolean;
}

export interface StreamFailure {
  readonly body: unknown;
  readonly form: StreamErrorForm;
  /** Whether `[DONE]` still follows. */
  readonly done: boolean;
}

export interface Errors {
  unauthorized(): Reply;
  payment(): Reply;
  unknownModel(id: string): Reply;
  deadModel(id: string): Reply;
  rate(state: RateState): Reply;
  /** Too long: the real status and wording with these numbers in it. */
  overflow(ask: Ask): Refusal;
  /** A failure after the first token. */
  midStream(model: string): StreamFailure;
  /** For a parameter the server does not know. */
  unknownParameter(name: string): Reply;
  notFound(method: string, path: string): Reply;
  /** For images: `most` is 0 where the model reads none, undefined where one cannot be opened. */
  images(model: string, options: FakeOptions, most: number | undefined): Reply;
}

export interface StreamHabits {
  /**
   * `asked`: a last chunk without choices, only with `stream_options.include_usage`; `always`: that chunk unasked;
   * `finish`: inside the chunk that carries finish_reason; `x_groq`: there, wrapped.
   */
  readonly usage: 'asked' | 'always' | 'finish' | 'x_groq';
  /** Comment lines before the first chunk. */
  readonly comments?: readonly string[];
}

/** A stream in frames of its own. */
export interface BinaryStream {
  readonly contentType: string;
  start(): Buffer;
  chunk(text: string): Buffer;
  end(finish: string, usage: Record<string, unknown>): Buffer;
  failure(body: unknown): Buffer;
}

/** What a route of a system can see. */
export interface RouteContext {
  readonly options: FakeOptions;
  readonly models: readonly FakeModel[];
  readonly counter: Counter;
  readonly request: RecordedRequest;
  readonly query: URLSearchParams;
  /** The groups of the route's pattern, decoded. */
  readonly params: readonly string[];
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string | RegExp;
  /** Needs no key even where the fake has one. */
  readonly open?: boolean;
  answer(context: RouteContext): Reply;
}

export interface System {
  readonly name: SystemName;
  /** Between the server's root and `/chat/completions`. */
  readonly basePath: string;
  readonly chatPath: RegExp;
  /** What is served when the options do not say. */
  readonly model: FakeModel;
  readonly auth: 'bearer' | 'api-key';
  readonly routes: readonly Route[];
  readonly errors: Errors;
  readonly stream: StreamHabits;
  /** Before any work: too long, too much output. */
  admit(ask: Ask): Refusal | undefined;
  usage(accounting: Accounting): Record<string, unknown>;
  /** Top-level fields beside `usage` at the end of an answer (llama.cpp's `timings`). */
  trailer?(accounting: Accounting): Record<string, unknown>;
  /** On every reply. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly fingerprint?: string;
  /** Request parameters refused by name. */
  readonly rejects?: readonly string[];
  readonly maxBodyBytes?: number;
  /** How it cuts, where it can. */
  readonly cut?: Cut;
  readonly truncatesByDefault?: boolean;
  readonly cache: CacheHabit & { readonly reportsByDefault: boolean };
  /** Own 413 for too many bytes; else a proxy's page is shown. */
  tooManyBytes?(limit: number): Reply;
  /** One server, one model: any name in a request means it. */
  readonly anyModel?: boolean;
  /** The listed id behind a requested one, e.g. without a `:provider` suffix. */
  modelId?(requested: string): string;
  /** An answer in another shape than chat.completion (Bedrock Converse). */
  shape?(text: string, finish: string, usage: Record<string, unknown>): unknown;
  /** A stream in another shape than SSE: the bytes of each step (Bedrock ConverseStream). */
  readonly binary?: BinaryStream;
  /** Whether a request asks for a stream; default: `stream: true` in its body. */
  streams?(path: string): boolean;
}
