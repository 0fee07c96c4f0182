/** What git knows of how files came to be what they are. Reads objects and the index, never the files: no filter runs. */
import { findGit, type GitDeps, runGit } from './git.ts';
import { decodeName, hasInvalidBytes, joinPath } from './names.ts';

export interface FileHistory {
  /** Names the state of the repository that this was read from; the same state gives the same history. */
  readonly state: string;
  /** Absolute paths of files that commits of this branch, or the index, changed since it left the main branch. */
  readonly changed: readonly string[];
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

  async function ask(...args: string[]): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    const output = { onStdout: (chunk: Buffer) => void chunks.push(chunk) };
    const { code } = await runGit(git ?? '', folder, args, output, { signal, env });
    return code === 0 ? Buffer.concat(chunks) : undefined;
  }
  const names = async (...args: string[]) =>
    splitNames(await ask(...args)).map(name => joinPath(folder, name));
  const word = async (...args: string[]) => (await ask(...args))?.toString('latin1').trim();

  try {
    const refs = await word(
      'for-each-ref',
      '--format=%(refname) %(objectname)',
      ...mainBranches.map(name => `refs/${name}`),
    );
    const head = await word('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
    if (head === undefined || refs === undefined) return undefined;
    const staged = await names('diff-index', '--cached', ...nameOptions, head);
    const state = JSON.stringify([head, refs, staged]);
    if (options.known?.state === state) return options.known;
    const main = mainBranches
      .map(name => `refs/${name} `)
      .find(name => refs.includes(name))
      ?.trim();
    const base = main === undefined ? undefined : await word('merge-base', head, main);
    const committed =
      base === undefined || base === head ? [] : await names('diff-tree', ...nameOptions, base, head);
    const log = await ask('log', ...logOptions, ...nameOptions, head, '--');
    return { state, changed: [...committed, ...staged], lastChanged: parseLog(log, folder) };
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
