import { gatherEvidence, resolveLimit } from '../endpoint/limit.ts';
import type { ContextLimit, Endpoint, LimitEvidence } from '../endpoint/types.ts';
import { LongviewError } from '../errors.ts';
import { computeBudget } from '../pack/budget.ts';
import type { Measurer } from '../pack/measurer.ts';
import { packWorkspace } from '../pack/packWorkspace.ts';
import type { Budget, Pack, Plan } from '../pack/types.ts';
import { takeInventory, type InventoryProgress } from '../workspace/inventory.ts';
import type { Inventory, WorkspaceFolder } from '../workspace/types.ts';
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
  /** Null: pack everything, against no limit. */
  readonly endpoint: Endpoint | null;
  /** Evidence from elsewhere, such as the CLI's `--limit`. */
  readonly evidence?: readonly LimitEvidence[];
  /** Empty where only the pack is wanted. */
  readonly question: string;
  readonly turns?: readonly Turn[];
  readonly settings: PromptSettings;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PrepareProgress) => void;
}

export type PrepareProgress = InventoryProgress | { readonly kind: 'limit' } | { readonly kind: 'packing' };

/** CPU or wall milliseconds of each stage. */
export interface PrepareTimings {
  readonly list: number;
  readonly read: number;
  readonly count: number;
  readonly plan: number;
  readonly render: number;
}

/** A prompt that is ready to be sent, and everything a user may want to know about it before. */
export interface Prepared {
  readonly inventory: Inventory;
  readonly limit: ContextLimit;
  readonly budget: Budget;
  readonly plan: Plan;
  readonly pack: Pack;
  readonly counter: { readonly id: string; readonly exact: boolean };
  /** Tokens of the whole prompt: instructions, pack, turns, question. */
  readonly promptTokens: number;
  readonly timings: PrepareTimings;
}

/** How far o200k is off for another vocabulary at worst, whole repositories (reference/tokenizer.md 3). */
const estimateError = 0.025;

/** Inventory, limit, budget, plan, pack. Throws `limit-unknown` where there is an endpoint but no limit. */
export async function prepare(request: PrepareRequest, measurer: Measurer): Promise<Prepared> {
  const { endpoint, settings, signal, onProgress } = request;
  const cancel = signal === undefined ? {} : { signal };
  const [{ inventory: taken, timings }, limit] = await Promise.all([
    takeInventory(
      request.folders,
      { maxFileBytes: settings.maxFileBytes, trusted: request.trusted, ...cancel, ...(onProgress && { onProgress }) },
      (files, options) => measurer.measure(files, options),
    ),
    endpoint === null
      ? resolveLimit(request.evidence ?? [])
      : gatherEvidence(endpoint, signal).then(found => resolveLimit([...found, ...(request.evidence ?? [])])),
  ]);
  if (endpoint !== null && limit.kind === 'unknown') throw limitUnknown(endpoint);
  const exact = endpoint === null || endpoint.kind === 'offline';
  const turns = request.turns ?? [];
  const count = (text: string) => measurer.count(text, signal);
  const [first, ...later] = [...turns.map(t => t.question), request.question];
  const questionTokens = await count(questionSegment(first ?? ''));
  const laterTokens = await count([...turns.map(t => t.answer), ...later].join('\n'));
  const instructionTokens = (await count(instructions)) + chatOverhead(2 + 2 * turns.length);
  // From the first question alone: what comes later uses the reserve, so that the pack stays the same prefix.
  const budget = computeBudget({
    limit: limit.kind === 'known' ? limit.tokens : null,
    answer: Math.min(settings.answerTokens, endpoint?.config.maxOutputTokens ?? Infinity),
    instructions: instructionTokens,
    question: questionTokens,
    reserveShare: settings.reserveShare,
    errorBound: exact ? 0 : estimateError,
  });
  onProgress?.({ kind: 'packing' });
  const packed = await packWorkspace(
    taken,
    { room: budget.room, maxFileBytes: settings.maxFileBytes, ...cancel },
    measurer,
  );
  const promptTokens = instructionTokens + packed.pack.tokens + questionTokens + laterTokens;
  if (budget.limit !== null && promptTokens + budget.answer > budget.limit) throw conversationFull(promptTokens, budget);
  return {
    inventory: packed.inventory,
    limit,
    budget,
    plan: packed.plan,
    pack: packed.pack,
    counter: { id: measurer.counterId, exact },
    promptTokens,
    timings: { ...timings, ...packed.timings },
  };
}

function limitUnknown(endpoint: Endpoint): LongviewError {
  const name = endpoint.config.name ?? endpoint.config.id;
  return new LongviewError(
    'limit-unknown',
    `The context limit of ${name} is unknown: its model list does not tell it, so nothing was sent.`,
    'Give its "contextLimit" in the endpoint’s settings (CLI: --limit N; "longview limit" shows what is known).',
  );
}

function conversationFull(promptTokens: number, budget: Budget): LongviewError {
  return new LongviewError(
    'over-limit',
    `With this conversation the prompt takes ${promptTokens} tokens, and ${budget.answer} are kept for the answer; the context limit is ${budget.limit}.`,
    'Start a new chat, which packs the workspace afresh without the earlier turns.',
  );
}
