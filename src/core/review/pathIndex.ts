import { createChainedIndex } from './chainedIndex.ts';

/** What a written path means in this workspace. */
export type Resolution =
  | { readonly kind: 'known'; readonly path: string; readonly by: 'path' | 'suffix' }
  | { readonly kind: 'several'; readonly path: string; readonly candidates: readonly string[] }
  | { readonly kind: 'unknown'; readonly path: string };

/** The workspace's paths, indexed once, so that an answer's 500 mentions of 20,000 files stay cheap. */
export interface PathIndex {
  resolve(written: string): Resolution;
  /** Is this, to the letter, a file's path? */
  has(path: string): boolean;
  /** Lower-cased extensions that occur, without the dot. */
  readonly extensions: ReadonlySet<string>;
  hasTopDirectory(name: string): boolean;
  /** Is this, lower-cased, the name of a file without an extension? */
  hasPlainName(lowerName: string): boolean;
  /** Known paths that contain spaces, by their last space-separated word, lower-cased. */
  spacedBy(lowerLastWord: string): readonly string[];
  /** The most spaces in any known path: how many words back a mention may begin. */
  readonly maxSpaces: number;
}

/**
 * The paths of an inventory's files, in its order: the same array for the same paths, so that their index is made once.
 * An edit changes files and no path.
 */
export function pathsOf(files: readonly { readonly path: string }[]): readonly string[] {
  const known = pathsByFiles.get(files);
  if (known !== undefined) return known;
  const isSame = (paths: readonly string[]) =>
    paths.length === files.length && files.every(({ path }, i) => path === paths[i]);
  const paths = [...stillThere(recent)].find(isSame) ?? files.map(({ path }) => path);
  pathsByFiles.set(files, paths);
  const others = [...stillThere(recent)].filter(other => other !== paths).slice(0, mostRecent - 1);
  recent = [paths, ...others].map(some => new WeakRef(some));
  return paths;
}

const pathsByFiles = new WeakMap<readonly { readonly path: string }[], readonly string[]>();
function* stillThere<T extends WeakKey>(refs: readonly WeakRef<T>[]): Generator<T> {
  for (const ref of refs) {
    const there = ref.deref();
    if (there !== undefined) yield there;
  }
}

let recent: readonly WeakRef<readonly string[]>[] = [];
/** All files, those without what the user has left out, and the same of another workspace. */
const mostRecent = 4;

/** Written paths whose meaning is remembered. */
const mostResolved = 5000;

const indexes = new WeakMap<readonly string[], PathIndex>();

/** The index of this very array; it is not rebuilt when the array is mutated, which readonly arrays are not. */
export function pathIndexOf(files: readonly string[]): PathIndex {
  const known = indexes.get(files);
  if (known !== undefined) return known;
  const index = createPathIndex(files);
  indexes.set(files, index);
  return index;
}

/** Makes the index of {@link pathIndexOf} ahead, in turns: of 100,000 paths it takes longer than a thread may be held. */
export async function preparePathIndex(
  files: readonly string[],
  breathe: () => Promise<void>,
): Promise<void> {
  if (indexes.has(files)) return;
  const indexer = createIndexer(files);
  for (let i = 0; i < files.length; i++) {
    indexer.add(i);
    if (i % 500 === 499) await breathe();
  }
  indexes.set(files, indexer.done());
}

/** `files` are workspace-relative and `/`-separated. */
export function createPathIndex(files: readonly string[]): PathIndex {
  const indexer = createIndexer(files);
  for (let i = 0; i < files.length; i++) indexer.add(i);
  return indexer.done();
}

