import { LongviewError } from '../errors.ts';
import type { Budget } from './types.ts';

export interface BudgetInput {
  /** The context limit in tokens; null packs everything. */
  readonly limit: number | null;
  /** Tokens wanted for the answer; a small window gives at most a quarter. */
  readonly answer: number;
  /** Tokens of the system message and of the chat format around all messages. */
  readonly instructions: number;
  /** Tokens of the question as written. */
  readonly question: number;
  /** Share of the limit kept for conversation and overlay, 0 to 0.5. */
  readonly reserveShare: number;
  /** Relative error bound of the counter, 0 where it is exact. */
  readonly errorBound: number;
  /** Tokens of the images that travel with the pack. */
  readonly images?: number;
}

/** A question up to this size (tokens) does not change the pack, so that the next one meets a cached prefix. */
const questionRoom = 1024;
const smallestRoom = 64;

/** DESIGN "budget". Throws `too-little-room` where nothing worth sending would fit. */
export function computeBudget(input: BudgetInput): Budget {
  const { limit, instructions, images = 0 } = input;
  if (limit === null) {
    return { limit, answer: 0, instructions: 0, question: 0, reserve: 0, margin: 0, room: null };
  }
  const answer = Math.min(input.answer, Math.floor(limit / 4));
  const question = questionSize(input.question, limit);
  const reserve = Math.floor(limit * input.reserveShare);
  const margin = Math.ceil(limit * input.errorBound);
  const room = limit - answer - instructions - question - reserve - margin - images;
  if (room < smallestRoom) {
    throw new LongviewError(
      'too-little-room',
      `The context limit of ${limit} tokens leaves ${Math.max(0, room)} tokens for files: the answer takes ${answer}, the instructions ${instructions}, the question ${question}, reserve and margin ${reserve + margin}${images > 0 ? `, images ${images}` : ''}.`,
      'Shorten the question, reserve less for the answer, or choose an endpoint with a larger window.',
    );
  }
  const budget = { limit, answer, instructions, question, reserve, margin, room };
  return images > 0 ? { ...budget, images } : budget;
}

/** The same with other images: what they take less is room for the pack. */
export function withImages({ images: before = 0, ...budget }: Budget, images: number): Budget {
  const room = budget.room === null ? null : budget.room + before - images;
  return images > 0 && budget.limit !== null ? { ...budget, room, images } : { ...budget, room };
}

/** Doubles until the question fits: sizes repeat, so packs do. A small window gives a sixteenth to start with. */
function questionSize(tokens: number, limit: number): number {
  let size = Math.max(64, Math.min(questionRoom, Math.floor(limit / 16)));
  while (size < tokens) size *= 2;
  return size;
}
