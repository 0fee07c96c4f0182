import { estimateCost, type Price } from './price.ts';
import type { Usage } from './types.ts';

/** USD of one reply: what the endpoint says it charged, else tokens times price; undefined where neither is known. */
export function actualCost(price: Price | undefined, usage: Usage): number | undefined {
  if (usage.costUsd !== undefined) return usage.costUsd;
  if (price === undefined || usage.promptTokens === null || usage.completionTokens === null) return undefined;
  return estimateCost(price, {
    promptTokens: usage.promptTokens,
    cachedTokens: usage.cachedTokens ?? 0,
    completionTokens: usage.completionTokens,
  });
}
