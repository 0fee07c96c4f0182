/** What the walk has to know of git's files when git itself does not serve. */
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { joinRules, judge, noRules, type Rules, withRules } from './ignoreRules.ts';
import { decodeName, fsPath, joinPath } from './names.ts';

export interface RulesAbove {
  readonly gitRules: Rules;
  readonly ownRules: Rules;
  /** From the repository's top to the folder, '' or ending in `/`. */
  readonly prefix: string;
}

/** The text of an ignore file; `undefined` where there is none. Links are not followed here either, as in git. */
export function readIgnoreFile(path: string): string | undefined {
  try {
    if (lstatSync(fsPath(path), { throwIfNoEntry: false })?.isFile() !== true) return undefined;
    return decodeName(readFileSync(fsPath(path)));
  } catch {
    // Unreadable: the listing has it as a file, and reading that will say so.
    return undefined;
  }
}

/** Whether git would take the folder for the top of a repository of its own. */
export function isRepository(folder: string): boolean {
  const inner = gitFolderOf(folder);
  return (
    inner !== undefined && statSync(fsPath(joinPath(inner, 'HEAD')), { throwIfNoEntry: false }) !== undefined
  );
}

/** `.git` is a folder, or in worktrees and submodules a file that names one. */
export function gitFolderOf(folder: string): string | undefined {
  const path = joinPath(folder, '.git');
  if (statSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory() === true) return path;
  const named = /^gitdir: (.*)\n?$/.exec(readIgnoreFile(path) ?? '')?.[1];
  if (named === undefined || isOnTheNetwork(named)) return undefined;
  return isAbsolute(named) ? named : joinPath(folder, named);
}

/**
 * Where the index and the branch of the work tree around a folder are kept, absolute; none without git. One look for
 * each folder upwards.
 */
export function gitStateFolders(folder: string): string[] {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const inner = gitFolderOf(at);
    if (inner !== undefined && isRepository(at)) return [resolve(inner)];
    if (dirname(at) === at) return [];
  }
}

/** On Windows, looking at `//host/share` logs in to that host; a file of the workspace must not bring that about. */
function isOnTheNetwork(path: string): boolean {
  return /^[\\/]{2}/.test(path);
}

/** The rules of `.git/info/exclude`; a worktree's stands in the folder it shares with the others. */
export function excludeRules(folder: string): Rules {
  const inner = gitFolderOf(folder);
  if (inner === undefined) return noRules;
  const shared = readIgnoreFile(joinPath(inner, 'commondir'))?.trim() ?? '';
  if (isOnTheNetwork(shared)) return noRules;
  const common = isAbsolute(shared) ? shared : joinPath(inner, shared);
  const text = readIgnoreFile(joinPath(common, 'info/exclude'));
  return text === undefined ? noRules : withRules(noRules, '', text, '.git/info/exclude');
}

/**
 * The rules that reach a folder from the repository around it, the folder's own ignore files not included. None
 * where they ignore the folder itself: then they say nothing about what is inside.
 */
export function rulesAbove(folder: string): RulesAbove {
  const none = { gitRules: excludeRules(folder), ownRules: noRules, prefix: '' };
  let top = resolve(folder);
  while (!isRepository(top)) {
    const parent = dirname(top);
    if (parent === top) return none;
    top = parent;
  }
  const names = relative(top, resolve(folder))
    .split(/[\\/]/)
    .filter(name => name !== '');
  let gitRules = excludeRules(top);
  let ownRules = noRules;
  let at = '';
  for (const name of names) {
    const here = join(top, at);
    gitRules = withFileRules(gitRules, at, here, '.gitignore');
    ownRules = withFileRules(ownRules, at, here, '.ignore');
    at += name + '/';
    if (judge(joinRules(gitRules, ownRules), at).kind === 'ignored') return none;
  }
  return { gitRules, ownRules, prefix: at };
}

/** `rules` and those of the ignore file `name` of a folder, if there is one; `at` is its place, '' or ending in `/`. */
export function withFileRules(rules: Rules, at: string, folder: string, name: string): Rules {
  const text = readIgnoreFile(joinPath(folder, name));
  return text === undefined ? rules : withRules(rules, at, text, at + name);
}
