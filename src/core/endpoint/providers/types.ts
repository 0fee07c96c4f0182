import type { Price } from '../price.ts';
import type { EvidenceSource } from '../types.ts';
import type { ProviderId } from './ids.ts';

/** One number that a system gives for a model's window. */
export interface WindowReading {
  readonly source: EvidenceSource;
  /** Tokens. */
  readonly tokens: number;
  /** Where it stands, e.g. `/v1/models max_model_len`. */
  readonly detail: string;
}

/** What a system says about one of its models. */
export interface ListedModel {
  /** As a request names it; {@link everyModel} where a server speaks of whatever it has loaded. */
  readonly id: string;
  /** All windows it gives; the smallest of a source counts. */
  readonly windows: readonly WindowReading[];
  /** Tokens of the prompt alone, where input and output are limited apart. */
  readonly maxInputTokens?: number;
  readonly maxOutputTokens?: number;
  readonly price?: Price;
  /** The system's own word that it is withdrawn. */
  readonly gone?: string;
  /** Another name of a listed model (`model:provider`): findable, but no choice of its own. */
  readonly variant?: true;
}

export const everyModel = '*';

export type Reader = (body: unknown, label: string) => ListedModel[];

/** One request that tells something. */
export interface Source {
  /** Relative to the base URL, which is taken as a folder; `{model}` is the model's id. */
  readonly path: string;
  /** How evidence names it; default: the path of the URL. Needed where that holds an account's name. */
  readonly label?: string;
  readonly read: Reader;
  /** A POST with this body, if any; `{model}` in a value is the model's id. */
  readonly body?: Readonly<Record<string, string>>;
}

/** What is known of a model of a host without asking: reference/endpoints.md 0.1, 0.2 and 1 to 3. */
export interface KnownModel {
  readonly id: string;
  /** Tokens that the host's pages or published measurements state; never more than `advertised`. */
  readonly windowTokens?: number;
  readonly maxOutputTokens?: number;
  /** Withdrawn: when (ISO date; null where no day is known) and what was said. */
  readonly gone?: { readonly since: string | null; readonly note: string };
}

export interface Provider {
  readonly id: ProviderId;
  readonly name: string;
  /** Who speaks to it: our OpenAI client, AWS's SDK (Converse), or VS Code itself. */
  readonly kind: 'openai' | 'bedrock' | 'vscode';
  /** `{…}` is to be filled in by the user; null where there is no URL to choose. */
  readonly baseUrl: string | null;
  /** Host names (`.` or `-` first: endings of them) that are this provider's, or patterns of whole base URLs. */
  readonly hosts: readonly (string | RegExp)[];
  /** Ports on which it listens on a developer's machine by default. */
  readonly ports: readonly number[];
  readonly auth: 'bearer' | 'api-key' | 'aws' | 'google' | 'optional' | 'none';
  /**
   * Where its list, limits and prices are. Every group is read at once; within a group the first source that tells
   * something counts.
   */
  readonly sources: readonly (readonly Source[])[];
  /** Asked about one model only. */
  readonly modelSources: readonly (readonly Source[])[];
  /** A model that its list does not name is not there. */
  readonly listIsComplete: boolean;
  /** Its list keeps naming models that answer 410. */
  readonly listsDead?: true;
  /** How a configured id names a listed one: `suffix` (`model:free`), `tag` (`llama4` is `llama4:latest`), `any`. */
  readonly naming: 'exact' | 'suffix' | 'tag' | 'any';
  readonly models: { readonly scout?: KnownModel; readonly maverick?: KnownModel };
  /** The whole service ended. */
  readonly retired?: { readonly since: string; readonly note: string };
  readonly quirks: Quirks;
  /** What it takes of images, where that is not what most hosts take of models that read them. */
  readonly images?: {
    readonly limits?: Partial<ImageLimits>;
    /** Why its models' names do not tell, a sentence. */
    readonly unsure?: string;
  };
  readonly links: { readonly docs: string; readonly keys?: string };
}

/** What a host takes of images in one request. */
export interface ImageLimits {
  /** Images of one request. */
  readonly most: number;
  /** Of one image, and of all of them, before they become base64. */
  readonly mostBytes: number;
  readonly totalBytes: number;
  /** The longest side, and the area, of one. */
  readonly mostPixels: number;
  readonly mostSide: number;
}

export interface Quirks {
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Where it depends on the model: the first pattern that fits its id decides. */
  readonly maxTokensFieldOf?: readonly {
    readonly models: RegExp;
    readonly field: Quirks['maxTokensField'];
  }[];
  /** What every request carries in its query, where the base URL is of such a kind. */
  readonly query?: readonly { readonly paths: RegExp; readonly query: Readonly<Record<string, string>> }[];
  /** `ignored`: usage comes anyway; `refused`: the parameter is an error or has no place. */
  readonly includeUsage: 'supported' | 'ignored' | 'refused';
  /** No answer may ask for more, whatever the model. Tokens. */
  readonly maxOutputTokens?: number;
  /** Body bytes that it refuses. */
  readonly maxBodyBytes?: number;
  /** What a user should know, whole sentences. */
  readonly notes: readonly string[];
}
