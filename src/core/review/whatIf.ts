import { LongviewError } from '../errors.ts';
import type { WhatIf } from '../pack/budgetMap.ts';
import { inTurns, pacer } from '../pace.ts';
import { computeBudget } from '../pack/budget.ts';
import { countingMeasurer } from '../pack/countingMeasurer.ts';
import { imageShare } from '../pack/images.ts';
import { whatIfOf } from '../pack/mapOf.ts';
import type { Measurer } from '../pack/measurer.ts';
import { planWorkspace } from '../pack/planWorkspace.ts';
import type { Budget, Plan } from '../pack/types.ts';
import { planOptions, type PrepareRequest, type Survey } from './prepareTypes.ts';

/** What a survey was asked for, as far as its plan depends on it. */
export type PlanRequest = Pick<
  PrepareRequest,
  'settings' | 'trusted' | 'steering' | 'selection' | 'open' | 'signal'
>;

/**
 * The plan if the window had `limit` tokens, with the same shares kept for everything else. No file is counted again;
 * outlines that only this plan wants are made, once. Throws `signal.reason`.
 */
export async function whatIf(
  request: PlanRequest,
  { inventory, plan, tokens, counter, counting, images }: Survey,
  limit: number,
  workers: Measurer,
): Promise<WhatIf> {
  const { answerTokens, reserveShare } = request.settings;
  let other: { readonly plan: Plan; readonly budget: Budget } | null = null;
  try {
    const budget = computeBudget({
      limit,
      answer: answerTokens,
      instructions: tokens.instructions,
      question: tokens.question,
      reserveShare,
      errorBound: counter.errorBound,
      images: Math.min(images?.tokens ?? 0, Math.floor(limit * imageShare)),
    });
    // The plan of the real window is remembered by its list of files, and must stay so.
    const copy = { ...inventory, files: [...inventory.files] };
    const options = planOptions(request, budget.room);
    other = { plan: await planWorkspace(copy, options, countingMeasurer(workers, counting)), budget };
  } catch (error) {
    if (!(error instanceof LongviewError) || error.code !== 'too-little-room') throw error;
  }
  return inTurns(whatIfOf(plan, limit, other), pacer(request.signal));
}
