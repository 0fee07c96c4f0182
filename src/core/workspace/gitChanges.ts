/** What the current branch changed, by git; see git.ts for how it is run. */
import { LongviewError } from '../errors.ts';
import { findGit, runGit, type GitDeps } from './git.ts';
import { filtersOff } from './gitFilters.ts';
import { longviewIgnore } from './leftOut.ts';

export interface Changes {
  /** What is compared with, as git names it, e.g. `origin/main`. */
  readonly base: string;
  /** The commit where the branch left it, abbreviated. */
  readonly mergeBase: string;
  /** A unified diff of tracked files, uncommitted changes included; whole lines, cut at `maxBytes`. */
  readonly diff: string;
  readonly cut: boolean;
  /** New files that git does not track yet, workspace-relative; they are not in the diff. */
  readonly untracked: readonly string[];
  /** Changed files that a `.longviewignore` leaves out; nothing of them is in the diff. */
  readonly leftOut: readonly string[];
}

export interface ChangesOptions {
  /** What to compare with; the remote's default branch, or the usual names, otherwise. */
  readonly base?: string;
  /** Stands before every path of the diff: the folder's name in a multi-root workspace, with a `/`. */
  readonly prefix?: string;
  /** Bytes of the diff that are kept. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

const defaultMaxBytes = 1_000_000;
const mostUntracked = 200;

/** No program that the repository names: no external diff, no text conversion, and nothing runs in submodules. */
const plainDiff = [
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--relative',
  '--ignore-submodules=dirty',
  '--submodule=short',
  '--find-renames',
  '--unified=5',
];

/**
 * The changes of the branch that is checked out in `folder`, against where it left its base. Never call it in an
 * untrusted workspace. Throws `no-changes` where there are none, `io` where git cannot say, or `signal.reason`.
 */
export async function readChanges(
  folder: string,
  options: ChangesOptions = {},
  deps: GitDeps = {},
): Promise<Changes> {
  const env = deps.env ?? process.env;
  const git = deps.git ?? findGit(env);
  if (git === undefined)
    throw new LongviewError('io', 'Git was not found on the PATH.', 'Install git, then ask again.');
  const { signal } = options;

  async function run(args: readonly string[], most = 1_000_000) {
    const chunks: Buffer[] = [];
    let size = 0;
    const enough = new AbortController();
    const both = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
    const onStdout = (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > most) enough.abort();
    };
    try {
      const { code, stderr } = await runGit(git ?? '', folder, args, { onStdout }, { signal: both, env });
      return { code, stderr, output: Buffer.concat(chunks), cut: false };
    } catch (error) {
      signal?.throwIfAborted();
      if (!enough.signal.aborted) throw startFailed(error);
      return { code: 0, stderr: '', output: Buffer.concat(chunks).subarray(0, most), cut: true };
    }
  }
  const ask = async (...args: string[]) => {
    const { code, output } = await run(args);
    return code === 0 ? output.toString('utf8').trim() : undefined;
  };

  if ((await ask('rev-parse', '--is-inside-work-tree')) !== 'true')
    throw new LongviewError(
      'io',
      'The folder is no git repository, so there is no branch to review.',
      'Open a folder that git tracks, or ask without /diff.',
    );
  const base = await findBase(options.base, ask);
  const mergeBase = await ask('merge-base', 'HEAD', base);
  if (mergeBase === undefined || !/^[0-9a-f]{40,64}$/.test(mergeBase))
    throw new LongviewError(
      'io',
      `Git finds no common commit of HEAD and ${base}.`,
      'Name the branch to compare with: /diff main',
    );
  const filters = await filtersOff(run);
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const judge = longviewIgnore(folder);
  const isLeftOut = (path: string) => judge(path).kind === 'ignored';
  const names = await run([
    ...filters,
    'diff',
    ...plainDiff,
    '--no-renames',
    '--name-only',
    '-z',
    mergeBase,
    '--',
    '.',
  ]);
  const leftOut = splitNames(names.output).filter(isLeftOut);
  if (names.cut || leftOut.join('').length > 50_000)
    throw new LongviewError(
      'io',
      'The branch changes too many files to compare.',
      'Name a closer commit to compare with, for example: /diff HEAD~20',
    );
  const paths = ['.', ...leftOut.map(path => `:(exclude,literal)${path}`)];
  const { prefix = '' } = options;
  const prefixes = [`--src-prefix=a/${prefix}`, `--dst-prefix=b/${prefix}`];
  const compared = await run(
    [...filters, 'diff', ...plainDiff, ...prefixes, mergeBase, '--', ...paths],
    maxBytes,
  );
  if (compared.code !== 0 || names.code !== 0)
    throw new LongviewError(
      'io',
      `Git could not compare: ${compared.stderr || names.stderr}`,
      'Try it in a terminal: git diff',
    );
  const listed = await run(['ls-files', '-z', '--others', '--exclude-standard', '--', '.']);
  const untracked = splitNames(listed.output)
    .filter(path => !isLeftOut(path))
    .slice(0, mostUntracked)
    .map(path => prefix + path);
  const text = compared.output.toString('utf8');
  const diff = compared.cut ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
  if (diff === '' && untracked.length === 0)
    throw new LongviewError(
      'no-changes',
      `Nothing has changed since ${base} (${mergeBase.slice(0, 10)}).`,
      'Check out the branch to review, or name another one to compare with: /diff main',
    );
  return { base, mergeBase: mergeBase.slice(0, 10), diff, cut: compared.cut, untracked, leftOut };
}

function splitNames(output: Buffer): string[] {
  return output
    .toString('utf8')
    .split('\0')
    .filter(path => path !== '');
}

/** A branch, tag or commit; nothing that git could take for an option or a range. */
const revision = /^[\p{L}\p{N}_][\p{L}\p{N}_./@^~+-]{0,200}$/u;

async function findBase(
  named: string | undefined,
  ask: (...args: string[]) => Promise<string | undefined>,
): Promise<string> {
  const exists = async (name: string) =>
    revision.test(name) &&
    !name.includes('..') &&
    (await ask('rev-parse', '--verify', '--quiet', `${name}^{commit}`)) !== undefined;
  if (named !== undefined) {
    if (await exists(named)) return named;
    throw new LongviewError(
      'bad-usage',
      `Git knows no branch or commit "${named.slice(0, 100)}".`,
      'Name one that exists, or none: /diff',
    );
  }
  const remote = await ask('symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD');
  const usual = ['origin/main', 'origin/master', 'main', 'master', 'trunk', 'develop'];
  for (const name of [...(remote === undefined ? [] : [remote]), ...usual])
    if (await exists(name)) return name;
  if (await exists('HEAD')) return 'HEAD';
  throw new LongviewError(
    'io',
    'The repository has no commit yet, so there is nothing to compare with.',
    'Commit something first.',
  );
}

function startFailed(error: unknown): LongviewError {
  const detail = error instanceof Error ? error.message : String(error);
  return new LongviewError(
    'io',
    `Git could not be run: ${detail}`,
    'Check that git works in a terminal.',
    error,
  );
}