/** `add` wants each place in `files` once. */
function createIndexer(files: readonly string[]): { add(at: number): void; done(): PathIndex } {
  const byPath = createChainedIndex(files.length);
  const byName = createChainedIndex(files.length);
  const extensions = new Set<string>();
  const topDirectories = new Set<string>();
  const plainNames = new Set<string>();
  const spaced: Several = new Map();
  let maxSpaces = 0;
  function addPath(at: number): void {
    const path = files[at] ?? '';
    const lower = path.toLowerCase();
    const nameAt = lower.lastIndexOf('/') + 1;
    byPath.add(at, lower);
    byName.add(at, lower, nameAt);
    const dot = lower.lastIndexOf('.');
    if (dot > nameAt) extensions.add(lower.slice(dot + 1));
    else plainNames.add(lower.slice(nameAt));
    const slash = lower.indexOf('/');
    if (slash > 0) topDirectories.add(lower.slice(0, slash));
    if (path.includes(' ')) {
      add(spaced, lower.slice(lower.lastIndexOf(' ') + 1), path);
      maxSpaces = Math.max(maxSpaces, path.split(' ').length - 1);
    }
  }

  /** In order, of those that `isIt` says of, lower-cased. */
  function found(places: Iterable<number>, isIt: (lower: string) => boolean): readonly string[] {
    const paths: string[] = [];
    for (const at of places) {
      const path = files[at] ?? '';
      if (isIt(path.toLowerCase())) paths.push(path);
    }
    return paths.reverse();
  }

  const withPath = (lower: string) => found(byPath.find(lower), other => other === lower);

  /** Whose path ends with this one, lower-cased, from a folder on. */
  function withTail(lower: string): readonly string[] {
    const suffix = `/${lower}`;
    const name = lower.slice(lower.lastIndexOf('/') + 1);
    return found(byName.find(name), other => other === lower || other.endsWith(suffix));
  }

  const resolved = new Map<string, Resolution>();
  function resolve(written: string): Resolution {
    const cached = resolved.get(written);
    if (cached !== undefined) return cached;
    let fresh = resolveFresh(written);
    // Markdown escapes: `status\_codes.py`.
    if (fresh.kind === 'unknown' && /\\[^\w\s]|\\_/.test(written))
      fresh = resolveFresh(written.replace(/\\(?=[^\w\s]|_)/g, ''));
    // An index outlives many answers, and they write what they like.
    if (resolved.size === mostResolved) resolved.clear();
    resolved.set(written, fresh);
    return fresh;
  }

  function resolveFresh(written: string): Resolution {
    const { path, absolute } = normalisePath(written);
    if (path === '') return { kind: 'unknown', path: written };
    const lower = path.toLowerCase();
    const whole = choose(path, withPath(lower), file => file === path, 'path');
    if (whole !== undefined) return whole;
    const tail = choose(path, withTail(lower), file => file.endsWith(`/${path}`), 'suffix');
    if (tail !== undefined) return tail;
    return withoutPrefix(path, lower, absolute) ?? { kind: 'unknown', path };
  }

  /**
   * An absolute path names a file by any tail that is a whole known path. A relative one may begin with the open
   * folder's name, which we are not told: one unknown leading directory is let go, but never so that only a
   * basename is left, since an invented directory would then be taken for a real file.
   */
  function withoutPrefix(path: string, lower: string, absolute: boolean): Resolution | undefined {
    const first = lower.indexOf('/');
    if (first < 0) return undefined;
    if (!absolute && topDirectories.has(lower.slice(0, first))) return undefined;
    for (let slash = first; slash >= 0; slash = lower.indexOf('/', slash + 1)) {
      if (!absolute && (slash !== first || !lower.includes('/', slash + 1))) return undefined;
      const rest = path.slice(slash + 1);
      const known = choose(path, withPath(lower.slice(slash + 1)), file => file === rest, 'suffix');
      if (known !== undefined) return known;
    }
    return undefined;
  }

  return {
    add: addPath,
    done: () => ({
      resolve,
      has: path => withPath(path.toLowerCase()).includes(path),
      extensions,
      hasTopDirectory: name => topDirectories.has(name.toLowerCase()),
      hasPlainName: lowerName => plainNames.has(lowerName),
      spacedBy: lowerLastWord => allOf(spaced, lowerLastWord),
      maxSpaces,
    }),
  };
}

/** A mention's path with `/` separators and without `./`, `../`, a drive, a leading slash or doubled slashes. */
export function normalisePath(written: string): { path: string; absolute: boolean } {
  let path = written.includes('\\') ? written.replace(/\\+/g, '/') : written;
  const absolute = /^(?:[A-Za-z]:\/|\/|~\/)/.test(path);
  path = path.replace(/^(?:[A-Za-z]:\/|~\/)/, '').replace(/\/{2,}/g, '/');
  path = path.replace(/^\/+/, '').replace(/^(?:\.{1,2}\/)+/, '');
  if (path.includes('/.')) path = collapsed(path);
  return { path, absolute };
}

/** Without `.` and `..` inside, so that no mention climbs out of the workspace. */
function collapsed(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push(segment);
  }
  return segments.join('/');
}

/** The file whose spelling is the same wins over files that differ in case only. */
function choose(
  path: string,
  found: readonly string[],
  sameSpelling: (file: string) => boolean,
  by: 'path' | 'suffix',
): Resolution | undefined {
  if (found.length > 1) {
    const same = found.filter(sameSpelling);
    if (same.length > 1 || same.length === 0)
      return { kind: 'several', path, candidates: same.length === 0 ? found : same };
    found = same;
  }
  const only = found[0];
  return only === undefined ? undefined : { kind: 'known', path: only, by };
}

/** A list only where there are several: of 100,000 paths hardly any needs one. */
type Several = Map<string, string | string[]>;

function add(map: Several, key: string, value: string): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, value);
  else if (typeof there === 'string') map.set(key, [there, value]);
  else there.push(value);
}

function allOf(map: Several, key: string): readonly string[] {
  const there = map.get(key);
  return there === undefined ? [] : typeof there === 'string' ? [there] : there;
}
