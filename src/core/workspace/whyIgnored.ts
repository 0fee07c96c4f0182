/** "Which rule ignores this file?", for a file that no listing has. */
import { dirname, isAbsolute, relative, resolve } from 'node:path';

import { findGit, runGit, type GitDeps } from './git.ts';
import { excludeRules, isRepository, readIgnoreFile, withFileRules } from './gitFolder.ts';
import { joinRules, judge, noRules } from './ignoreRules.ts';
import { hasInvalidBytes, joinPath } from './names.ts';

export interface IgnoredBy {
  /** Absolute path of the file that the rule stands in. */
  readonly file: string;
  /** 1-based; absent where it was not found again. */
  readonly line?: number;
  /** As written. */
  readonly rule: string;
}

/** Of an absolute path below `folder`. Git is asked where it is trusted and there; else the walk's own rules are. */
export async function ignoredBy(
  absolutePath: string,
  folder: string,
  options: { readonly trusted: boolean; readonly signal?: AbortSignal },
  deps: GitDeps = {},
): Promise<IgnoredBy | undefined> {
  const top = topOf(dirname(absolutePath), folder);
  const byGit = options.trusted ? await askGit(absolutePath, top, options.signal, deps) : 'no answer';
  return byGit === 'no answer' ? byWalk(absolutePath, top) : byGit;
}

/** The work tree around a folder; where there is none, the open folder. */
function topOf(from: string, folder: string): string {
  for (let at = resolve(from); ; at = dirname(at)) {
    if (isRepository(at)) return at;
    if (dirname(at) === at) return resolve(folder);
  }
}

async function askGit(
  absolutePath: string,
  top: string,
  signal: AbortSignal | undefined,
  deps: GitDeps,
): Promise<IgnoredBy | undefined | 'no answer'> {
  const env = deps.env ?? process.env;
  const git = deps.git ?? findGit(env);
  if (git === undefined || hasInvalidBytes(absolutePath)) return 'no answer';
  const chunks: Buffer[] = [];
  const args = ['-c', 'core.quotePath=false', 'check-ignore', '--verbose', '--', absolutePath];
  const onStdout = (chunk: Buffer) => void chunks.push(chunk);
  const { code } = await runGit(git, top, args, { onStdout }, { signal, env });
  if (code === 1) return undefined;
  if (code !== 0) return 'no answer';
  const [, source, line, rule] = /^(.*?):(\d+):(.*?)\t/.exec(Buffer.concat(chunks).toString('utf8')) ?? [];
  if (source === undefined || rule === undefined) return 'no answer';
  // A rule that takes the file back is told as well.
  if (rule.startsWith('!')) return undefined;
  return { file: isAbsolute(source) ? source : joinPath(top, source), line: Number(line), rule };
}

/** As `walkFiles` has it. */
function byWalk(absolutePath: string, top: string): IgnoredBy | undefined {
  const names = relative(top, absolutePath).split(/[\\/]/);
  let gitRules = excludeRules(top);
  let ownRules = noRules;
  let at = '';
  for (const [i, name] of names.entries()) {
    const here = joinPath(top, at.replace(/\/$/, ''));
    gitRules = withFileRules(gitRules, at, here, '.gitignore');
    ownRules = withFileRules(ownRules, at, here, '.ignore');
    at += i < names.length - 1 ? name + '/' : name;
    const verdict = judge(joinRules(gitRules, ownRules), at);
    if (verdict.kind !== 'ignored') continue;
    const file = joinPath(top, verdict.source);
    const line = lineOf(verdict.rule, file);
    return { file, rule: verdict.rule, ...(line !== undefined && { line }) };
  }
  return undefined;
}

/** Where an ignore file says it, last: that is where it counts. 1-based. */
export function lineOf(rule: string, file: string): number | undefined {
  const lines = readIgnoreFile(file)?.split(/\r?\n/) ?? [];
  const at = lines.findLastIndex(line => line.trimEnd() === rule.trimEnd());
  return at === -1 ? undefined : at + 1;
}
