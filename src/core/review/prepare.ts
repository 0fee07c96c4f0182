import { performance } from 'node:perf_hooks';

import type { EvidenceStore } from '../endpoint/evidenceStore.ts';
import { gatherEvidence, resolveLimit } from '../endpoint/limit.ts';
import type { ContextLimit, Endpoint, LimitEvidence } from '../endpoint/types.ts';
import { LongviewError } from '../errors.ts';
import { computeBudget } from '../pack/budget.ts';
import { countingMeasurer, errorBoundOf, traitsOf } from '../pack/countingMeasurer.ts';
import type { Measurer } from '../pack/measurer.ts';
import { packWorkspace, planWithFrames } from '../pack/packWorkspace.ts';
import type { Budget, Pack, Plan } from '../pack/types.ts';
import type { Counting } from '../tokens/counting.ts';
import { takeInventory, type InventoryProgress } from '../workspace/inventory.ts';
import type { Inventory, WorkspaceFolder } from '../workspace/types.ts';
import { countingFor } from './counting.ts';
import { chatOverhead, instructions, questionSegment, type Turn } from './prompt.ts';

/** Settings that shape a prompt. */
export interface PromptSettings {
  readonly maxFileBytes: number;
  /** Tokens wanted for the answer. */
  readonly answerTokens: number;
  /** Share of the limit kept for conversation and overlay. */
  readonly reserveShare: number;
}

export const defaultPromptSettings: PromptSettings = {
  maxFileBytes: 10 * 1024 * 1024,
  answerTokens: 8192,
  reserveShare: 0.05,
};

export interface PrepareRequest {
  readonly folders: readonly WorkspaceFolder[];
  readonly trusted: boolean;
  /** Absolute paths of files Longview is about to write. */
  readonly ownOutputs?: readonly string[];
  /** Null: pack everything, against no limit. */
  readonly endpoint: Endpoint | null;
  /** Evidence from elsewhere, such as the CLI's `--limit`. */
  readonly evidence?: readonly LimitEvidence[];
  /** What earlier asks learned of limits, and where this one keeps what it learns. */
  readonly store?: EvidenceStore;
  /** How the endpoint's tokens are found; by default what its model's name tells. */
  readonly counting?: Counting;
  /** Empty where only the pack is wanted. */
  readonly question: string;
  readonly turns?: readonly Turn[];
  readonly settings: PromptSettings;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PrepareProgress) => void;
}

export type PrepareProgress = InventoryProgress | { readonly kind: 'packing' };

/** CPU or wall milliseconds of each stage. */
export interface PrepareTimings {
  readonly list: number;
  readonly read: number;
  readonly scan: number;
  readonly count: number;
  readonly plan: number;
  readonly render: number;
}

/** What a prompt would be: everything a gauge shows before anything is rendered or sent. */
export interface Survey {
  readonly endpoint: Endpoint | null;
  readonly inventory: Inventory;
  readonly limit: ContextLimit;
  /** Null where the endpoint's limit is unknown. */
  readonly budget: Budget | null;
  readonly plan: Plan;
  /** What counted, and how far the endpoint's own count may be from it, as a share; all tokens here are the endpoint's. */
  readonly counter: {
    readonly id: string;
    readonly exact: boolean;
    readonly errorBound: number;
    /** For the user: how it was counted, and why not otherwise. */
    readonly note: string;
  };
  readonly counting: Counting;
  readonly tokens: {
    /** The system message and the chat format. */
    readonly instructions: number;
    /** The first question. */
    readonly question: number;
    /** Answers and questions after the first. */
    readonly turns: number;
  };
  readonly timings: PrepareTimings;
}

/** A prompt that is ready to be sent. */
export interface Prepared extends Survey {
  readonly budget: Budget;
  readonly pack: Pack;
  /** Tokens of the whole prompt: instructions, pack, turns, question. */
  readonly promptTokens: number;
  /** The same by our own count, where the endpoint was asked and its word stands in `promptTokens`. */
  readonly ownTokens?: number;
}

/** Inventory, limit, budget and plan, without rendering. */
export async function survey(request: PrepareRequest, workers: Measurer): Promise<Survey> {
  const { endpoint, settings, signal, onProgress } = request;
  const counting = request.counting ?? countingFor(endpoint);
  const measurer = countingMeasurer(workers, counting);
  const cancel = signal === undefined ? {} : { signal };
  const [{ inventory, timings }, limit] = await Promise.all([
    takeInventory(
      request.folders,
      {
        maxFileBytes: settings.maxFileBytes,
        trusted: request.trusted,
        ...(request.ownOutputs && { ownOutputs: request.ownOutputs }),
        ...cancel,
        ...(onProgress && { onProgress }),
      },
      measurer,
    ),
    endpoint === null
      ? resolveLimit(request.evidence ?? [])
      : gatherEvidence(endpoint, signal, request.evidence, {
          now: () => new Date(),
          ...(request.store && { store: request.store }),
        }).then(resolveLimit),
  ]);
  const errorBound = errorBoundOf(
    counting,
    inventory.files.map(f => ({ ...f, traits: traitsOf(f) })),
  );
  const turns = request.turns ?? [];
  const count = (text: string) => measurer.count(text, signal);
  const [first, ...later] = [...turns.map(t => t.question), request.question];
  const tokens = {
    instructions: (await count(instructions)) + chatOverhead(2),
    question: await count(questionSegment(first)),
    // With what the chat format adds around each: the reserve pays for them, so that the pack stays the same.
    turns:
      (await count([...turns.map(t => t.answer), ...later].join('\n'))) +
      (chatOverhead(2 + 2 * turns.length) - chatOverhead(2)),
  };
  const budget = budgetFor(request, limit, tokens, errorBound);
  const start = performance.now();
  const plan = await planWithFrames(inventory, { room: budget?.room ?? null, ...cancel }, measurer);
  const counter = { id: measurer.counterId, exact: counting.exact, errorBound, note: counting.note };
  const planMs = performance.now() - start;
  return {
    endpoint,
    inventory,
    limit,
    budget,
    plan,
    counter,
    counting,
    tokens,
    timings: { ...timings, plan: planMs, render: 0 },
  };
}

