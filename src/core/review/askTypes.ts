import type { PromptCounter } from '../endpoint/countTokens.ts';
import type { Gates } from '../endpoint/gates.ts';
import type { CacheWarning, CacheWatch } from '../endpoint/prefixCache.ts';
import type { Clock } from '../endpoint/retry.ts';
import type { Truncation } from '../endpoint/truncation.ts';
import type { Endpoint, LimitEvidence, Usage } from '../endpoint/types.ts';
import type { LongviewError } from '../errors.ts';
import type { Measurer } from '../pack/measurer.ts';
import type { Anchor } from './anchors.ts';
import type { PackSession } from './packSession.ts';
import type { Prepared, PrepareRequest, RebaseReason } from './prepare.ts';

/** What happens during an ask, in order; `text` and `anchor` parts together are the answer as written. */
export type AskEvent =
  /** The kept pack gave way to a fresh one, which is read at full price. See `describeRebase`. */
  | { readonly kind: 'rebased'; readonly reason: RebaseReason }
  /** The oldest turns are not sent, because the user chose so. */
  | { readonly kind: 'dropped'; readonly turns: number }
  /** The prompt is packed; the gauge can show it before anything is sent. Comes again after a re-fit. */
  | { readonly kind: 'prepared'; readonly prepared: Prepared }
  /** The endpoint is busy and said for how long: the same prompt goes out again then, unless cancelled. */
  | {
      readonly kind: 'waiting';
      readonly ms: number;
      /** Milliseconds since 1970. */
      readonly untilMs: number;
      readonly why: LongviewError;
    }
  /**
   * The endpoint refused for length, and is asked once more: with a smaller pack (`prompt`: `from` and `to` are tokens
   * of the whole prompt), or for a shorter answer with every file kept (`answer`: tokens the answer may have).
   */
  | {
      readonly kind: 'refit';
      readonly part: 'prompt' | 'answer';
      readonly from: number;
      readonly to: number;
      /** The context limit, where it is news. */
      readonly limit?: LimitEvidence;
      readonly why: LongviewError;
    }
  /** The endpoint refused the images: the same prompt goes out without them, once. */
  | { readonly kind: 'without-images'; readonly images: number; readonly why: LongviewError }
  | { readonly kind: 'text'; readonly text: string }
  /** `text` is how the model wrote it. */
  | { readonly kind: 'anchor'; readonly anchor: Anchor; readonly text: string }
  | { readonly kind: 'done'; readonly answer: Answer };

export interface Answer {
  /** As the model wrote it. */
  readonly text: string;
  readonly anchors: readonly Anchor[];
  readonly usage: Usage;
  /** `stop`, or why the model ended early, e.g. `length`. */
  readonly finishReason: string;
  /** Set where this is not the whole answer over the whole pack; `text` holds what arrived. */
  readonly failure?: LongviewError;
  /** Set where the endpoint read only a part of the prompt; `failure` says so too (`truncated-prompt`). */
  readonly truncation?: Truncation;
  /** Set where the same pack was read anew at full price. */
  readonly cacheWarning?: CacheWarning;
  readonly timings: { readonly firstToken: number | null; readonly total: number };
}

export interface AskRequest extends PrepareRequest {
  readonly endpoint: Endpoint;
  readonly signal: AbortSignal;
  /** Longest wait that a busy endpoint may ask for, ms. */
  readonly maxWaitMs?: number;
}

export interface AskDeps {
  readonly measurer: Measurer;
  readonly gates: Gates;
  /** Packs of earlier asks of this session, to be used again; absent: every ask packs anew. */
  readonly packs?: PackSession;
  /** The text an editor shows of a file, where that is not what is on disk. */
  readonly unsaved?: (absolutePath: string) => string | undefined;
  /** Asks the endpoint to count the final prompt, where it can and that is cheap; its word is final. */
  readonly countPrompt?: PromptCounter;
  /** Told what the endpoint says it read of the prompt, to learn from (`learnFrom`). */
  readonly onUsage?: (usage: Usage, prepared: Prepared) => void;
  /** Absent: the time of day. */
  readonly clock?: Clock;
  /** Remembers packs over asks, for {@link Answer.cacheWarning}. */
  readonly cacheWatch?: CacheWatch;
  /** Told what a refusal, or a silent truncation, taught about the context limit. */
  readonly onEvidence?: (endpoint: Endpoint, evidence: LimitEvidence) => void;
  /** Told the longest answer a refusal named, tokens. */
  readonly onOutputLimit?: (endpoint: Endpoint, tokens: number) => void;
}
