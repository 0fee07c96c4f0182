export interface Found<T> {
  readonly hits: readonly T[];
  /** How many there are in all. */
  readonly total: number;
}

/** Something that can be found by its path, prepared once for many queries. */
export interface Findable<T> {
  readonly item: T;
  readonly path: string;
  readonly name: string;
}

export function findable<T extends { readonly path: string; readonly name: string }>(item: T): Findable<T> {
  return { item, path: item.path.toLowerCase(), name: item.name.toLowerCase() };
}

/**
 * Paths that hold every word of a query, whatever its case: those with the words in the file's name first, then shorter
 * paths. Everything where there is no word. Fast enough for 100,000 paths at every key.
 */
export function findFiles<T>(items: readonly Findable<T>[], query: string, most: number): Found<T> {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
  if (words.length === 0) return { hits: items.slice(0, most).map(f => f.item), total: items.length };
  let best: { readonly of: Findable<T>; readonly rank: number }[] = [];
  const better = (a: (typeof best)[number], b: (typeof best)[number]) =>
    b.rank - a.rank || (a.of.path < b.of.path ? -1 : 1);
  let least = -Infinity;
  let total = 0;
  for (const of of items) {
    if (!words.every(word => of.path.includes(word))) continue;
    total++;
    const inName = words.filter(word => of.name.includes(word)).length;
    const starts = words.some(word => of.name.startsWith(word)) ? 1 : 0;
    const rank = 1000 * (2 * inName + starts) - Math.min(999, of.path.length);
    if (rank < least) continue;
    best.push({ of, rank });
    if (best.length < 4 * most) continue;
    best = best.sort(better).slice(0, most);
    least = best.at(-1)?.rank ?? least;
  }
  return {
    hits: best
      .sort(better)
      .slice(0, most)
      .map(f => f.of.item),
    total,
  };
}
