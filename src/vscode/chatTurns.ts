import * as vscode from 'vscode';

import type { CommandName } from '../core/review/commands.ts';
import type { Followup } from '../core/review/followups.ts';
import type { Turn } from '../core/review/prompt.ts';
import { chat } from './ids.ts';

/** Kept with every answer in Chat: what a follow-up has to tell the endpoint again, and what to suggest next. */
export interface TurnMetadata {
  /** The question as it was sent. Absent where nothing was asked. */
  readonly turn?: Turn;
  readonly command?: CommandName;
  /** The conversation begins anew with this turn. */
  readonly fresh?: true;
  readonly followups?: readonly Followup[];
  /** Turns at the conversation's beginning that are no longer sent, because the user chose so. */
  readonly dropped?: number;
}

export interface Conversation {
  readonly turns: readonly Turn[];
  /** True where the user asked for a fresh pack and nothing was packed since. */
  readonly fresh: boolean;
  /** Turns at its beginning that are not among `turns`, because the user chose so. */
  readonly dropped: number;
}

/** The earlier turns of this chat that Longview answered, since the last `/fresh`. */
export function conversationOf({ history }: vscode.ChatContext): Conversation {
  let turns: Turn[] = [];
  let fresh = false;
  let dropped = 0;
  for (const said of history) {
    if (!(said instanceof vscode.ChatResponseTurn) || said.participant !== chat.participant) continue;
    const { turn, fresh: anew, dropped: gone } = metadataOf(said.result);
    if (anew === true) {
      turns = [];
      dropped = 0;
      fresh = turn === undefined;
    }
    if (gone !== undefined && anew !== true) dropped = gone;
    if (turn === undefined) continue;
    fresh = false;
    if (turn.answer !== '') turns.push(turn);
  }
  return { turns: turns.slice(dropped), fresh, dropped };
}

/** What another version, or another hand, has written is read as far as it makes sense. */
export function metadataOf({ metadata }: vscode.ChatResult): TurnMetadata {
  const { turn, command, fresh, followups, dropped } = (metadata ?? {}) as Partial<
    Record<keyof TurnMetadata, unknown>
  >;
  const { question, answer } = (turn ?? {}) as { question?: unknown; answer?: unknown };
  return {
    ...(typeof question === 'string' && typeof answer === 'string' && { turn: { question, answer } }),
    ...(typeof command === 'string' && { command: command as CommandName }),
    ...(fresh === true && { fresh }),
    ...(typeof dropped === 'number' && Number.isInteger(dropped) && dropped >= 0 && { dropped }),
    ...(Array.isArray(followups) && { followups: followups.filter(isFollowup) }),
  };
}

function isFollowup(value: unknown): value is Followup {
  const { label, prompt, command } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof label === 'string' &&
    typeof prompt === 'string' &&
    (command === undefined || typeof command === 'string')
  );
}
