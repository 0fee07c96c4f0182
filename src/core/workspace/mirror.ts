/**
 * A folder that only the editor can reach (on a server, in memory, at a code host) has a copy on this machine, so that
 * workers list, read and count it as any other. Only what the walk lists is copied.
 */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { LongviewError } from '../errors.ts';
import { inParallel } from '../inParallel.ts';
import { isCopyName, makeCopyFolder, removeCopy, writeCopy } from './mirrorFiles.ts';
import { foldsCase, joinPath } from './names.ts';
import { direntOf, isSameStat, type RemoteFolder, type RemoteStat } from './remoteFolder.ts';
import { describeFailure, folderGone } from './skips.ts';
import type { ListedFile, Skip, SkipReason } from './types.ts';
import { insideOf, type NamedEntry, sortEntries, topVisit, type Visit } from './walkFiles.ts';

export interface MirrorOptions {
  /** Larger files are not copied. Bytes. */
  readonly maxFileBytes: number;
  /** Looks at everything, whatever was noted. */
  readonly thorough: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** In the copy. */
export interface MirrorChange {
  readonly kind: 'changed' | 'created' | 'deleted';
  readonly absolutePath: string;
}

export interface Mirror {
  /** Something happened to this path; '' for anywhere. */
  note(path: string): void;
  /**
   * Makes the copy what the folder is. Throws `workspace-gone` where that cannot be listed, `io` where the copy cannot
   * be written, `signal.reason`; the next update then looks at everything. One at a time.
   */
  update(options: MirrorOptions, onChange: (change: MirrorChange) => void): Promise<void>;
  /** What would be listed and cannot be copied; sorted by path. */
  skips(): Skip[];
}

interface Copied {
  readonly stat: RemoteStat;
  /** SHA-256. */
  readonly digest: string;
}

/** What a look at some of the folder finds. */
interface Found {
  readonly files: Set<string>;
  readonly skips: Map<string, SkipReason>;
  readonly visits: Map<string, Visit>;
}

/** Asked of a provider at once: many are servers far away. */
const atOnce = 16;
const ignoreFiles = new Set(['.gitignore', '.ignore']);
/** What makes a folder a repository, and its rules; nothing that names a program. */
const gitFiles = ['HEAD', 'info/exclude'];

export function createMirror(folder: string, remote: RemoteFolder): Mirror {
  const copies = new Map<string, Copied>();
  let { skips, visits } = nothing();
  let pending = new Set(['']);
  /** What was noted before this update: copied whatever its stamp says, which a clock may be too coarse for. */
  let noted: ReadonlySet<string> = new Set();
  let limitBytes = 0;

  const local = (path: string) => joinPath(folder, path);

  async function updateAll(options: MirrorOptions, onChange: (change: MirrorChange) => void): Promise<void> {
    await makeCopyFolder(folder);
    const before = { copies: new Map(copies), skips };
    const found = nothing();
    await lookBelow(topVisit(folder), found, options.signal);
    if (foldsCase) setTwinsApart(found);
    for (const path of [...copies.keys()]) if (!found.files.has(path)) await forget(path, onChange);
    ({ skips, visits } = found);
    await copyAll(found, before, options, onChange);
  }

  async function copyAll(
    { files }: Found,
    known: { readonly copies: ReadonlyMap<string, Copied>; readonly skips: ReadonlyMap<string, SkipReason> },
    options: MirrorOptions,
    onChange: (change: MirrorChange) => void,
  ): Promise<void> {
    await inParallel(
      files,
      atOnce,
      async path => {
        const before = known.copies.get(path);
        const reason = await copy(path, options.maxFileBytes);
        if (reason === undefined) {
          skips.delete(path);
          const kind = before === undefined ? 'created' : 'changed';
          if (copies.get(path)?.digest !== before?.digest || noted.has(path))
            onChange({ kind, absolutePath: local(path) });
        } else {
          copies.delete(path);
          await removeCopy(local(path));
          skips.set(path, reason);
          if (before !== undefined) onChange({ kind: 'deleted', absolutePath: local(path) });
          else if (!isDeepStrictEqual(known.skips.get(path), reason))
            onChange({ kind: 'created', absolutePath: local(path) });
        }
      },
      options.signal,
    );
  }

  /** Folders level by level: the rules of one reach those below it. */
  async function lookBelow(start: Visit, found: Found, signal: AbortSignal | undefined): Promise<void> {
    for (let level = [start]; level.length > 0;) {
      const below: Visit[] = [];
      await inParallel(level, atOnce, async visit => below.push(...(await look(visit, found))), signal);
      level = below;
    }
  }

  async function look(visit: Visit, found: Found): Promise<readonly Visit[]> {
    const at = visit.at.slice(0, -1);
    let listed: Awaited<ReturnType<RemoteFolder['list']>>;
    try {
      listed = await remote.list(at);
    } catch (error) {
      if (at === '') throw folderGone(folder, error);
      if (!remote.isGone(error)) found.skips.set(at, unreadable(error, 'directory: '));
      return [];
    }
    const entries: NamedEntry[] = [];
    for (const [name, kind] of listed) {
      if (!isCopyName(name)) found.skips.set(visit.at + name, badName);
      else entries.push({ name, dirent: direntOf(kind) });
      // Rules decide about the rest, so they are copied first.
      if (ignoreFiles.has(name) && kind === 'file') await copyRules(visit.at + name, found);
      if (name === '.git' && kind === 'folder')
        for (const inner of gitFiles) await copyRules(`${visit.at}.git/${inner}`, found);
    }
    const inside = insideOf(folder, visit, entries);
    found.visits.set(visit.at, inside);
    return judge(inside, entries, found);
  }

  function judge(inside: Visit, entries: readonly NamedEntry[], found: Found): Visit[] {
    const job = {
      folder,
      files: [] as ListedFile[],
      skips: [] as Skip[],
      linkReason: () => link,
    };
    const below = sortEntries(job, inside, entries);
    for (const { path } of job.files) found.files.add(path);
    for (const { path, reason } of job.skips) found.skips.set(path, reason);
    return below;
  }

  async function copyRules(path: string, found: Found): Promise<void> {
    const reason = await copy(path, longestRules);
    // As on disk, rules that cannot be read are none; where the file itself is listed, that is told.
    if (reason !== undefined) await removeCopy(local(path));
    else if (path.includes('.git/')) found.files.add(path);
  }

  /** Undefined where the copy is what the file is; throws what is not the file's fault. */
  async function copy(path: string, limitBytes: number): Promise<SkipReason | undefined> {
    const before = copies.get(path);
    try {
      const stat = await remote.stat(path);
      if (before !== undefined && isSameStat(before.stat, stat) && !noted.has(path)) return undefined;
      if (stat.size > limitBytes) return { kind: 'too-large', bytes: stat.size, limitBytes };
      const bytes = await remote.read(path);
      const digest = hash('sha256', bytes, 'hex');
      if (digest !== before?.digest || noted.has(path)) await writeCopy(folder, local(path), bytes);
      copies.set(path, { stat, digest });
      return undefined;
    } catch (error) {
      if (error instanceof LongviewError) throw error;
      return remote.isGone(error) ? { kind: 'vanished' } : unreadable(error);
    }
  }

  /** With what is below it, where it was a folder. */
  async function forget(path: string, onChange: (change: MirrorChange) => void): Promise<void> {
    const known = [copies, skips].flatMap(map => [...map.keys()]);
    const gone = known.filter(other => other === path || other.startsWith(`${path}/`));
    for (const other of gone) {
      copies.delete(other);
      skips.delete(other);
    }
    for (const at of visits.keys()) if (at.startsWith(`${path}/`)) visits.delete(at);
    await removeCopy(local(path));
    if (gone.length > 0) onChange({ kind: 'deleted', absolutePath: local(path) });
  }

  async function updateOne(
    path: string,
    options: MirrorOptions,
    onChange: (change: MirrorChange) => void,
  ): Promise<void> {
    // A new folder may be told of by what is in it alone: the first that was never looked at decides.
    const names = path.split('/');
    const above = (depth: number) =>
      names
        .slice(0, depth)
        .map(name => `${name}/`)
        .join('');
    let depth = 0;
    while (depth < names.length - 1 && visits.has(above(depth + 1))) depth++;
    const parent = visits.get(above(depth));
    const name = names[depth] ?? '';
    if (parent === undefined || !isCopyName(name)) return;
    const at = above(depth) + name;
    let stat: RemoteStat;
    try {
      stat = await remote.stat(at);
    } catch (error) {
      await forget(at, onChange);
      if (!remote.isGone(error)) skips.set(at, unreadable(error));
      return;
    }
    if (stat.kind !== 'file' || visits.has(`${at}/`)) await forget(at, onChange);
    const found = nothing();
    for (const visit of judge(parent, [{ name, dirent: direntOf(stat.kind) }], found))
      await lookBelow(visit, found, options.signal);
    const before = { copies: new Map(copies), skips: new Map(skips) };
    for (const [skipped, reason] of found.skips) {
      skips.set(skipped, reason);
      onChange({ kind: 'created', absolutePath: local(skipped) });
    }
    for (const [place, visit] of found.visits) visits.set(place, visit);
    await copyAll(found, before, options, onChange);
  }

  return {
    note: path => void pending.add(path),
    async update(options, onChange) {
      const taken = pending;
      noted = taken;
      pending = new Set();
      try {
        const isOther = options.maxFileBytes !== limitBytes;
        limitBytes = options.maxFileBytes;
        if (options.thorough || isOther || [...taken].some(decidesAboutOthers))
          await updateAll(options, onChange);
        else
          for (const path of taken)
            if (!path.split('/').includes('.git')) await updateOne(path, options, onChange);
      } catch (error) {
        pending.add('');
        throw error;
      }
    },
    skips: () =>
      [...skips].map(([path, reason]) => ({ path, reason })).sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

/** Two names that are one on this machine: the first has the copy. */
function setTwinsApart({ files, skips }: Found): void {
  const taken = new Set<string>();
  for (const path of [...files].sort()) {
    const folded = path.toLowerCase().normalize('NFC');
    if (taken.has(folded)) {
      files.delete(path);
      skips.set(path, { kind: 'unreadable', detail: 'another file has this name on this machine' });
    }
    taken.add(folded);
  }
}

/** An ignore file of more bytes is none. */
const longestRules = 10 * 1024 * 1024;

function nothing(): Found {
  return { files: new Set(), skips: new Map(), visits: new Map() };
}

function decidesAboutOthers(path: string): boolean {
  return (
    path === '' ||
    ignoreFiles.has(path.split('/').at(-1) ?? '') ||
    /(?:^|\/)\.git(?:$|\/(?:HEAD|info\/exclude)$)/.test(path)
  );
}

const link: SkipReason = { kind: 'symlink', target: 'a place its file system does not tell' };
const badName: SkipReason = { kind: 'unreadable', detail: 'no file on this machine can have its name' };

function unreadable(error: unknown, before = ''): SkipReason {
  return { kind: 'unreadable', detail: before + describeFailure(error) };
}
