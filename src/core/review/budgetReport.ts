import { reasonOf } from '../pack/describeFile.ts';
import { hostOf } from '../endpoint/gates.ts';
import { mostItCosts } from '../endpoint/cost.ts';
import type { Price } from '../endpoint/price.ts';
import type { Endpoint } from '../endpoint/types.ts';
import type { PlannedFile } from '../pack/types.ts';
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
    leftOut: left.slice(0, 50).map(file => {
      const reason = reasonOf(file);
      return { path: file.path, ...(reason !== undefined && { reason }) };
    }),
    leftOutFiles: left.length,
    wantedTokens: plan.wantedTokens,
    largest: largestOf(plan.files).map(({ path, tokens, form }) => ({ path, tokens, form })),
  };
}

const mostLargest = 10;

/** Nobody waits until 100,000 files are sorted for ten of them. */
function largestOf(files: readonly PlannedFile[]): PlannedFile[] {
  const largest: PlannedFile[] = [];
  for (const file of files) {
    if (largest.length === mostLargest && file.tokens <= (largest.at(-1)?.tokens ?? 0)) continue;
    const above = largest.findLastIndex(other => other.tokens >= file.tokens);
    largest.splice(above + 1, 0, file);
    largest.length = Math.min(largest.length, mostLargest);
  }
  return largest;
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
