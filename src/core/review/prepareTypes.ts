import type { EvidenceStore } from '../endpoint/evidenceStore.ts';
import type { ContextLimit, Endpoint, LimitEvidence } from '../endpoint/types.ts';
import type { PlanOptions } from '../pack/planWorkspace.ts';
import type { Steering } from '../pack/steering.ts';
import type { PackSink } from '../pack/render.ts';
import type { Budget, Pack, Plan } from '../pack/types.ts';
import type { Counting } from '../tokens/counting.ts';
import type {
  InventoryDeps,
  InventoryOptions,
  InventoryProgress,
  InventoryTimings,
} from '../workspace/inventory.ts';
import type { Inventory, WorkspaceFolder } from '../workspace/types.ts';
import type { Addition } from './additions.ts';
import type { SentTurn, Turn } from './prompt.ts';
import type { AttachedText, SentText } from './texts.ts';

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

/** As `takeInventory`, which serves where nobody keeps an inventory up to date. */
export type TakeInventory = (
  folders: readonly WorkspaceFolder[],
  options: InventoryOptions,
  deps: InventoryDeps,
) => Promise<{ readonly inventory: Inventory; readonly timings: InventoryTimings }>;

/** What to do when the conversation has outgrown its room; without it, the ask fails with the choices. */
export type WhenFull = 'fresh-pack' | 'drop-oldest';

/** A file of the workspace, or a selection of its lines (1-based, inclusive). */
export interface AttachedFile {
  readonly absolutePath: string;
  readonly startLine?: number;
  readonly endLine?: number;
}

export interface PrepareRequest {
  readonly folders: readonly WorkspaceFolder[];
  readonly trusted: boolean;
  /** Absolute paths of files Longview is about to write. */
  readonly ownOutputs?: readonly string[];
  /** Null: pack everything, against no limit. */
  readonly endpoint: Endpoint | null;
  /** Evidence from elsewhere, such as the CLI's `--limit`. */
  readonly evidence?: readonly LimitEvidence[];
  /** The limit, where it was gathered a moment ago: nobody is asked for it then. */
  readonly limit?: ContextLimit;
  /** What earlier asks learned of limits, and where this one keeps what it learns. */
  readonly store?: EvidenceStore;
  /** How the endpoint's tokens are found; by default what its model's name tells. */
  readonly counting?: Counting;
  readonly takeInventory?: TakeInventory;
  /** What the user wants of files and folders. */
  readonly steering?: Steering;
  /** Paths that are open in an editor, or selected: a fresh pack prefers them, a kept one stays as it is. */
  readonly open?: ReadonlySet<string>;
  /** Empty where only the pack is wanted. */
  readonly question: string;
  readonly turns?: readonly Turn[];
  /** What the user points at besides the question's words: it travels whole, where there is room. */
  readonly attached?: readonly AttachedFile[];
  /** What travels with the question and is no file of the workspace. */
  readonly texts?: readonly AttachedText[];
  /** True: packs anew, whatever is kept. */
  readonly fresh?: boolean;
  /** Takes the pack, which is not kept then: for who wants nothing but it. */
  readonly sink?: PackSink;
  readonly whenFull?: WhenFull;
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

/** All there is to know before anything is planned. */
export interface Basis {
  readonly endpoint: Endpoint | null;
  readonly inventory: Inventory;
  readonly limit: ContextLimit;
  /** Null where the endpoint's limit is unknown. */
  readonly budget: Budget | null;
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
  /** What travels with the question and is no file, cut to what there is room for. */
  readonly texts: readonly SentText[];
  readonly timings: PrepareTimings;
}

/** What a prompt would be: everything a gauge shows before anything is rendered or sent. */
export interface Survey extends Basis {
  readonly plan: Plan;
}

/** Why a kept pack gave way to a fresh one. */
export type RebaseReason =
  /** Changes since the pack would take `tokens`, and `room` is kept for them. */
  | { readonly kind: 'outgrown'; readonly tokens: number; readonly room: number }
  /** The user has left out files whose content it holds. */
  | { readonly kind: 'excluded'; readonly paths: readonly string[] }
  /** The context limit turned out to be smaller, or the count larger. */
  | { readonly kind: 'limit' }
  /** There is room now for files that had none, and no conversation to disturb. */
  | { readonly kind: 'more-room' }
  /** The user gave the conversation room that files had. */
  | { readonly kind: 'conversation' }
  | { readonly kind: 'asked' };

/** A prompt that is ready to be sent. */
export interface Prepared extends Survey {
  readonly budget: Budget;
  readonly pack: Pack;
  /** What travels between the pack and this question. */
  readonly addition: Addition;
  /** By path, the last segment of each file that came after the pack, in this ask or a turn before. */
  readonly overlaid: ReadonlyMap<string, Uint8Array>;
  /** Absolute paths of attached files that are no text file of the workspace. */
  readonly foreign: readonly string[];
  /** The turns that are sent, oldest first. */
  readonly turns: readonly SentTurn[];
  /** Oldest turns that are not sent, for want of room. */
  readonly droppedTurns: number;
  /** `kept`: byte for byte the pack of an earlier ask. */
  readonly packed: { readonly kind: 'fresh'; readonly rebased?: RebaseReason } | { readonly kind: 'kept' };
  /** Tokens of the whole prompt: instructions, pack, turns, question, and what changed since. */
  readonly promptTokens: number;
  /** The same by our own count, where the endpoint was asked and its word stands in `promptTokens`. */
  readonly ownTokens?: number;
}

/** One sentence for the user. */
export function describeRebase(reason: RebaseReason): string {
  switch (reason.kind) {
    case 'outgrown':
      return `The workspace was packed anew: what changed since the last pack takes ${reason.tokens} tokens, more than the ${reason.room} kept for it.`;
    case 'excluded':
      return `The workspace was packed anew, without what was left out since: ${reason.paths.slice(0, 3).join(', ')}${reason.paths.length > 3 ? ', …' : ''}.`;
    case 'limit':
      return 'The workspace was packed anew: the last pack is larger than what the endpoint takes.';
    case 'more-room':
      return 'The workspace was packed anew, because more of it fits now.';
    case 'conversation':
      return 'The workspace was packed anew, smaller, to make room for the conversation.';
    case 'asked':
      return 'The workspace was packed anew.';
  }
}

/** What planning needs of a request. */
export function planOptions(
  {
    settings,
    trusted,
    steering,
    open,
    signal,
  }: Pick<PrepareRequest, 'settings' | 'trusted' | 'steering' | 'open' | 'signal'>,
  room: number | null,
): PlanOptions {
  const { maxFileBytes } = settings;
  return {
    room,
    maxFileBytes,
    trusted,
    ...(steering && { steering }),
    ...(open && { open }),
    ...(signal && { signal }),
  };
}
