export interface Found<T> {
  readonly hits: readonly T[];
  /** How many there are in all. */
  readonly total: number;
}

/**
 * Paths that hold every word of a query, whatever its case: those with the words in the file's name first, then shorter
 * paths. Everything where there is no word.
 */
export function findFiles<T extends { readonly path: string; readonly name: string }>(
  items: Iterable<T>,
  query: string,
  most: number,
): Found<T> {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
  const found: { readonly item: T; readonly rank: number }[] = [];
  for (const item of items) {
    const path = item.path.toLowerCase();
    if (!words.every(word => path.includes(word))) continue;
    const name = item.name.toLowerCase();
    const inName = words.filter(word => name.includes(word)).length;
    const starts = words.some(word => name.startsWith(word)) ? 1 : 0;
    found.push({ item, rank: 1000 * (2 * inName + starts) - Math.min(999, path.length) });
  }
  if (words.length > 0) found.sort((a, b) => b.rank - a.rank || (a.item.path < b.item.path ? -1 : 1));
  return { hits: found.slice(0, most).map(f => f.item), total: found.length };
}
