import { LongviewError } from '../errors.ts';
import { isIn } from '../workspace/byPath.ts';

/** What the user wants of a path: of a file, or of everything below a folder. */
export type Wish =
  /** First in line for room. */
  | 'pin'
  /** In the prompt where there is room: undoes what is wanted of a folder above. */
  | 'include'
  /** Not in the prompt. */
  | 'exclude'
  /** Signatures only, even where there is room for more. */
  | 'outline'
  /** Whole, where it would be shortened. */
  | 'full';

export const wishNames: readonly Wish[] = ['pin', 'include', 'exclude', 'outline', 'full'];

/** The user's wishes by workspace-relative path; `''` is the whole workspace. The nearest one counts. */
export type Steering = ReadonlyMap<string, Wish>;

export const noSteering: Steering = new Map();

/** What is wanted of a file, and the path it was said of. */
export function wishFor(
  steering: Steering,
  path: string,
): { readonly wish: Wish; readonly of: string } | undefined {
  for (let at = path; ; at = parentOf(at)) {
    const wish = steering.get(at);
    if (wish !== undefined) return { wish, of: at };
    if (at === '') return undefined;
  }
}

/** {@link wishFor} for many paths: each folder is looked up once. */
export function wishLookup(steering: Steering): (path: string) => Wish | undefined {
  if (steering.size === 0) return () => undefined;
  const ofFolder = new Map<string, Wish | undefined>();
  // Files of one folder stand together, as a rule.
  let folder = '';
  let wish = wishFor(steering, folder)?.wish;
  return path => {
    const own = steering.get(path);
    if (own !== undefined || path === '') return own;
    if (isIn(folder, path)) return wish;
    folder = parentOf(path);
    if (!ofFolder.has(folder)) ofFolder.set(folder, wishFor(steering, folder)?.wish);
    wish = ofFolder.get(folder);
    return wish;
  };
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/**
 * Says one wish of some paths; `undefined` takes back what was said of them. What was said of anything below them goes:
 * who excludes a folder means all of it. Nothing is said where the path above says the same already. `partly`: a preset
 * or a saved selection leaves files out, so that to include one says something.
 */
export function steer(
  steering: Steering,
  paths: readonly string[],
  wish: Wish | undefined,
  partly = false,
): Steering {
  const said = new Set(paths);
  const next = new Map<string, Wish>();
  for (const [path, old] of steering) if (!isAtOrBelow(path, said)) next.set(path, old);
  if (wish === undefined) return next;
  for (const path of paths) {
    const above = path === '' ? undefined : wishFor(next, parentOf(path))?.wish;
    // Included is what everything is until something else is said.
    if (above === wish || (wish === 'include' && above === undefined && !partly)) continue;
    next.set(path, wish);
  }
  return next;
}

/**
 * Ticks or unticks paths, as a checkbox does: back to what is wanted of them anyhow, or put back where that is nothing.
 * `partly` as for {@link steer}.
 */
export function tick(
  steering: Steering,
  paths: readonly string[],
  isWanted: boolean,
  partly = false,
): Steering {
  if (!isWanted) return steer(steering, paths, 'exclude', partly);
  const back = steer(steering, paths, undefined);
  const stillOut = paths.filter(path => partly || wishFor(back, path)?.wish === 'exclude');
  return steer(back, stillOut, 'include', partly);
}

function isAtOrBelow(path: string, roots: ReadonlySet<string>): boolean {
  for (let at = path; ; at = parentOf(at)) {
    if (roots.has(at)) return true;
    if (at === '') return false;
  }
}

/** The user's own wishes over those of a saved selection: what is said of a folder holds for all below it. */
export function layered(saved: Steering, own: Steering): Steering {
  if (saved.size === 0) return own;
  const said = new Set(own.keys());
  const kept = [...saved].filter(([path]) => !isAtOrBelow(path, said));
  return new Map([...kept, ...own]);
}

/** Sorted, so that a stored or shared selection changes only where its meaning does. */
export function steeringToJson(steering: Steering): Record<string, Wish> {
  return Object.fromEntries([...steering].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reads a stored or shared selection. Throws `bad-settings` with what is wrong; `where` names the source. */
export function parseSteering(value: unknown, where: string): Steering {
  const bad = (why: string) =>
    new LongviewError(
      'bad-settings',
      `${where} is no selection of files: ${why}.`,
      `It must be an object of paths, each with one of ${wishNames.join(', ')}.`,
    );
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('it is no object');
  const steering = new Map<string, Wish>();
  for (const [path, wish] of Object.entries(value)) {
    if (!wishNames.some(name => name === wish)) throw bad(`"${path}" has ${JSON.stringify(wish)}`);
    if (path.startsWith('/') || path.split('/').includes('..'))
      throw bad(`"${path}" is not a path inside the workspace`);
    steering.set(path.replace(/^\.(\/|$)/, '').replace(/\/$/, ''), wish as Wish);
  }
  return steering;
}