/** From the first question alone: what comes later uses the reserve, so that the pack stays the same prefix. */
function budgetFor(
  { endpoint, settings }: PrepareRequest,
  limit: ContextLimit,
  tokens: Survey['tokens'],
  errorBound: number,
): Budget | null {
  if (endpoint !== null && limit.kind === 'unknown') return null;
  const { maxInputTokens, maxOutputTokens = Infinity } = limit;
  const wanted = Math.min(
    settings.answerTokens,
    endpoint?.config.maxOutputTokens ?? Infinity,
    maxOutputTokens,
  );
  // A limit of the prompt alone: the window is as large as it and the answer together, the answer a quarter at most.
  const answer = maxInputTokens === undefined ? wanted : Math.min(wanted, Math.floor(maxInputTokens / 3));
  const parts = maxInputTokens === undefined ? Infinity : maxInputTokens + answer;
  return computeBudget({
    limit: limit.kind === 'known' ? Math.min(limit.tokens, parts) : null,
    answer,
    instructions: tokens.instructions,
    question: tokens.question,
    reserveShare: settings.reserveShare,
    errorBound,
  });
}

/** A survey with its pack. Throws `limit-unknown` where there is an endpoint but no limit, `over-limit`, and more. */
export async function prepare(request: PrepareRequest, measurer: Measurer): Promise<Prepared> {
  return packSurvey(request, await survey(request, measurer), measurer);
}

/** What a refusal taught; see `nextStep`. */
export interface Learned {
  readonly evidence: LimitEvidence;
  /** By how much our count may be below the endpoint's, as a share of the limit. */
  readonly errorBound: number;
}

/** The same inventory, planned and packed anew for what a refusal taught. Throws what {@link prepare} throws. */
export async function refit(
  request: PrepareRequest,
  refused: Prepared,
  { evidence, errorBound }: Learned,
  measurer: Measurer,
): Promise<Prepared> {
  const limit = resolveLimit([...refused.limit.evidence, evidence]);
  const bound = Math.max(refused.counter.errorBound, errorBound);
  const budget = budgetFor(request, limit, refused.tokens, bound);
  return packSurvey(request, { ...refused, limit, budget }, measurer);
}

async function packSurvey(request: PrepareRequest, surveyed: Survey, workers: Measurer): Promise<Prepared> {
  const { budget, counting, tokens, timings } = surveyed;
  if (budget === null) throw limitUnknown(request.endpoint);
  request.onProgress?.({ kind: 'packing' });
  const { maxFileBytes } = request.settings;
  const packed = await packWorkspace(
    surveyed.inventory,
    { room: budget.room, maxFileBytes, ...(request.signal && { signal: request.signal }) },
    countingMeasurer(workers, counting),
  );
  const promptTokens = tokens.instructions + packed.pack.tokens + tokens.question + tokens.turns;
  if (budget.limit !== null && promptTokens + budget.answer + budget.margin > budget.limit)
    throw conversationFull(promptTokens, budget);
  return {
    ...surveyed,
    ...packed,
    budget,
    promptTokens,
    timings: { ...timings, plan: timings.plan + packed.timings.plan, render: packed.timings.render },
  };
}

/** Nothing is sent over an unknown limit. */
export function limitUnknown(endpoint: Endpoint | null): LongviewError {
  const name = endpoint?.config.name ?? endpoint?.config.id ?? 'the endpoint';
  return new LongviewError(
    'limit-unknown',
    `The context limit of ${name} is unknown: its model list does not tell it, so nothing was sent.`,
    'Give its "contextLimit" in the endpoint’s settings (CLI: --limit N; "longview limit" shows what is known).',
  );
}

function conversationFull(promptTokens: number, budget: Budget): LongviewError {
  return new LongviewError(
    'over-limit',
    `With this conversation the prompt takes ${promptTokens} tokens, and ${budget.answer + budget.margin} are kept for the answer and for what the count may be off; the context limit is ${budget.limit}.`,
    'Start a new chat, which packs the workspace afresh without the earlier turns.',
  );
}
