/** USD per million tokens. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  /** Prompt tokens that met the provider's cache; absent: they cost as much as others. */
  readonly cachedInput?: number;
}

export interface Price extends Rates {
  /** Surcharges: from this many prompt tokens on, these rates hold for the whole request. */
  readonly longContext?: readonly (Rates & { readonly fromPromptTokens: number })[];
  /** Where it was read, e.g. `/v1/models pricing`, or `entered`. */
  readonly source: string;
}

export interface TokensUsed {
  readonly promptTokens: number;
  /** Part of `promptTokens`. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** USD. Before sending, take no cached tokens and the whole answer's room: the most that it can cost. */
export function estimateCost(price: Price, used: TokensUsed): number {
  const surcharge = (price.longContext ?? [])
    .filter(tier => used.promptTokens >= tier.fromPromptTokens)
    .reduce<(Rates & { fromPromptTokens: number }) | undefined>(
      (a, b) => (a === undefined || b.fromPromptTokens > a.fromPromptTokens ? b : a),
      undefined,
    );
  const rates: Rates = surcharge ?? price;
  const cached = Math.min(used.cachedTokens, used.promptTokens);
  const micro =
    (used.promptTokens - cached) * rates.input +
    cached * (rates.cachedInput ?? rates.input) +
    used.completionTokens * rates.output;
  return micro / 1e6;
}

/** Where a list keeps its prices, and in which unit. */
export interface PriceFields {
  readonly input: string;
  readonly output: string;
  readonly cachedInput?: string;
  readonly per: 'token' | 'million';
  /** 0 means free; elsewhere 0 for both means that nothing is stated. */
  readonly zeroIsFree?: true;
}

/** A price as lists write it: number or decimal text; negative ("varies") and nonsense are no price. */
export function usd(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** Undefined where the holder states no price for prompt and answer. */
export function readRates(get: (path: string) => unknown, fields: PriceFields): Rates | undefined {
  const rate = (path: string | undefined) => {
    const value = path === undefined ? undefined : usd(get(path));
    // Twelve digits undo what binary fractions do to 0.0000001 × 1,000,000.
    return value === undefined
      ? undefined
      : Number((value * (fields.per === 'token' ? 1e6 : 1)).toPrecision(12));
  };
  const [input, output, cachedInput] = [rate(fields.input), rate(fields.output), rate(fields.cachedInput)];
  if (input === undefined || output === undefined) return undefined;
  if (input === 0 && output === 0 && fields.zeroIsFree !== true) return undefined;
  return { input, output, ...(cachedInput !== undefined && { cachedInput }) };
}

/** A price as JSON keeps it; undefined for anything else. */
export function parsePrice(value: unknown): Price | undefined {
  const rates = parseRates(value);
  const { source, longContext } = (value ?? {}) as Record<string, unknown>;
  if (rates === undefined || typeof source !== 'string') return undefined;
  const tiers = (Array.isArray(longContext) ? longContext : []).flatMap((tier: unknown) => {
    const own = parseRates(tier);
    const from = usd((tier as { fromPromptTokens?: unknown } | null)?.fromPromptTokens);
    return own === undefined || from === undefined ? [] : [{ ...own, fromPromptTokens: from }];
  });
  return { ...rates, ...(tiers.length > 0 && { longContext: tiers }), source };
}

function parseRates(value: unknown): Rates | undefined {
  const get = (name: string) => (value as Record<string, unknown> | null | undefined)?.[name];
  return readRates(get, {
    input: 'input',
    output: 'output',
    cachedInput: 'cachedInput',
    per: 'million',
    zeroIsFree: true,
  });
}
