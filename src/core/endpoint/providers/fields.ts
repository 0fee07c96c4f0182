/** The value at a dotted path of untrusted JSON. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((v, key) => (v as Record<string, unknown> | null | undefined)?.[key], value);
}

/** Tokens: a whole number above 0, also as text (Azure, Cloudflare); 0 and negative ones mean "unknown" in lists. */
export function tokenCount(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Objects of an array; [] for what is no array. */
export function objects(value: unknown): object[] {
  return Array.isArray(value)
    ? value.filter((item): item is object => typeof item === 'object' && item !== null)
    : [];
}

/** Items of `{data: []}`, `{models: []}` or a bare array. */
export function listItems(body: unknown): object[] {
  return objects(Array.isArray(body) ? body : (at(body, 'data') ?? at(body, 'models')));
}

export function smallest(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter(n => n !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
