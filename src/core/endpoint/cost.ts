import { estimateCost, type Price } from './price.ts';
import type { Usage } from './types.ts';

/** USD of one reply; undefined where the price or the tokens are unknown. */
export function actualCost(price: Price | undefined, usage: Usage): number | undefined {
  if (price === undefined || usage.promptTokens === null || usage.completionTokens === null) return undefined;
  return estimateCost(price, {
    promptTokens: usage.promptTokens,
    cachedTokens: usage.cachedTokens ?? 0,
    completionTokens: usage.completionTokens,
  });
}
