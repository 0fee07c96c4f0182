import type { Pausing } from '../pace.ts';
import { copyOf, findNext } from '../workspace/byPath.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import { framePath, sentinel } from './frame.ts';
import type { Form, Plan } from './types.ts';

/** What a prompt has told the model of one file, last: `deleted`, or the content of this version in this form. */
export type ToldFile = 'deleted' | { readonly form: Form; readonly version: string };

/** Names what a prompt holds of a file: another version has to be told. Secrets that the user allows are part of it. */
export function versionOf({ hash, secrets = [] }: Pick<SourceFile, 'hash' | 'secrets'>): string {
  // Of 100,000 files hardly any has one.
  if (secrets.length === 0) return hash;
  return [hash, ...secrets.filter(secret => secret.allowed).map(secret => secret.id)].join(' ');
}

/** True where a prompt of `version` holds a secret that the user no longer allows. */
function holdsForbidden(version: string, file: SourceFile): boolean {
  if (!version.includes(' ')) return false;
  const [hash, ...allowed] = version.split(' ');
  const now = new Set(file.secrets?.filter(secret => secret.allowed).map(secret => secret.id));
  return hash === file.hash && allowed.some(id => !now.has(id));
}

/** By path; to ask in path order is cheapest. What no prompt has told anything of is not in it. */
export interface Told extends Iterable<readonly [path: string, file: ToldFile]> {
  get(path: string): ToldFile | undefined;
}

/** Files looked at without a pause. */
const piece = 1000;

/**
 * What a fresh pack tells. Files without room are told of too: an edit does not bring them into the prompt. Plan
 * and inventory are searched as they are: a map of 100,000 files takes long to make, and much to keep.
 */
export function toldBy(plan: Plan, inventory: Pick<Inventory, 'files' | 'leftOut'>): Told {
  // It lives as long as the pack.
  const files = copyOf(inventory.files);
  const { leftOut } = inventory;
  const lookUp = (): Told['get'] => {
    const sourceAt = findNext(files);
    const plannedAt = findNext(plan.files);
    const leftOutAt = findNext(leftOut);
    return path => {
      const planned = plannedAt(path);
      const packed = planned !== undefined && hasContent(planned.form) ? sourceAt(path) : undefined;
      if (planned !== undefined && packed !== undefined)
        return { form: planned.form, version: versionOf(packed) };
      // What the user left out and lets in again is news.
      if (planned === undefined || leftOutAt(path) !== undefined) return undefined;
      return { form: planned.form, version: '' };
    };
  };
  return {
    get: lookUp(),
    *[Symbol.iterator]() {
      const get = lookUp();
      for (const { path } of plan.files) {
        const file = get(path);
        if (file !== undefined) yield [path, file];
      }
    },
  };
}

/** What was told, and what was told after it. */
export function toldSince(before: Told, later: Iterable<readonly [path: string, file: ToldFile]>): Told {
  const news = new Map(later);
  if (news.size === 0) return before;
  return {
    get: path => news.get(path) ?? before.get(path),
    *[Symbol.iterator]() {
      for (const entry of before) if (!news.has(entry[0])) yield entry;
      yield* news;
    },
  };
}

/**
 * What was told, where a preset is chosen: a file it takes in by now is news, one it leaves out is none, and what a
 * prompt holds already is kept up to date. `wasUnchosen`: the pack left the file to the preset.
 */
export function toldOfChosen(
  told: Told,
  files: Inventory['files'],
  wasUnchosen: (path: string) => boolean,
  isChosen: (path: string) => boolean,
): Told {
  const lookUp = (): Told['get'] => {
    const fileAt = findNext(files);
    return path => {
      const last = told.get(path);
      const held = last !== undefined && last !== 'deleted' && hasContent(last.form);
      if (held || fileAt(path) === undefined) return last;
      if (!isChosen(path)) return { form: 'left-out', version: '' };
      return wasUnchosen(path) ? undefined : last;
    };
  };
  return {
    get: lookUp(),
    *[Symbol.iterator]() {
      const get = lookUp();
      for (const [path] of told) {
        const file = get(path);
        if (file !== undefined) yield [path, file];
      }
    },
  };
}

