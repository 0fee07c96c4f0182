import type { EvidenceStore } from './evidenceStore.ts';
import { estimateCost, type Price } from './price.ts';
import type { Endpoint, Usage } from './types.ts';

/** The user's own price, else the one the endpoint told last; undefined where neither is known. */
export async function priceOf({ config }: Endpoint, store: EvidenceStore): Promise<Price | undefined> {
  return config.price === undefined ? store.price(config) : { ...config.price, source: 'entered' };
}

/** USD that a prompt costs at most: nothing of it comes from a cache, and the answer takes all of its room. */
export function mostItCosts(price: Price, promptTokens: number, answerTokens: number): number {
  return estimateCost(price, { promptTokens, cachedTokens: 0, completionTokens: answerTokens });
}

/** USD that one token costs at most, whatever it is part of; undefined where no price is known. */
export function pricePerToken(price: Price | undefined): number | undefined {
  if (price === undefined) return undefined;
  const tiers = [price, ...(price.longContext ?? [])];
  return Math.max(...tiers.flatMap(({ input, output }) => [input, output])) / 1e6;
}

/** `$0.42`; more digits where it is little. */
export function dollars(usd: number): string {
  return `$${usd.toFixed(usd >= 1 || usd === 0 ? 2 : usd >= 0.01 ? 3 : 5)}`;
}

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
