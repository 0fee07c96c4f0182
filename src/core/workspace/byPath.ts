interface HasPath {
  readonly path: string;
}

/** '' for what is in no folder. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Whether {@link folderOf} is this folder, without making a text of it. */
export function isIn(folder: string, path: string): boolean {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? folder === '' : slash === folder.length && path.startsWith(folder);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** In the order of UTF-16 units, whatever the language. */
export function comparePaths(a: HasPath, b: HasPath): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** Where a path stands, or would stand, in a list in path order, or in the part of it where it must be. */
export function firstAt(list: readonly HasPath[], path: string, from = 0, to = list.length): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.path ?? '') < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where each file of a list stands in it. Inventories, plans and manifests are in path order and are searched as they
 * are: to make a map of 100,000 files takes as long as an editor's thread may be held. Of other lists there is a map.
 */
export function indexByPath(list: readonly HasPath[]): (path: string) => number | undefined {
  if (!isInOrder(list)) {
    const places = new Map(list.map(({ path }, i) => [path, i]));
    return path => places.get(path);
  }
  return path => {
    const at = firstAt(list, path);
    return list[at]?.path === path ? at : undefined;
  };
}

/** The list, or another in path order. */
export function inPathOrder<T extends HasPath>(list: readonly T[]): readonly T[] {
  return isInOrder(list) ? list : [...list].sort(comparePaths);
}

/** {@link findByPath} for paths that are asked for in path order, as a rule: each step is a step. */
export function findNext<T extends HasPath>(list: readonly T[]): (path: string) => T | undefined {
  const placeOf = findPlaces(list);
  return path => {
    const at = placeOf(path);
    return at === undefined ? undefined : list[at];
  };
}

/** The same, {@link indexByPath}. */
export function findPlaces(list: readonly HasPath[]): (path: string) => number | undefined {
  if (!isInOrder(list)) return indexByPath(list);
  let at = 0;
  let before = '';
  return path => {
    // What comes next is near: steps that double find it sooner than halves of all that is left.
    const from = path < before ? 0 : at;
    let step = 1;
    while ((list[from + step]?.path ?? path) < path) step *= 2;
    at = firstAt(list, path, from, Math.min(list.length, from + step));
    before = path;
    return list[at]?.path === path ? at : undefined;
  };
}

/** The file of a list that has this path; see {@link indexByPath}. */
export function findByPath<T extends HasPath>(list: readonly T[]): (path: string) => T | undefined {
  const indexOf = indexByPath(list);
  return path => {
    const at = indexOf(path);
    return at === undefined ? undefined : list[at];
  };
}

/** Another list of the same: what was found out of an inventory's own is remembered as long as somebody has it. */
export function copyOf<T extends HasPath>(list: readonly T[]): readonly T[] {
  const copy = [...list];
  ordered.set(copy, isInOrder(list));
  return copy;
}

function isInOrder(list: readonly HasPath[]): boolean {
  const known = ordered.get(list);
  if (known !== undefined) return known;
  let before: string | undefined;
  const isOrdered = list.every(({ path }) => {
    const follows = before === undefined || before < path;
    before = path;
    return follows;
  });
  ordered.set(list, isOrdered);
  return isOrdered;
}

const ordered = new WeakMap<readonly HasPath[], boolean>();
