/** One reply: what we counted of the prompt that was sent, and what the endpoint says it read. Tokens. */
export interface RatioSample {
  readonly counted: number;
  readonly used: number;
  /** Unix time in ms. */
  readonly at: number;
}

export interface LearnedRatio {
  /** The endpoint's tokens per counted one. */
  readonly ratio: number;
  /** The next prompt is expected within this share of `ratio`, either way. */
  readonly errorBound: number;
  readonly samples: number;
}

/** So many of the latest replies say what a ratio is. */
export const keptSamples = 20;
/** Below, an endpoint's own system prompt or template weighs more than its vocabulary. Tokens. */
const smallest = 500;
/** No vocabulary of a served model is this far from o200k on code; a prompt that was cut in silence is. */
const plausible = { least: 0.6, most: 4 };
/** Two prompts of one workspace differ this much even where the vocabulary is the same. */
const leastBound = 0.01;

/** Why a reply teaches nothing about the vocabulary; undefined where it does. */
export function whyIgnored({ counted, used }: Pick<RatioSample, 'counted' | 'used'>): string | undefined {
  if (used <= 0) return 'the endpoint reported no prompt tokens';
  if (counted < smallest) return 'the prompt was too small to tell the vocabulary from the chat template';
  if (used / counted < plausible.least) return 'the endpoint read far less than was sent';
  if (used / counted > plausible.most) return 'the endpoint’s number is beyond belief';
  return undefined;
}

/**
 * The median of the latest replies, large prompts weighing more, and its spread (median absolute deviation): one
 * odd reply moves neither. `prior` is the error bound without any reply; it fades as replies come in. Undefined
 * without replies.
 */
export function learnRatio(samples: readonly RatioSample[], prior: number): LearnedRatio | undefined {
  const latest = samples.filter(s => whyIgnored(s) === undefined).slice(-keptSamples);
  if (latest.length === 0) return undefined;
  const weighted = latest.map(s => ({ value: s.used / s.counted, weight: Math.sqrt(s.counted) }));
  const ratio = weightedMedian(weighted);
  const deviation = weightedMedian(
    weighted.map(({ value, weight }) => ({ value: Math.abs(value - ratio) / ratio, weight })),
  );
  // 1.4826 deviations are one standard deviation of a normal spread; three of them bound it.
  const errorBound = Math.max(leastBound, 3 * 1.4826 * deviation, prior / (latest.length + 1));
  return { ratio, errorBound, samples: latest.length };
}

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

function weightedMedian(values: readonly Weighted[]): number {
  const sorted = [...values].sort((a, b) => a.value - b.value);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let below = 0;
  for (const [i, { value, weight }] of sorted.entries()) {
    below += weight;
    // Exactly half below and half above: between the two, so that two replies of one size count alike.
    if (below === half) return (value + (sorted[i + 1]?.value ?? value)) / 2;
    if (below > half) return value;
  }
  return sorted.at(-1)?.value ?? 1;
}
