/** A whole number with commas: `1,234,567`. `Intl` does it, too, and takes 15 ms until it can. */
export function grouped(value: number): string {
  if (!Number.isSafeInteger(value)) return value.toLocaleString('en-US');
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}
