/** Git's own file set: tracked (also where ignored) and untracked but not ignored, nested repositories included. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { findGit, type GitDeps, runGit } from './git.ts';
import { type GitEntry, parseEntries } from './gitEntries.ts';
import { decodeName, fsPath, hasInvalidBytes, isGitInternal, joinPath } from './names.ts';
import { pacer } from '../pace.ts';
import type { ListedFile, ListingNote, NoGit, Skip } from './types.ts';
import { walkInto } from './walkFiles.ts';

export type GitListing =
  | {
      readonly kind: 'git';
      /** Relative to the folder; in no promised order. Links and special files among them are found when read. */
      readonly files: readonly ListedFile[];
      readonly skips: readonly Skip[];
      /** Repositories inside that git could not list and the walk did. */
      readonly notes: readonly ListingNote[];
    }
  | { readonly kind: 'no-git'; readonly why: NoGit; readonly detail: string };

export interface Refusal {
  readonly why: NoGit;
  readonly detail: string;
}

interface Job {
  readonly git: string;
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
  readonly breathe: () => Promise<void>;
  readonly files: ListedFile[];
  readonly skips: Skip[];
  readonly notes: ListingNote[];
  /** Paths below the folder; git is asked of these alone. */
  readonly only: readonly string[] | undefined;
}

/**
 * Lists `folder` (absolute) as git sees it. Where git cannot say, the result says why and the walk has to serve.
 * Git runs hardened: see git.ts. Never call it in an untrusted workspace.
 */
export async function listGitFiles(
  folder: string,
  options: {
    readonly signal?: AbortSignal | undefined;
    /** `/`-separated paths below the folder: at least these are listed, and what is below them. */
    readonly only?: readonly string[];
  } = {},
  deps: GitDeps = {},
): Promise<GitListing> {
  const env = deps.env ?? process.env;
  const git = deps.git ?? findGit(env);
  if (git === undefined) return { kind: 'no-git', why: 'git-missing', detail: '' };
  const { signal } = options;
  const only = options.only !== undefined && canNarrow(folder, options.only) ? options.only : undefined;
  const found = { files: [], skips: [], notes: [] };
  const job: Job = { git, env, folder, signal, only, breathe: pacer(signal), ...found };
  const refusal = await listRepository(job, '');
  if (refusal !== undefined) return { kind: 'no-git', ...refusal };
  return { kind: 'git', files: job.files, skips: job.skips, notes: job.notes };
}

/** Longer than this, arguments do not fit a command line of Windows. */
const mostArguments = 20_000;

/** A repository inside answers for its own files, and a name that is no text cannot be asked for. */
function canNarrow(folder: string, only: readonly string[]): boolean {
  if (only.length === 0 || only.some(path => path === '' || hasInvalidBytes(path))) return false;
  if (only.reduce((sum, path) => sum + path.length + 3, 0) > mostArguments) return false;
  const folders = new Set(only.flatMap(ancestorsAndSelf));
  return ![...folders].some(path => exists({ folder }, `${path}/.git`));
}

function ancestorsAndSelf(path: string): string[] {
  const names = path.split('/');
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}

/** Lists one repository into the job; `at` is '' or a folder below the job's, ending in `/`. */
async function listRepository(job: Job, at: string): Promise<Refusal | undefined> {
  const folder = joinPath(job.folder, at.slice(0, -1));
  if (hasInvalidBytes(folder)) return { why: 'failed', detail: 'its path is not valid UTF-8' };
  const located = locate(job, folder);
  const entries: GitEntry[] = [];
  const unreadable: Skip[] = [];
  const parse = parseEntries(entry => entries.push(entry));
  const { only } = job;
  const args = [
    ...['--literal-pathspecs', 'ls-files', '-z', '-t', '--stage'],
    ...['--cached', '--deleted', '--others', '--exclude-standard'],
    ...(only === undefined ? [] : ['--', ...only]),
  ];
  // Both at once: to start git takes longer than what the first is asked.
  const listed = run(job, folder, args, parse.chunk, line => {
    const warning = /^warning: could not open directory '(.*)': (.*)$/.exec(line);
    if (warning === null) return;
    const path =
      at +
      Buffer.from(warning[1] ?? '', 'latin1')
        .toString('utf8')
        .replace(/\/$/, '');
    unreadable.push({ path, reason: { kind: 'unreadable', detail: `directory: ${warning[2] ?? ''}` } });
  });
  const [place, failure] = await Promise.all([located, listed]);
  if (typeof place !== 'string') return place;
  // A broken repository inside another is answered for by the outer one.
  if (at !== '' && place !== '') return { why: 'not-a-work-tree', detail: '' };
  if (failure !== undefined) return failure;
  parse.end();
  // Where the folder itself is ignored, git has nothing to say about what is inside.
  if (only === undefined && entries.length === 0 && place !== '' && (await isIgnored(job, folder, place))) {
    return { why: 'ignored-by-parent', detail: '' };
  }
  job.skips.push(...unreadable);
  await sortOut(job, at, entries);
  return undefined;
}

