import type { Rates } from './price.ts';
import type { ProviderId } from './providers/ids.ts';

/** Where knowledge of a context limit comes from, strongest first; see DESIGN "context limit". */
export const evidenceSources = ['refused', 'measured', 'served', 'listed', 'declared', 'advertised'] as const;
export type EvidenceSource = (typeof evidenceSources)[number];

export interface LimitEvidence {
  readonly source: EvidenceSource;
  /** Tokens of the shared window, prompt and answer together. */
  readonly tokens: number;
  /** ISO 8601 time of the observation. */
  readonly at: string;
  /** Where it was read, e.g. `/v1/models max_model_len`. */
  readonly detail: string;
  /** Tokens of the prompt alone, where the same source limits input and output apart. */
  readonly maxInputTokens?: number;
  /** Tokens of one answer. */
  readonly maxOutputTokens?: number;
}

/** What the evidence says beside the shared window; the smallest counts. */
interface PartLimits {
  readonly maxInputTokens?: number;
  readonly maxOutputTokens?: number;
}

/** Unknown is a state, not a default number: nothing is sent over an unknown limit. */
export type ContextLimit =
  | ({
      readonly kind: 'known';
      readonly tokens: number;
      readonly source: EvidenceSource;
      readonly evidence: readonly LimitEvidence[];
    } & PartLimits)
  | ({ readonly kind: 'unknown'; readonly evidence: readonly LimitEvidence[] } & PartLimits);

/** One endpoint as the user wrote it: the VS Code setting and the CLI's `endpoints.json` share this shape. */
export interface EndpointConfig {
  /** Stable key for secrets, consent and limit evidence. */
  readonly id: string;
  readonly name?: string;
  /** OpenAI-compatible base URL, e.g. `https://openrouter.ai/api/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Name of the environment variable that holds the key (CLI only; the editor uses SecretStorage). */
  readonly apiKeyEnv?: string;
  /** `declared` evidence: lowers a known limit, stands where none is known. Tokens. */
  readonly contextLimit?: number;
  /** Tokens the endpoint may answer with at most. */
  readonly maxOutputTokens?: number;
  /** Which system answers there; default: recognised by its host, or by how it answers. */
  readonly provider?: ProviderId;
  /** The user's own copy of the model's `tokenizer.model` or `tokenizer.json`: an absolute path, or from `~/`. */
  readonly tokenizer?: string;
  /** Whether it takes images; default: what its provider and its model's name tell. */
  readonly images?: boolean;
  /** USD per million tokens, where its API tells none or the user pays another. */
  readonly price?: Rates;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface Usage {
  readonly promptTokens: number | null;
  readonly cachedTokens: number | null;
  readonly completionTokens: number | null;
  /** USD, where the endpoint says what it charged. */
  readonly costUsd?: number;
}

/** What an ask needs from an endpoint, whatever speaks behind it: a server, or the offline reader. */
export interface Endpoint {
  readonly config: EndpointConfig;
  /** `offline` never leaves this process, so it needs neither key nor consent. */
  readonly kind: 'server' | 'offline';
  readonly fetch: typeof globalThis.fetch;
  /** Resolves to undefined where no key is stored; a local server may need none. */
  readonly apiKey: () => Promise<string | undefined>;
}
