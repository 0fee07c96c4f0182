import { findPlaces } from '../workspace/byPath.ts';

/** What is not in it is not known, or is not there. */
export interface TokensByPath {
  get(path: string): number | undefined;
}

/** Tokens of an inventory's files. A map of 100,000 paths for every plan is what the garbage collector pauses for. */
export interface TokenColumn extends TokensByPath {
  /** By place in the inventory; {@link unknown} where nobody asked, 0 where there is nothing. */
  readonly tokens: Float64Array;
  /** Cheapest in path order. */
  readonly placeOf: (path: string) => number | undefined;
}

/** Of a column. */
export const unknown = -1;

export function createTokenColumn(files: readonly { readonly path: string }[]): TokenColumn {
  const tokens = new Float64Array(files.length).fill(unknown);
  const placeOf = findPlaces(files);
  return {
    tokens,
    placeOf,
    get(path) {
      const at = placeOf(path);
      const found = at === undefined ? unknown : (tokens[at] ?? unknown);
      return found > 0 ? found : undefined;
    },
  };
}
