/** What git knows of how files came to be what they are. Files are compared as they are: no filter runs. */
import { findGit, type GitDeps, runGit } from './git.ts';
import { filtersOff } from './gitFilters.ts';
import { decodeName, hasInvalidBytes, joinPath } from './names.ts';

export interface FileHistory {
  /** Names the state of the repository that this was read from; the same state gives the same history. */
  readonly state: string;
  /**
   * Absolute paths of files that are not what they were where the branch left the main branch: by its commits, in the
   * index, in the work tree, or because git does not track them yet.
   */
  readonly changed: readonly string[];
  /** What the branch is compared with, as the user knows it: `origin/main`; absent where no main branch is known. */
  readonly base?: string;
  /** Absolute path -> how many commits ago it was changed last, 0 for the newest; only the latest commits are looked at. */
  readonly lastChanged: ReadonlyMap<string, number>;
}

const commitsLookedAt = 200;
/** A commit that touches more is a move or an import, which tells nothing of any one file. */
const mostFilesOfCommit = 200;

/** Where a branch usually begins, best first. */
const mainBranches = [
  'remotes/origin/HEAD',
  'remotes/origin/main',
  'remotes/origin/master',
  'heads/main',
  'heads/master',
];

/**
 * The history of `folder` (absolute); undefined where git cannot tell. `known` is given back where the repository is
 * in the state it was in. Never call it in an untrusted workspace.
 */
export async function readHistory(
  folder: string,
  options: { readonly signal?: AbortSignal | undefined; readonly known?: FileHistory | undefined } = {},
  deps: GitDeps = {},
): Promise<FileHistory | undefined> {
  const env = deps.env ?? process.env;
  const git = deps.git ?? findGit(env);
  if (git === undefined || hasInvalidBytes(folder)) return undefined;
  const { signal } = options;

  async function run(args: readonly string[]) {
    const chunks: Buffer[] = [];
    const output = { onStdout: (chunk: Buffer) => void chunks.push(chunk) };
    const { code } = await runGit(git ?? '', folder, args, output, { signal, env });
    return { code, output: Buffer.concat(chunks) };
  }
  async function ask(...args: string[]): Promise<Buffer | undefined> {
    const { code, output } = await run(args);
    return code === 0 ? output : undefined;
  }
  const names = async (...args: string[]) => {
    const output = await ask(...args);
    if (output === undefined) throw new Error('git could not tell');
    return splitNames(output).map(name => joinPath(folder, name));
  };
  const word = async (...args: string[]) => (await ask(...args))?.toString('latin1').trim();

  try {
    const refs = await word(
      'for-each-ref',
      '--format=%(refname) %(objectname)',
      ...mainBranches.map(name => `refs/${name}`),
    );
    const head = await word('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
    if (head === undefined || refs === undefined) return undefined;
    const filters = await filtersOff(run);
    const [staged, unstaged, untracked] = await Promise.all([
      names('diff-index', '--cached', ...nameOptions, head),
      // Not diff-files: of a checkout that was copied, it calls every file changed.
      names(...filters, 'diff', ...nameOptions.slice(1), '--', '.'),
      names('ls-files', '-z', '--others', '--exclude-standard', '--', '.'),
    ]);
    const uncommitted = [...staged, ...unstaged, ...untracked];
    const state = JSON.stringify([head, refs, uncommitted]);
    if (options.known?.state === state) return options.known;
    const main = mainBranches
      .map(name => `refs/${name} `)
      .find(name => refs.includes(name))
      ?.trim();
    const base = main === undefined ? undefined : await word('merge-base', head, main);
    const committed =
      base === undefined || base === head ? [] : await names('diff-tree', ...nameOptions, base, head);
    const log = await ask('log', ...logOptions, ...nameOptions, head, '--');
    return {
      state,
      changed: [...new Set([...committed, ...uncommitted])],
      ...(main !== undefined && { base: main.replace(/^refs\/(remotes|heads)\//, '') }),
      lastChanged: parseLog(log, folder),
    };
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

// Renames would read content; a submodule's own state is its own repository's.
const nameOptions = [
  '-r',
  '--name-only',
  '-z',
  '--no-renames',
  '--relative',
  '--ignore-submodules=all',
  '--no-ext-diff',
  '--no-textconv',
];
// Showing signatures runs the program that the repository's configuration names.
const logOptions = ['--no-show-signature', `--max-count=${commitsLookedAt}`, '--format=%x01', '--no-merges'];

function splitNames(output: Buffer | undefined): string[] {
  const names: string[] = [];
  if (output === undefined) return names;
  for (let start = 0; start < output.length;) {
    const end = output.indexOf(0, start);
    const name = output.subarray(start, end < 0 ? output.length : end);
    if (name.length > 0) names.push(decodeName(name));
    start = end < 0 ? output.length : end + 1;
  }
  return names;
}

/** Commits start with `\x01`; the first name of one stands behind a line end. */
function parseLog(output: Buffer | undefined, folder: string): Map<string, number> {
  const last = new Map<string, number>();
  let commit = -1;
  let files: string[] = [];
  const close = () => {
    if (files.length > mostFilesOfCommit) return;
    for (const name of files) if (!last.has(name)) last.set(name, commit);
  };
  for (const entry of splitNames(output)) {
    if (entry.startsWith('\x01')) {
      close();
      commit++;
      files = [];
      if (entry.length > 1) files.push(joinPath(folder, entry.slice(1).replace(/^\n/, '')));
    } else files.push(joinPath(folder, entry.replace(/^\n/, '')));
  }
  close();
  return last;
}
