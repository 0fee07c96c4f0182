/** All files of a workspace, each once, in an order that depends on nothing but their paths. */
import { realpathSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { comparePaths } from './byPath.ts';
import { LongviewError } from '../errors.ts';
import type { GitDeps } from './git.ts';
import { listGitFiles } from './gitFiles.ts';
import { longviewIgnore } from './leftOut.ts';
import { pacer } from '../pace.ts';
import { folderGone } from './skips.ts';
import type { LeftOutFile, ListedFile, ListingNote, Skip, WorkspaceFolder } from './types.ts';
import { walkFiles } from './walkFiles.ts';

export interface FileListing {
  /** The folders as given, their names made unique: what prefixes the paths where there is more than one. */
  readonly folders: readonly WorkspaceFolder[];
  /** Sorted by path, in code-unit order, as are the next two. */
  readonly files: readonly ListedFile[];
  readonly leftOut: readonly LeftOutFile[];
  readonly skips: readonly Skip[];
  /** For each folder. */
  readonly listedBy: readonly ('git' | 'walk')[];
  /** Why the walk served where it did. */
  readonly notes: readonly ListingNote[];
}

export interface ListOptions {
  /** Git runs only in a trusted workspace: a repository's configuration can name programs to run. */
  readonly trusted: boolean;
  /** Absolute paths of files Longview is about to write. */
  readonly ownOutputs?: readonly string[];
  /** Absolute paths: lists these alone, and what is below them where they are folders. As the whole listing would. */
  readonly only?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Throws `workspace-gone` where a folder is not there. Synchronous stretches stay short, but a worker is better. */
export async function listFiles(
  folders: readonly WorkspaceFolder[],
  options: ListOptions,
  deps: GitDeps = {},
): Promise<FileListing> {
  const roots = rootsOf(folders);
  const found: Found = { files: [], leftOut: [], skips: [], listedBy: [], notes: [] };
  for (const root of roots) await listRoot(root, roots, found, options, deps);
  const { only } = options;
  if (only !== undefined)
    for (const list of [found.files, found.leftOut, found.skips]) keepOnly(list, only, roots);
  for (const list of [found.files, found.leftOut, found.skips]) list.sort(comparePaths);
  return { folders: roots.map(({ name, path }) => ({ name, path })), ...found };
}

/** Drops what is not among the paths asked for, and not below them. */
function keepOnly(list: { readonly path: string }[], only: readonly string[], roots: readonly Root[]): void {
  const wanted = new Set(roots.flatMap(root => only.flatMap(path => pathIn(root, path, roots) ?? [])));
  const isWanted = (path: string): boolean => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (wanted.has(path.slice(0, end))) return true;
    }
    return wanted.has('');
  };
  const kept = list.filter(item => isWanted(item.path));
  list.length = 0;
  for (const item of kept) list.push(item);
}

/** What an absolute path is in the workspace; undefined where it is not in this root. */
function pathIn(root: Root, path: string, roots: readonly Root[]): string | undefined {
  if (!contains(root.path, path)) return undefined;
  const below = relative(root.path, path).split(sep).join('/');
  return ownedByAnother(root, roots)(below) ? undefined : (root.prefix + below).replace(/\/$/, '');
}

interface Root extends WorkspaceFolder {
  /** '' or the name and a slash. */
  readonly prefix: string;
  /** Where the folder really is: links resolved, and spelled as the file system spells it. */
  readonly real: string;
}

interface Found {
  readonly files: ListedFile[];
  readonly leftOut: LeftOutFile[];
  readonly skips: Skip[];
  readonly listedBy: ('git' | 'walk')[];
  readonly notes: ListingNote[];
}

function rootsOf(folders: readonly WorkspaceFolder[]): Root[] {
  const names = uniqueNames(folders.map(folder => folder.name));
  return folders.map((folder, i) => {
    const name = names[i] ?? folder.name;
    const path = resolve(folder.path);
    return { name, path, prefix: folders.length > 1 ? name + '/' : '', real: realFolder(path) };
  });
}