/** Where in its repository the folder stands: '' at the top, else a path ending in `/`. */
async function locate(job: Job, folder: string): Promise<string | Refusal> {
  const chunks: Buffer[] = [];
  const args = ['rev-parse', '--is-inside-work-tree', '--show-prefix'];
  const failure = await run(job, folder, args, chunk => chunks.push(chunk));
  if (failure !== undefined) return failure;
  const answer = decodeName(Buffer.concat(chunks));
  if (!answer.startsWith('true\n')) return { why: 'not-a-work-tree', detail: 'inside a bare repository' };
  return answer.slice('true\n'.length, -1);
}

/** Asked at the repository's top: inside the folder git would not look at the folder itself. */
async function isIgnored(job: Job, folder: string, place: string): Promise<boolean> {
  const path = place.slice(0, -1);
  const top = joinPath(folder, path.replace(/[^/]+/g, '..'));
  let found = 0;
  const failure = await run(job, top, ['check-ignore', '--', path], chunk => (found += chunk.length));
  return failure === undefined && found > 0;
}

async function run(
  job: Job,
  folder: string,
  args: readonly string[],
  onStdout: (chunk: Buffer) => void,
  onWarning?: (line: string) => void,
): Promise<Refusal | undefined> {
  const output = onWarning === undefined ? { onStdout } : { onStdout, onWarning };
  try {
    const { code, stderr } = await runGit(job.git, folder, args, output, {
      signal: job.signal,
      env: job.env,
    });
    return code === 0 ? undefined : refusalOf(stderr);
  } catch (error) {
    job.signal?.throwIfAborted();
    return { why: 'git-missing', detail: error instanceof Error ? error.message : String(error) };
  }
}

function refusalOf(stderr: string): Refusal {
  const detail = stderr.split('\n').find(line => line.startsWith('fatal:')) ?? stderr.split('\n')[0] ?? '';
  if (/dubious ownership|unsafe repository|safe\.directory/.test(stderr)) return { why: 'refused', detail };
  if (/not a git repository|must be run in a work tree/.test(stderr))
    return { why: 'not-a-work-tree', detail };
  if (/index file|bad index|index entry|\bindex\b.*corrupt/.test(stderr))
    return { why: 'corrupt-index', detail };
  return { why: 'failed', detail };
}

/** Turns what git said into files and skips, by what stands on disk. */
async function sortOut(job: Job, at: string, entries: readonly GitEntry[]): Promise<void> {
  const gone = new Set(entries.filter(entry => entry.tag === 'R').map(entry => entry.name));
  const isRealFolder = realFolders(job.folder);
  const inside: string[] = [];
  let previous = '';
  let count = 0;
  for (const { tag, gitlink, name } of entries) {
    if ((++count & 255) === 0) await job.breathe();
    // Unmerged paths come once for each stage.
    if (tag === 'R' || (name === previous && tag !== '?')) continue;
    previous = name;
    const path = at + name;
    if (isGitInternal(path)) continue;
    if (gitlink || name.endsWith('/')) {
      inside.push(path.replace(/\/$/, ''));
      continue;
    }
    // A tracked file below a folder that became a link would be read through the link.
    const there =
      tag === '?' ||
      (isRealFolder(parentOf(path)) && (tag === 'S' || gone.has(name) ? exists(job, path) : true));
    if (there) job.files.push({ path, absolutePath: joinPath(job.folder, path) });
    else if (tag === 'S')
      job.skips.push({ path, reason: { kind: 'not-checked-out', what: 'sparse-checkout' } });
    else job.skips.push({ path, reason: { kind: 'vanished' } });
  }
  for (const path of inside) await listInside(job, path);
}

/** A submodule or another repository that lies in this one; each under its own rules. */
async function listInside(job: Job, path: string): Promise<void> {
  const folder = joinPath(job.folder, path);
  const stat = lstatSync(fsPath(folder), { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) {
    if (stat === undefined) job.skips.push({ path, reason: { kind: 'not-checked-out', what: 'submodule' } });
    else job.files.push({ path, absolutePath: folder });
    return;
  }
  if (statSync(fsPath(joinPath(folder, '.git')), { throwIfNoEntry: false }) === undefined) {
    if (isEmptyFolder(folder))
      job.skips.push({ path, reason: { kind: 'not-checked-out', what: 'submodule' } });
    else await walkInto(job, path + '/');
    return;
  }
  const refusal = await listRepository(job, path + '/');
  if (refusal === undefined) return;
  job.notes.push({ path, ...refusal });
  await walkInto(job, path + '/');
}

function isEmptyFolder(folder: string): boolean {
  try {
    return readdirSync(fsPath(folder)).length === 0;
  } catch {
    // The walk that follows says why it cannot be read.
    return false;
  }
}

/** Anything but "no such file" counts as there: reading it will tell what is wrong. */
function exists(job: Pick<Job, 'folder'>, path: string): boolean {
  try {
    return lstatSync(fsPath(joinPath(job.folder, path)), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Remembers which folders below `root` are folders, as opposed to links or gone. */
function realFolders(root: string): (path: string) => boolean {
  const known = new Map<string, boolean>([['', true]]);
  const isReal = (path: string): boolean => {
    const remembered = known.get(path);
    if (remembered !== undefined) return remembered;
    let real = isReal(parentOf(path));
    if (real) {
      try {
        real = lstatSync(fsPath(joinPath(root, path)), { throwIfNoEntry: false })?.isDirectory() === true;
      } catch {
        // Not allowed to look: reading the file will say so.
      }
    }
    known.set(path, real);
    return real;
  };
  return isReal;
}
