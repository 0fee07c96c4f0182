import { hostOf } from '../endpoint/gates.ts';
import { mostItCosts } from '../endpoint/cost.ts';
import type { Price } from '../endpoint/price.ts';
import type { Endpoint } from '../endpoint/types.ts';
import type { Survey } from './prepareTypes.ts';

/** What the next prompt would be, in numbers; tokens are the endpoint's. */
export function budgetReport(surveyed: Survey, endpoint: Endpoint, price: Price | undefined) {
  const { plan, limit, budget, counter, inventory } = surveyed;
  const left = plan.files.filter(f => f.form === 'left-out');
  const promptTokens = promptTokensOf(surveyed);
  const { id, name = id, model } = endpoint.config;
  return {
    endpoint: { id, name, model, host: hostOf(endpoint) },
    limit: {
      tokens: limit.kind === 'known' ? limit.tokens : null,
      source: limit.kind === 'known' ? limit.source : null,
    },
    budget,
    counter,
    promptTokens,
    /** USD, with the longest answer and nothing cached; null where no price is known. */
    costAtMostUsd: price === undefined ? null : costAtMost(price, surveyed),
    files: plan.files.length,
    packedFiles: plan.files.length - left.length,
    skippedFiles: inventory.skips.length,
    leftOut: left.slice(0, 50).map(({ path, reason }) => ({ path, ...(reason !== undefined && { reason }) })),
    leftOutFiles: left.length,
    wantedTokens: plan.wantedTokens,
    largest: [...plan.files]
      .sort((a, b) => b.tokens - a.tokens)
      .slice(0, 10)
      .map(({ path, tokens, form }) => ({ path, tokens, form })),
  };
}

/** Tokens of the prompt as planned, before anything is rendered. */
export function promptTokensOf({ plan, tokens, images }: Pick<Survey, 'plan' | 'tokens' | 'images'>): number {
  return tokens.instructions + plan.tokens + (images?.tokens ?? 0) + tokens.question + tokens.turns;
}

export function costAtMost(
  price: Price,
  surveyed: Pick<Survey, 'plan' | 'tokens' | 'budget' | 'images'>,
): number {
  return mostItCosts(price, promptTokensOf(surveyed), surveyed.budget?.answer ?? 0);
}
