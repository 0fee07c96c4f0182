/** The file set without git: a walk that honours nested `.gitignore` and `.ignore` files and `info/exclude`. */
import { type Dirent, readdirSync } from 'node:fs';
import { excludeRules, isRepository, readIgnoreFile, rulesAbove } from './gitFolder.ts';
import { joinRules, judge, noRules, type Rules, withRules } from './ignoreRules.ts';
import { decodeName, fsPath, isGitInternal, joinPath } from './names.ts';
import { pacer } from '../pace.ts';
import { describeFailure, type FileKind, folderGone, specialKind, symlinkReason } from './skips.ts';
import type { ListedFile, Skip, SkipReason } from './types.ts';

export interface Walk {
  /** Relative to the folder; in no promised order. */
  readonly files: readonly ListedFile[];
  readonly skips: readonly Skip[];
}

/** Where a walk puts what it finds. */
export interface WalkJob {
  readonly folder: string;
  readonly files: ListedFile[];
  readonly skips: Skip[];
  /** Of an absolute path. */
  readonly linkReason: (path: string) => SkipReason;
}

/** Rules start anew in each repository, as they do for git. */
interface Scope {
  /** Length of the path of the repository's folder in a path of the walk. */
  readonly cut: number;
  /** From the top of the rules to that folder: not '' where the walk starts below a repository's top. */
  readonly prefix: string;
}

/** A folder to look at, with the rules that reach it. */
export interface Visit {
  /** '' or ending in `/`. */
  readonly at: string;
  readonly scope: Scope;
  readonly gitRules: Rules;
  /** Of `.ignore` files: stronger than all git rules, as in ripgrep. */
  readonly ownRules: Rules;
}

/** Lists `folder` (absolute). A folder inside that cannot be read is a skip; throws where `folder` itself cannot. */
export async function walkFiles(
  folder: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Walk> {
  const job: WalkJob = { folder, files: [], skips: [], linkReason: symlinkReason };
  await walk(job, topVisit(folder), pacer(options.signal));
  return { files: job.files, skips: job.skips };
}

/** Walks a folder below the job's (`at` ends in `/`) under its own rules. */
export async function walkInto(
  job: Omit<WalkJob, 'linkReason'> & { readonly breathe: () => Promise<void> },
  at: string,
): Promise<void> {
  await walk({ ...job, linkReason: symlinkReason }, freshVisit(job.folder, at), job.breathe);
}

/** Where a walk of `folder` (absolute) begins. */
export function topVisit(folder: string): Visit {
  const above = rulesAbove(folder);
  return { at: '', scope: { cut: 0, prefix: above.prefix }, ...above };
}

function freshVisit(root: string, at: string): Visit {
  const scope = { cut: at.length, prefix: '' };
  return { at, scope, gitRules: excludeRules(joinPath(root, at.slice(0, -1))), ownRules: noRules };
}

async function walk(job: WalkJob, start: Visit, breathe: () => Promise<void>): Promise<void> {
  const pending = [start];
  for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
    await breathe();
    const folder = joinPath(job.folder, visit.at.slice(0, -1));
    let entries: NamedEntry[];
    try {
      entries = readFolder(folder);
    } catch (error) {
      if (visit.at === '') throw folderGone(folder, error);
      const detail = `directory: ${describeFailure(error)}`;
      job.skips.push({ path: visit.at.slice(0, -1), reason: { kind: 'unreadable', detail } });
      continue;
    }
    pending.push(...sortEntries(job, insideOf(job.folder, visit, entries), entries));
  }
}

/** The visit with the rules of what stands in the folder itself, which are read from below `root` on disk. */
export function insideOf(root: string, visit: Visit, entries: readonly Pick<NamedEntry, 'name'>[]): Visit {
  const folder = joinPath(root, visit.at.slice(0, -1));
  const nested =
    visit.at.length > visit.scope.cut && entries.some(({ name }) => name === '.git') && isRepository(folder);
  const { at, scope, ...inherited } = nested ? freshVisit(root, visit.at) : visit;
  const extend = (rules: Rules, name: string): Rules => {
    const text = entries.some(entry => entry.name === name)
      ? readIgnoreFile(joinPath(folder, name))
      : undefined;
    return text === undefined ? rules : withRules(rules, inScope(scope, at), text, at + name);
  };
  const gitRules = extend(inherited.gitRules, '.gitignore');
  const ownRules = extend(inherited.ownRules, '.ignore');
  return { at, scope, gitRules, ownRules };
}

function inScope(scope: Scope, path: string): string {
  return scope.prefix + path.slice(scope.cut);
}

/** Puts what no rule ignores into the job; gives back its folders. `visit` is one of {@link insideOf}. */
export function sortEntries(job: WalkJob, visit: Visit, entries: readonly NamedEntry[]): Visit[] {
  const { at, scope, gitRules, ownRules } = visit;
  const rules = joinRules(gitRules, ownRules);
  const below: Visit[] = [];
  for (const { name, dirent } of entries) {
    if (isGitInternal(name)) continue;
    const path = at + name;
    const isFolder = dirent.isDirectory();
    if (judge(rules, inScope(scope, isFolder ? path + '/' : path)).kind === 'ignored') continue;
    const absolutePath = joinPath(job.folder, path);
    if (isFolder) below.push({ at: path + '/', scope, gitRules, ownRules });
    else if (dirent.isFile()) job.files.push({ path, absolutePath });
    else if (dirent.isSymbolicLink()) job.skips.push({ path, reason: job.linkReason(absolutePath) });
    else job.skips.push({ path, reason: { kind: 'not-a-file', what: specialKind(dirent) } });
  }
  return below;
}

export interface NamedEntry {
  readonly name: string;
  readonly dirent: FileKind & Pick<Dirent, 'isFile' | 'isSymbolicLink'>;
}

/** Names as bytes only where they must be: that is three times as slow. */
function readFolder(folder: string): NamedEntry[] {
  const path = fsPath(folder);
  const entries = readdirSync(path, { withFileTypes: true });
  if (!entries.some(entry => entry.name.includes('\ufffd'))) {
    return entries.map(dirent => ({ name: dirent.name, dirent }));
  }
  return readdirSync(path, { withFileTypes: true, encoding: 'buffer' }).map(dirent => ({
    name: decodeName(dirent.name),
    dirent,
  }));
}
