import type { LimitEvidence, Usage } from '../endpoint/types.ts';
import type { ErrorCode } from '../errors.ts';
import type { Form } from '../pack/types.ts';
import type { Anchor } from './anchorTypes.ts';
import type { PromptSettings } from './prepare.ts';

/** Where a question was asked. */
export const surfaces = ['chat', 'document', 'tool'] as const;
export type Surface = (typeof surfaces)[number];

/** `running` entries whose process is gone are read as `interrupted`; it is never written. */
export const historyStates = ['running', 'done', 'incomplete', 'failed', 'cancelled', 'interrupted'] as const;
export type HistoryState = (typeof historyStates)[number];

/** What a list shows of an ask; it can be read without the answer. */
export interface HistoryHead {
  readonly id: string;
  /** ISO 8601, when it was asked. */
  readonly at: string;
  /** The question's beginning, on one line. */
  readonly title: string;
  readonly state: HistoryState;
  readonly surface: Surface;
  /** Never the key. */
  readonly endpoint: {
    readonly id: string;
    readonly name: string;
    readonly model: string;
    readonly host: string;
    readonly offline: boolean;
  };
  readonly anchors: { readonly total: number; readonly verified: number };
  /** Names question and answer, so that a follow-up finds the ask that it follows; '' until the answer is whole. */
  readonly turn: string;
  /** The ask that this one follows up. */
  readonly follows?: string;
  /** The process that writes, to tell `running` from `interrupted`. */
  readonly pid: number;
}

/** Finds lines again without keeping them: hashes of the first line and of all, white space around each left out. */
export interface LinesPrint {
  readonly first: string;
  readonly all: string;
}

/** An anchor as it was verified then. */
export interface HistoryAnchor extends Anchor {
  /** What a link replaces in the answer, UTF-16 units. */
  readonly offset: number;
  readonly length: number;
  /** SHA-256 of the file's bytes when it was verified, hex; absent where it could not be read. */
  readonly fileHash?: string;
  readonly lines?: LinesPrint;
}

/** How the pack came about: enough to tell whether today's would be the same. */
export interface PackRecipe {
  readonly sha256: string;
  readonly tokens: number;
  readonly bytes: number;
  readonly forms: Readonly<Partial<Record<Form, number>>>;
  readonly settings: PromptSettings;
  /** What was sent of images; absent where none were. */
  readonly images?: readonly {
    readonly path: string;
    /** At most. */
    readonly tokens: number;
    readonly bytes: number;
  }[];
  /** Names, not paths, with the git commit each was at. */
  readonly folders: readonly { readonly name: string; readonly commit?: string }[];
}

export interface HistoryEntry extends Omit<HistoryHead, 'anchors'> {
  readonly question: string;
  /** Turns that came before, whether or not they are in the history. */
  readonly earlierTurns: number;
  /** As the model wrote it, as far as it arrived. */
  readonly answer: string;
  readonly anchors: readonly HistoryAnchor[];
  /** Absent where the ask failed before it was known. */
  readonly limit?: { readonly tokens: number | null; readonly evidence: readonly LimitEvidence[] };
  readonly promptTokens?: number;
  readonly pack?: PackRecipe;
  readonly usage?: Usage;
  readonly costUsd?: number;
  readonly finishReason?: string;
  /** Milliseconds. */
  readonly timings?: { readonly firstToken: number | null; readonly total: number };
  readonly failure?: {
    readonly code: ErrorCode | 'unknown';
    readonly message: string;
    readonly remedy: string;
  };
}
