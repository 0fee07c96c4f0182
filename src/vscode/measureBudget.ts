/** `500000`, `500,000` tokens, or `$0.50` at `rate` USD per token. Undefined for anything else. */
export function readBudget(text: string, rate: number | undefined): number | undefined {
  const [, dollar, digits = ''] = /^(\$)?\s*([\d,_ ]*\.?\d+)$/.exec(text.trim()) ?? [];
  const value = Number(digits.replace(/[,_ ]/g, ''));
  if (digits === '' || !Number.isFinite(value) || value <= 0) return undefined;
  if (dollar === undefined) return Number.isSafeInteger(value) ? value : undefined;
  // What costs nothing is bounded by no amount.
  return rate === undefined || rate === 0 ? undefined : Math.floor(value / rate);
}