/** How the workspace differs from what was told, each list in path order. */
export interface Changes {
  /** Edited or new: they travel whole. */
  readonly files: readonly SourceFile[];
  /** Told, and no longer there as text. */
  readonly deleted: readonly string[];
  /** Content that was told, and that the user has left out since: no prompt may hold it any more. */
  readonly excluded: readonly string[];
}

export function* changesSince(told: Told, inventory: Pick<Inventory, 'files' | 'leftOut'>): Pausing<Changes> {
  const files: SourceFile[] = [];
  const excluded: string[] = [];
  let looked = 0;
  const present = inventory.files;
  for (let i = 0; i < present.length; i++) {
    if (++looked % piece === 0) yield;
    const file = present[i] as SourceFile;
    const last = told.get(file.path);
    if (last === undefined || last === 'deleted') files.push(file);
    else {
      if (hasContent(last.form) && last.version !== versionOf(file)) files.push(file);
      if (holdsForbidden(last.version, file)) excluded.push(file.path);
    }
  }
  const deleted: string[] = [];
  const gone: (readonly [string, Form])[] = [];
  const presentAt = findNext(present);
  for (const [path, last] of told) {
    if (++looked % piece === 0) yield;
    if (last === 'deleted' || last.form === 'left-out' || presentAt(path) !== undefined) continue;
    gone.push([path, last.form]);
  }
  const leftOut = new Set<string>();
  for (const { path } of gone.length === 0 ? [] : inventory.leftOut) {
    leftOut.add(path);
    if (leftOut.size % piece === 0) yield;
  }
  for (const [path, form] of gone) {
    if (leftOut.has(path) && hasContent(form)) excluded.push(path);
    else deleted.push(path);
  }
  return { files, deleted: deleted.sort(), excluded: excluded.sort() };
}

function hasContent(form: Form): boolean {
  return form === 'full' || form === 'outline' || form === 'shortened';
}

/** A place the user points at: a whole file, or a selection of its lines (1-based, inclusive). */
export interface PointedAt {
  readonly path: string;
  /** `name`: the question's words name it, which needs no frame of its own where the prompt holds the file. */
  readonly by: 'user' | 'name';
  readonly startLine?: number;
  readonly endLine?: number;
}

/**
 * The frames around what follows a pack. Like all segments they start with `@` and end with a line end, so that
 * counts add up. A later `file` frame of the same path wins over every earlier one.
 *
 *     @@@@ overlay (changed since: 2 files, deleted: 1)
 *     @@@@ file src/a.ts (13 lines)
 *     …
 *     @@@@ deleted src/b.ts
 *     @@@@ attached src/c.ts (lines 10 to 20)
 *     @@@@ file src/c.ts (80 lines)
 *     …
 *     @@@@ end
 */
export function overlayHead(files: number, deleted: readonly string[]): string {
  const head = `${sentinel} overlay (changed since: ${files} ${files === 1 ? 'file' : 'files'}, deleted: ${deleted.length})\n`;
  return head + deleted.map(path => `${sentinel} deleted ${framePath(path)}\n`).join('');
}

/** Names what the question points at; its content follows where the prompt does not hold it in full already. */
export function attachedLines(places: readonly PointedAt[]): string {
  return places
    .map(({ path, startLine, endLine }) => {
      const lines = startLine === undefined ? '' : ` (lines ${startLine} to ${endLine ?? startLine})`;
      return `${sentinel} attached ${framePath(path)}${lines}\n`;
    })
    .join('');
}

/** Ends what follows a pack, so that the last file does not run on into the question. */
export const overlayEnd = `${sentinel} end\n`;
