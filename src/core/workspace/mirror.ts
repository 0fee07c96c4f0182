/**
 * A folder that only the editor can reach (on a server, in memory, at a code host) has a copy on this machine, so that
 * workers list, read and count it as any other. Only what the walk lists is copied.
 */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { comparePaths } from './byPath.ts';
import { LongviewError } from '../errors.ts';
import { inParallel, untilAborted } from '../inParallel.ts';
import { ignoreFileName } from './leftOut.ts';
import { isCopied, makeCopyFolder, removeCopy, writeCopy } from './mirrorFiles.ts';
import { joinPath } from './names.ts';
import { copyableEntries, isSameStat, type RemoteFolder, type RemoteStat } from './remoteFolder.ts';
import { describeFailure } from './skips.ts';
import type { ListedFile, Skip, SkipReason } from './types.ts';
import { insideOf, sortEntries, topVisit, type Visit } from './walkFiles.ts';

export interface MirrorOptions {
  /** Larger files are not copied. Bytes. */
  readonly maxFileBytes: number;
  /** Looks at everything, whatever was noted. */
  readonly thorough: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** In the copy; `all` where anything may have changed. */
export type MirrorChange =
  | { readonly kind: 'changed' | 'created' | 'deleted'; readonly absolutePath: string }
  | { readonly kind: 'all' };

export interface Mirror {
  /** Something happened to this path; '' for anywhere. */
  note(path: string): void;
  /**
   * Makes the copy what the folder is. Throws `workspace-gone` where that cannot be listed, `io` where the copy cannot
   * be written or rules cannot be read, `signal.reason`; nothing that was noted is lost then. One at a time.
   */
  update(options: MirrorOptions, onChange: (change: MirrorChange) => void): Promise<void>;
  /** Copies this one file, whether it is listed or not, or removes its copy where it is gone. Throws `io`. */
  fetch(path: string): Promise<void>;
  /** What would be listed and cannot be copied; sorted by path. */
  skips(): Skip[];
}

interface Copied {
  readonly stat: RemoteStat;
  /** SHA-256. */
  readonly digest: string;
}

/** What looks at folders find. */
interface Found {
  readonly files: Set<string>;
  /** Copied because they decide about others, listed or not. */
  readonly rules: Set<string>;
  readonly skips: Map<string, SkipReason>;
  readonly visits: Map<string, Visit>;
}

/** Asked of a provider at once: many are servers far away. */
const atOnce = 16;
/** So long a provider may take for one answer; ms. */
const patienceMs = 60_000;
/** More folders than this at once: everything is looked at. */
const mostFolders = 50;
/** An ignore file of more bytes is none. */
const longestRules = 10 * 1024 * 1024;
const ruleFiles = ['.gitignore', '.ignore', ignoreFileName];
/** What makes a folder a repository, and its rules; nothing that names a program. */
const gitFiles = ['HEAD', 'info/exclude'];

/** `name` is what the user calls the folder. `remote` is asked; `folder` (absolute) is all the mirror's own. */
export function createMirror(folder: string, name: string, remote: RemoteFolder): Mirror {
  const copies = new Map<string, Copied>();
  /** The contents that the caller was told of. */
  const told = new Map<string, string>();
  let { skips, visits } = nothing();
  let pending = new Set(['']);
  /** What was noted before this update: copied whatever its stamp says, which a clock may be too coarse for. */
  let noted: ReadonlySet<string> = new Set();
  let options: MirrorOptions = { maxFileBytes: 0, thorough: false };
  let tell: (change: MirrorChange) => void = () => undefined;
  let rulesChanged = false;

  const local = (path: string) => joinPath(folder, path);
  const say = (kind: 'changed' | 'created' | 'deleted', path: string) =>
    tell({ kind, absolutePath: local(path) });

  async function ask<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs / 1000} s`)), patienceMs);
    });
    try {
      return await untilAborted(Promise.race([answer, late]), options.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async function updateAll(): Promise<void> {
    await makeCopyFolder(folder);
    const found = nothing();
    await lookBelow(undefined, found);
    for (const path of [...copies.keys()])
      if (!found.files.has(path) && !found.rules.has(path)) await drop(path);
    const before = skips;
    ({ skips, visits } = found);
    // Of files that stand, what was known is still to be looked at.
    for (const [path, reason] of before) if (found.files.has(path)) skips.set(path, reason);
    await copyAll(found.files);
    if (!isDeepStrictEqual(new Map([...before].sort()), new Map([...skips].sort()))) tell({ kind: 'all' });
  }

  /** Only the files that were noted, and the folders in which something else was. */
  async function updateSome(paths: ReadonlySet<string>): Promise<void> {
    const known = [...paths].filter(path => copies.has(path));
    const folders = new Set<string>();
    for (const path of paths) {
      if (path.split('/').includes('.git') || copies.has(path)) continue;
      folders.add(visitedAbove(path));
      if (visits.has(`${path}/`)) folders.add(`${path}/`);
    }
    rulesChanged = false;
    for (const path of await copyAll(known)) folders.add(visitedAbove(path));
    if (folders.size > mostFolders) return updateAll();
    // A folder before what is in it.
    for (const at of [...folders].sort()) {
      if (visits.has(at) && !(await relist(at))) return updateAll();
    }
  }

  /** The innermost folder above a path that was ever looked at. */
  function visitedAbove(path: string): string {
    let at = path;
    do at = at.slice(0, at.lastIndexOf('/', at.length - 2) + 1);
    while (at !== '' && !visits.has(at));
    return at;
  }

  /** One folder anew, with what is new below it. False where its rules changed: then that is not enough. */
  async function relist(at: string): Promise<boolean> {
    const found = nothing();
    const below = await look(at === '' ? undefined : visits.get(at), found);
    if (rulesChanged) return false;
    const isHere = (path: string) => path.startsWith(at) && !path.slice(at.length).includes('/');
    for (const path of [...copies.keys()])
      if (isHere(path) && !found.files.has(path) && !found.rules.has(path)) await drop(path);
    const still = new Set(below.map(visit => visit.at));
    for (const other of [...visits.keys()])
      if (other !== at && other !== '' && isHere(other.slice(0, -1)) && !still.has(other))
        await dropFolder(other);
    for (const path of [...skips.keys()])
      if (isHere(path) && !found.skips.has(path) && !found.files.has(path)) {
        skips.delete(path);
        say('deleted', path);
      }
    const fresh = below.filter(visit => !visits.has(visit.at));
    for (const visit of fresh) await lookBelow(visit, found);
    for (const [path, reason] of found.skips) skip(path, reason);
    for (const [place, visit] of found.visits) visits.set(place, visit);
    await copyAll([...found.files].filter(path => !isHere(path) || !copies.has(path) || noted.has(path)));
    return true;
  }

  function skip(path: string, reason: SkipReason): void {
    if (isDeepStrictEqual(skips.get(path), reason)) return;
    skips.set(path, reason);
    say('created', path);
  }

  /** Folders level by level: the rules of one reach those below it. */
  async function lookBelow(start: Visit | undefined, found: Found): Promise<void> {
    for (let level = [start]; level.length > 0;) {
      const below: Visit[] = [];
      await inParallel(
        level,
        atOnce,
        async visit => below.push(...(await look(visit, found))),
        options.signal,
      );
      level = below;
    }
  }

  /** `visit` is undefined for the folder itself. Gives the folders in it. */
  async function look(visit: Visit | undefined, found: Found): Promise<readonly Visit[]> {
    const place = visit?.at ?? '';
    const at = place.slice(0, -1);
    let listed: Awaited<ReturnType<RemoteFolder['list']>>;
    try {
      listed = await ask(remote.list(at));
    } catch (error) {
      options.signal?.throwIfAborted();
      if (at === '') throw unreachable(error);
      if (!remote.isGone(error)) found.skips.set(at, unreadable(error, 'directory: '));
      return [];
    }
    const entries = copyableEntries(place, listed, (path, reason) => found.skips.set(path, reason));
    const kinds = new Map(entries.map(({ name: entry, dirent }) => [entry, dirent]));
    // They decide about the rest, so they are copied first.
    for (const rules of ruleFiles) await copyRules(place + rules, kinds.get(rules)?.isFile() === true, found);
    const isRepository = kinds.get('.git')?.isDirectory() === true;
    for (const inner of gitFiles) await copyRules(`${place}.git/${inner}`, isRepository, found);
    const inside = insideOf(folder, visit ?? topVisit(folder), entries);
    found.visits.set(place, visit ?? topVisit(folder));
    const job = { folder, files: [] as ListedFile[], skips: [] as Skip[], linkReason: () => link };
    const below = sortEntries(job, inside, entries);
    for (const { path } of job.files) found.files.add(path);
    for (const { path, reason } of job.skips) found.skips.set(path, reason);
    return below;
  }

  async function copyRules(path: string, isThere: boolean, found: Found): Promise<void> {
    const before = copies.get(path)?.digest;
    const result = isThere ? await copy(path, longestRules) : 'gone';
    if (result === 'copied') found.rules.add(path);
    else if (result === 'gone' || result.kind === 'too-large') await drop(path);
    // Without them what was left out would be sent: rather the rules of before, or nothing at all.
    else if (before !== undefined) found.rules.add(path);
    else
      throw new LongviewError(
        'io',
        `${path} of ${name} could not be read (${result.kind === 'unreadable' ? result.detail : result.kind}), and says which files are left out.`,
        'Check the connection to the folder, then try again.',
      );
    if (copies.get(path)?.digest !== before) rulesChanged = true;
  }

  /** Gives back what is no file any more. */
  async function copyAll(paths: Iterable<string>): Promise<string[]> {
    const others: string[] = [];
    const one = async (path: string) => {
      const result = await copy(path, options.maxFileBytes);
      if (result === 'copied') {
        skips.delete(path);
        const { digest = '' } = copies.get(path) ?? {};
        if (told.get(path) !== digest || noted.has(path)) say(told.has(path) ? 'changed' : 'created', path);
        told.set(path, digest);
        return;
      }
      await drop(path);
      if (result === 'gone') others.push(path);
      else if (result.kind === 'not-a-file') others.push(path);
      else skip(path, result);
    };
    await inParallel(paths, atOnce, one, options.signal);
    return others;
  }

  /** Why it cannot be copied, or that it is; throws what is not the file's fault. */
  async function copy(path: string, limitBytes: number): Promise<'copied' | 'gone' | SkipReason> {
    const before = copies.get(path);
    let bytes: Uint8Array;
    let stat: RemoteStat;
    try {
      stat = await ask(remote.stat(path));
      if (stat.kind !== 'file') return { kind: 'not-a-file', what: stat.kind };
      const isSettled = before !== undefined && !noted.has(path) && isCopied(local(path));
      if (isSettled && isSameStat(before.stat, stat)) return 'copied';
      if (stat.size > limitBytes) return { kind: 'too-large', bytes: stat.size, limitBytes };
      bytes = await ask(remote.read(path));
    } catch (error) {
      options.signal?.throwIfAborted();
      return remote.isGone(error) ? 'gone' : unreadable(error);
    }
    const digest = hash('sha256', bytes, 'hex');
    if (digest !== before?.digest || noted.has(path) || !isCopied(local(path))) {
      options.signal?.throwIfAborted();
      copies.delete(path);
      const reason = await writeCopy(folder, local(path), bytes);
      if (reason !== undefined) return reason;
    }
    copies.set(path, { stat, digest });
    return 'copied';
  }

  async function drop(path: string): Promise<void> {
    if (copies.has(path)) await removeCopy(local(path));
    copies.delete(path);
    if (told.delete(path)) say('deleted', path);
  }

  async function dropFolder(at: string): Promise<void> {
    await removeCopy(local(at.slice(0, -1)));
    for (const map of [copies, told, skips, visits])
      for (const path of [...map.keys()]) if (path.startsWith(at)) map.delete(path);
    say('deleted', at.slice(0, -1));
  }

  function unreachable(error: unknown): LongviewError {
    return new LongviewError(
      'workspace-gone',
      `The folder ${name} could not be listed (${describeFailure(error)}).`,
      'Check the connection to it, or remove it from the workspace, then try again.',
      error,
    );
  }

  return {
    note: path =>
      void pending.add(
        path
          .split('/')
          .filter(part => part !== '')
          .join('/'),
      ),
    async update(wanted, onChange) {
      const isOther = wanted.maxFileBytes !== options.maxFileBytes;
      options = wanted;
      tell = onChange;
      const taken = pending;
      noted = taken;
      pending = new Set();
      try {
        const isAll = options.thorough || isOther || [...taken].some(decidesAboutOthers);
        await (isAll ? updateAll() : updateSome(taken));
      } catch (error) {
        for (const path of [...taken, '']) pending.add(path);
        throw error;
      }
    },
    async fetch(path) {
      options = { ...options, signal: undefined };
      noted = new Set([path]);
      await makeCopyFolder(folder);
      const result = await copy(path, longestRules);
      if (result === 'gone') return removeCopy(local(path));
      if (result !== 'copied') {
        const why = result.kind === 'unreadable' ? result.detail : result.kind;
        const remedy = 'Check the connection to the folder, then try again.';
        throw new LongviewError('io', `${path} of ${name} could not be read (${why}).`, remedy);
      }
    },
    skips: () => [...skips].map(([path, reason]) => ({ path, reason })).sort(comparePaths),
  };
}

function nothing(): Found {
  return { files: new Set(), rules: new Set(), skips: new Map(), visits: new Map() };
}

function decidesAboutOthers(path: string): boolean {
  return (
    path === '' ||
    ruleFiles.includes(path.split('/').at(-1) ?? '') ||
    /(?:^|\/)\.git(?:$|\/(?:HEAD|info\/exclude)$)/.test(path)
  );
}

const link: SkipReason = { kind: 'symlink', target: 'a place its file system does not tell' };

function unreadable(error: unknown, before = ''): SkipReason {
  return { kind: 'unreadable', detail: before + describeFailure(error) };
}
