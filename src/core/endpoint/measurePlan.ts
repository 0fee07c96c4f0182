import { LongviewError } from '../errors.ts';

/** Where to look for the limit. All in tokens of the endpoint, of prompt and answer together. */
export interface MeasureRange {
  /** Believed to be accepted. */
  readonly low: number;
  /** Not looked beyond. */
  readonly high: number;
  /** How far apart accepted and refused may be in the end, as a share of the limit. */
  readonly precision: number;
}

export const defaultPrecision = 0.01;

/** The first two requests: they show how the endpoint counts, and whether the model repeats the canaries. */
export const firstTokens = 250;
export const controlTokens = 1000;
/** What a request that asks for the canaries may answer; any other asks for one token. */
export const canaryTokens = 24;

/** What measuring costs at worst, told before anything is sent. */
export interface MeasurePlan {
  readonly requests: number;
  /** Tokens of all prompts and answers together, refused ones included. */
  readonly tokens: number;
}

/** The size between that halves the ratio: a limit may be anywhere between 4,000 and 10 million. */
export function between(low: number, high: number): number {
  return Math.floor(Math.sqrt(low * high));
}

/** Prompts are made of whole lines, so smaller differences cannot be told. */
const finest = 32;

export function isNarrow(low: number, high: number, precision: number): boolean {
  return high <= low * (1 + precision) || high - low <= finest;
}

/**
 * Worst: the largest size is refused without a number, every smaller one is accepted, the last is sent once more and
 * the model turns out not to have seen it all, so that everything is looked for again by canaries. Throws `bad-usage` for a range that is none.
 */
export function planMeasurement({ low, high, precision }: MeasureRange): MeasurePlan {
  if (!(low >= controlTokens && high > low && precision > 0)) {
    throw new LongviewError(
      'bad-usage',
      `A limit cannot be looked for between ${low} and ${high} tokens.`,
      `Give at least ${controlTokens} as the lower end, and more as the upper.`,
    );
  }
  let accepted = low;
  let requests = 1;
  let tokens = high;
  while (!isNarrow(accepted, high, precision)) {
    accepted = Math.max(between(accepted, high), accepted + 1);
    requests++;
    tokens += accepted;
  }
  return {
    requests: 2 + 2 * requests,
    tokens: firstTokens + controlTokens + 2 * tokens + (2 + 2 * requests) * canaryTokens,
  };
}
