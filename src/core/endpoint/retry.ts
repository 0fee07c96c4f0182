import { setTimeout as delay } from 'node:timers/promises';

import { RefusalError } from './failure.ts';
import type { LimitEvidence } from './types.ts';

/** Time, so that tests need none. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Rejects with `signal.reason` when cancelled. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  },
};

/** What was refused, in our own count. */
export interface SentPrompt {
  /** Tokens of the whole prompt. */
  readonly promptTokens: number;
  /** Tokens the answer was allowed. */
  readonly maxTokens: number;
  /** Everything known of the window before. */
  readonly evidence: readonly LimitEvidence[];
}

/** How often one ask was sent again already, and why. */
export interface Tries {
  readonly waits: number;
  readonly refits: number;
  readonly shortened: number;
  /** Sent again without images; at most once. */
  readonly plain?: true;
}

export const noTries: Tries = { waits: 0, refits: 0, shortened: 0 };

export interface RetryPolicy {
  /** Longest wait that an endpoint may ask for, ms; longer ones are the user's to decide. */
  readonly maxWaitMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export const defaultMaxWaitMs = 120_000;

/** What to do about a refusal. Every step but `fail` sends the prompt again, at most once each (`wait`: twice). */
export type NextStep =
  | { readonly kind: 'fail' }
  | { readonly kind: 'wait'; readonly ms: number }
  /** The endpoint refused the images, not the text. */
  | { readonly kind: 'without-images' }
  | {
      /** The prompt fits, the answer asked for does not: no file needs to go. */
      readonly kind: 'shorten';
      readonly maxTokens: number;
      /** The window, where the refusal named it. */
      readonly evidence?: LimitEvidence;
      /** The longest answer, where the refusal named it. */
      readonly outputLimitTokens?: number;
    }
  | {
      readonly kind: 'refit';
      readonly evidence: LimitEvidence;
      /** By how much our count may be below the endpoint's, as a share of the limit. */
      readonly errorBound: number;
    };

const mostWaits = 2;
const shortestWaitMs = 1000;
/** An answer shorter than this is not worth a prompt that could be re-fitted instead. */
const worthwhileAnswer = 1024;

export function nextStep(error: unknown, sent: SentPrompt, tries: Tries, policy: RetryPolicy): NextStep {
  if (!(error instanceof RefusalError)) return { kind: 'fail' };
  if (error.code === 'images-refused')
    return tries.plain === true ? { kind: 'fail' } : { kind: 'without-images' };
  const wait = waitFor(error, policy.maxWaitMs);
  if (wait !== undefined) return tries.waits < mostWaits ? { kind: 'wait', ms: wait } : { kind: 'fail' };
  switch (error.refusal.kind) {
    case 'output':
      return tries.shortened === 0 ? shortenOutput(error, sent) : { kind: 'fail' };
    case 'context': {
      const shorten = tries.shortened === 0 ? shortenToFit(error, sent, policy) : undefined;
      if (shorten !== undefined) return shorten;
      return tries.refits === 0 ? refitTo(error, sent, policy) : { kind: 'fail' };
    }
    default:
      return { kind: 'fail' };
  }
}

/** Milliseconds to wait before the same prompt may pass; undefined where waiting is no use, or too long. */
export function waitFor({ refusal, raw }: RefusalError, maxWaitMs: number): number | undefined {
  const { kind, permanent, retryAfterMs } = refusal;
  const busy = kind === 'rate' || (kind === 'other' && (raw.status === 503 || raw.status === 529));
  if (!busy || permanent === true || retryAfterMs === undefined || retryAfterMs > maxWaitMs) return undefined;
  return Math.max(shortestWaitMs, retryAfterMs);
}

function shortenOutput({ refusal }: RefusalError, { maxTokens }: SentPrompt): NextStep {
  const stated = refusal.outputLimitTokens;
  const shorter = stated !== undefined && stated < maxTokens ? stated : Math.floor(maxTokens / 2);
  if (shorter < 1) return { kind: 'fail' };
  return {
    kind: 'shorten',
    maxTokens: shorter,
    ...(stated !== undefined && { outputLimitTokens: stated }),
  };
}

function shortenToFit(error: RefusalError, sent: SentPrompt, policy: RetryPolicy): NextStep | undefined {
  const { limitTokens, limitScope, inputTokens, requestedIsLowerBound } = error.refusal;
  if (limitTokens === undefined || inputTokens === undefined) return undefined;
  if (limitScope === 'input' || requestedIsLowerBound === true) return undefined;
  // Servers differ in whether the last token of the window may be used.
  const room = limitTokens - inputTokens - 16;
  if (room < Math.min(sent.maxTokens, worthwhileAnswer) || room >= sent.maxTokens) return undefined;
  return {
    kind: 'shorten',
    maxTokens: room,
    evidence: refusedEvidence(limitTokens, policy, 'named by a refusal'),
  };
}

function refitTo({ refusal }: RefusalError, sent: SentPrompt, policy: RetryPolicy): NextStep {
  const { limitTokens, limitScope } = refusal;
  const total = sent.promptTokens + sent.maxTokens;
  if (limitTokens === undefined) {
    const { tokens, detail } = assumeLimit(sent.evidence, total);
    return { kind: 'refit', evidence: refusedEvidence(tokens, policy, detail), errorBound: 0 };
  }
  const scope = limitScope === 'input' ? ' (of the prompt alone)' : '';
  const ratio = countRatio(refusal, sent);
  // In our own tokens, what the endpoint takes. Where its numbers do not explain the refusal, clearly less than was sent.
  const compared = limitScope === 'input' ? sent.promptTokens : total;
  const explained = ratio === 1 ? limitTokens : Math.floor((limitTokens / ratio) * 0.99);
  const usable = explained < compared ? explained : Math.floor(compared * 0.75);
  return {
    kind: 'refit',
    evidence: {
      ...refusedEvidence(limitTokens, policy, `named by a refusal${scope}`),
      ...(limitScope === 'input' && { maxInputTokens: limitTokens }),
    },
    errorBound: Math.max(0, 1 - usable / limitTokens),
  };
}

/** How many of the endpoint's tokens one of ours was; 1 where it does not say, or counts fewer. */
function countRatio(
  { inputTokens, requestedTokens, requestedIsLowerBound }: RefusalError['refusal'],
  { promptTokens, maxTokens }: SentPrompt,
): number {
  // "Requested" may be the prompt with or without the answer; with it is what most servers mean.
  const counted =
    inputTokens ?? (requestedTokens === undefined ? undefined : Math.max(0, requestedTokens - maxTokens));
  if (counted === undefined) return 1;
  const ratio = counted / promptTokens;
  return Math.max(1, requestedIsLowerBound === true && ratio > 1 ? ratio * 1.1 : ratio);
}

/** Where a refusal names no limit: the largest known number below what was sent, else half of that. */
function assumeLimit(evidence: readonly LimitEvidence[], sent: number): { tokens: number; detail: string } {
  const below = evidence.filter(e => e.tokens < sent && e.tokens >= sent / 4).map(e => e.tokens);
  const refused = `about ${sent} tokens were refused without naming the limit`;
  if (below.length > 0)
    return { tokens: Math.max(...below), detail: `${refused}; the next smaller number known is taken` };
  return { tokens: Math.floor(sent / 2), detail: `${refused}; half of that is assumed` };
}

function refusedEvidence(tokens: number, { now }: RetryPolicy, detail: string): LimitEvidence {
  return { source: 'refused', tokens, at: new Date(now).toISOString(), detail };
}
