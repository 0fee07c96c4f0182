import { LongviewError } from '../errors.ts';
import type { Budget } from '../pack/types.ts';
import type { Answer } from './askTypes.ts';
import type { Prepared, WhenFull } from './prepareTypes.ts';
import { chatOverhead } from '../tokens/chatOverhead.ts';
import { answerText, laterQuestion, questionSegment, type Turn } from './prompt.ts';

/** Tokens of what is said, without what travels before the questions. */
export interface SaidTokens {
  /** The first question. */
  readonly question: number;
  /** Answers and questions after the first, with what the chat format adds around each. */
  readonly turns: number;
}

/** Counts a conversation as it is sent. `before` tells of the questions after the first which are framed. */
export async function countSaid(
  turns: readonly Turn[],
  question: string,
  count: (text: string) => Promise<number>,
  before: readonly (readonly Uint8Array[])[] = [],
): Promise<SaidTokens> {
  const [first, ...later] = [...turns.map(t => t.question), question];
  const questions = later.map((q, i) => laterQuestion(q, before[i + 1] ?? []));
  const texts = [...turns.map(t => answerText(t.answer)), ...questions];
  const counts = await Promise.all([questionSegment(first), ...texts].map(count));
  const [firstTokens = 0, ...others] = counts;
  // The reserve pays for them, so that the pack stays the same.
  const overhead = chatOverhead(2 + 2 * turns.length) - chatOverhead(2);
  return { question: firstTokens, turns: others.reduce((a, b) => a + b, 0) + overhead };
}

/** What an answered ask leaves in the next prompt of its conversation, beyond pack and first question; tokens. */
export function conversationTokens(
  { tokens, addition }: Pick<Prepared, 'tokens' | 'addition'>,
  { usage }: Pick<Answer, 'usage'>,
): number {
  return tokens.turns + addition.tokens + (usage.completionTokens ?? 0);
}

/** The conversation has outgrown its room; `choices` are what an ask may be told to do about it (`whenFull`). */
export class ConversationFull extends LongviewError {
  readonly choices: readonly WhenFull[];

  constructor(promptTokens: number, budget: Budget, choices: readonly WhenFull[]) {
    super(
      'conversation-full',
      `With this conversation the prompt takes ${promptTokens} tokens, and ${budget.answer + budget.margin} are kept for the answer and for what the count may be off; the context limit is ${budget.limit}.`,
      'Drop its oldest turns, or pack the workspace anew with less room for files; or start a new chat.',
    );
    this.name = 'ConversationFull';
    this.choices = choices;
  }
}