function realFolder(path: string): string {
  try {
    if (statSync(path).isDirectory()) return realpathSync.native(path);
  } catch (error) {
    throw folderGone(path, error);
  }
  throw new LongviewError('workspace-gone', `${path} is not a folder.`, 'Open a folder, then try again.');
}

/** Two folders may carry one name: the second becomes `name-2`. Slashes would read as a path. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map(name => {
    const plain = name.replace(/[\\/]/g, '_') || '_';
    let unique = plain;
    for (let n = 2; taken.has(unique); n++) unique = `${plain}-${n}`;
    taken.add(unique);
    return unique;
  });
}

async function listRoot(
  root: Root,
  roots: readonly Root[],
  found: Found,
  options: ListOptions,
  deps: GitDeps,
): Promise<void> {
  const { signal } = options;
  const listing = await listOne(root, found, options, deps);
  const isElsewhere = ownedByAnother(root, roots);
  const outputs = new Set(options.ownOutputs?.map(path => resolve(path)));
  // A `.longviewignore` reaches what is below it, also where an inner folder is a root of its own.
  const outermost = roots.reduce((top, other) => (contains(other.real, top.real) ? other : top), root);
  const judgePath = longviewIgnore(outermost.real);
  const below = relative(outermost.real, root.real).split(sep).join('/');
  const toOutermost = below === '' ? '' : below + '/';
  const sourcePrefix = outermost.prefix;

  const breathe = pacer(signal);
  let count = 0;
  for (const file of listing.files) {
    if ((++count & 255) === 0) await breathe();
    if (isElsewhere(file.path)) continue;
    const listed = { path: root.prefix + file.path, absolutePath: file.absolutePath };
    const verdict = judgePath(toOutermost + file.path);
    if (outputs.has(file.absolutePath)) found.leftOut.push({ ...listed, leftOutBy: { kind: 'own-output' } });
    else if (verdict.kind !== 'ignored') found.files.push(listed);
    else {
      const source = sourcePrefix + verdict.source;
      found.leftOut.push({ ...listed, leftOutBy: { kind: 'longviewignore', source, rule: verdict.rule } });
    }
  }
  for (const skip of listing.skips) {
    if (!isElsewhere(skip.path)) found.skips.push({ path: root.prefix + skip.path, reason: skip.reason });
  }
}

/** By git where that may be and can be, else by walking; says which, and why. */
async function listOne(
  root: Root,
  found: Found,
  { trusted, signal, only }: ListOptions,
  deps: GitDeps,
): Promise<{ readonly files: readonly ListedFile[]; readonly skips: readonly Skip[] }> {
  const at = (path: string) => (root.prefix + path).replace(/\/$/, '');
  const below = only
    ?.filter(path => contains(root.path, path))
    .map(path => relative(root.path, path).split(sep).join('/'));
  const byGit = trusted
    ? await listGitFiles(root.path, { signal, ...(below && { only: below }) }, deps)
    : ({ kind: 'no-git', why: 'untrusted', detail: '' } as const);
  if (byGit.kind === 'git') {
    found.listedBy.push('git');
    found.notes.push(...byGit.notes.map(note => ({ ...note, path: at(note.path) })));
    return byGit;
  }
  found.listedBy.push('walk');
  found.notes.push({ path: at(''), why: byGit.why, detail: byGit.detail });
  return walkFiles(root.path, { signal });
}

/** True for what a root inside this one lists itself, and for all of a root that is open a second time. */
function ownedByAnother(root: Root, roots: readonly Root[]): (path: string) => boolean {
  const index = roots.indexOf(root);
  if (roots.slice(0, index).some(other => other.real === root.real)) return () => true;
  const inner = roots
    .filter(other => other.real !== root.real && contains(root.real, other.real))
    .map(other => relative(root.real, other.real).split(sep).join('/') + '/');
  return path => inner.some(start => path.startsWith(start));
}

/** True for the folder itself too. */
function contains(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}
