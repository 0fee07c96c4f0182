import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

import { replaceFile } from '../tokens/atomicFile.ts';
import { decodeEntry, decodeHead, encodeEntry, headBytes } from './historyFile.ts';
import type { HistoryEntry, HistoryHead } from './historyTypes.ts';

export type { HistoryAnchor, HistoryEntry, HistoryHead, HistoryState, Surface } from './historyTypes.ts';

/** A file that is in the history's folder and cannot be read. It stays until the user deletes it. */
export interface Unreadable {
  readonly id: string;
  /** One plain sentence. */
  readonly why: string;
}

export interface HistoryList {
  /** Newest first. */
  readonly entries: readonly HistoryHead[];
  readonly unreadable: readonly Unreadable[];
}

export type HistoryRead =
  | { readonly kind: 'entry'; readonly entry: HistoryEntry }
  | { readonly kind: 'unreadable'; readonly why: string }
  | { readonly kind: 'gone' };

/**
 * The asks of a workspace, one file each, so that two windows never write the same one. Every write replaces its file
 * as a whole. Reading never throws for what stands in a file; it throws where the disk fails.
 */
export interface History {
  newId(at: Date): string;
  write(entry: HistoryEntry): Promise<void>;
  /** Says that a running entry's process is alive, between writes. */
  touch(id: string): Promise<void>;
  list(): Promise<HistoryList>;
  read(id: string): Promise<HistoryRead>;
  /** The newest ask whose question and answer make this turn. */
  findTurn(turn: string): Promise<string | undefined>;
  delete(id: string): Promise<void>;
  /** Deletes the oldest beyond what is kept, never one that is running or unreadable. */
  prune(): Promise<void>;
}

export interface HistoryOptions {
  /** Entries kept. */
  readonly most?: number;
  readonly now?: () => number;
  readonly isAlive?: (pid: number) => boolean;
}

const ending = '.ask';
const idPattern = /^[\w-]{1,80}$/;
/** A `running` file that nobody touched for so long has no writer, whoever has its process id now, ms. */
export const silentAfterMs = 90_000;
/** Larger files are none of ours: an answer is cut long before. */
const mostBytes = 64 * 1024 * 1024;
const atOnce = 16;

export function createHistory(folder: string, options: HistoryOptions = {}): History {
  const { most = 1000, now = Date.now, isAlive = processLives } = options;
  const heads = new Map<string, { readonly stamp: string; readonly head: HistoryHead | string }>();
  const fileOf = (id: string): string => {
    if (!idPattern.test(id)) throw new RangeError(`No history id: ${id.slice(0, 100)}`);
    return join(folder, `${id}${ending}`);
  };

  async function names(): Promise<string[]> {
    const found = await readdir(folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return found
      .filter(name => name.endsWith(ending))
      .map(name => name.slice(0, -ending.length))
      .filter(id => idPattern.test(id));
  }

  /** A string says why it cannot be read; undefined: it has been deleted meanwhile. */
  async function headOf(id: string): Promise<HistoryHead | string | undefined> {
    try {
      const { mtimeMs, size } = await stat(fileOf(id));
      const stamp = `${mtimeMs} ${size}`;
      const known = heads.get(id);
      const head = known?.stamp === stamp ? known.head : await readHead(fileOf(id), id);
      heads.set(id, { stamp, head });
      return typeof head === 'string' ? head : settled(head, mtimeMs);
    } catch (error) {
      if (isMissing(error)) return undefined;
      return `It cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  function settled<T extends Pick<HistoryHead, 'state' | 'pid'>>(entry: T, mtimeMs: number): T {
    if (entry.state !== 'running') return entry;
    const running = isAlive(entry.pid) && now() - mtimeMs < silentAfterMs;
    return running ? entry : { ...entry, state: 'interrupted' };
  }

  async function list(): Promise<HistoryList> {
    const ids = (await names()).sort().reverse();
    const entries: HistoryHead[] = [];
    const unreadable: Unreadable[] = [];
    for (let i = 0; i < ids.length; i += atOnce) {
      const some = ids.slice(i, i + atOnce);
      const read = await Promise.all(some.map(headOf));
      some.forEach((id, n) => {
        const head = read[n];
        if (typeof head === 'string') unreadable.push({ id, why: head });
        else if (head !== undefined) entries.push(head);
      });
    }
    for (const id of heads.keys()) if (!ids.includes(id)) heads.delete(id);
    return { entries: entries.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)), unreadable };
  }

  return {
    newId: at => `${at.toISOString().replace(/\D/g, '').slice(0, 17)}-${randomBytes(4).toString('hex')}`,
    write: entry => replaceFile(fileOf(entry.id), encodeEntry(entry)),
    async touch(id) {
      const time = new Date(now());
      await utimes(fileOf(id), time, time);
    },
    list,
    async read(id) {
      try {
        const { size, mtimeMs } = await stat(fileOf(id));
        if (size > mostBytes) return { kind: 'unreadable', why: 'It is too large to be one of ours.' };
        const decoded = decodeEntry(await readFile(fileOf(id), 'utf8'));
        if (decoded.kind === 'bad') return { kind: 'unreadable', why: decoded.why };
        if (decoded.value.id !== id) return { kind: 'unreadable', why: 'Its name is that of another entry.' };
        return { kind: 'entry', entry: settled(decoded.value, mtimeMs) };
      } catch (error) {
        if (isMissing(error)) return { kind: 'gone' };
        throw error;
      }
    },
    async findTurn(turn) {
      if (turn === '') return undefined;
      return (await list()).entries.find(entry => entry.turn === turn)?.id;
    },
    delete: id => rm(fileOf(id), { force: true }),
    async prune() {
      await mkdir(folder, { recursive: true });
      const { entries } = await list();
      for (const { id, state } of entries.slice(most))
        if (state !== 'running') await rm(fileOf(id), { force: true });
      await removeTorn(folder, now());
    },
  };
}

async function readHead(file: string, id: string): Promise<HistoryHead | string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const start = buffer.subarray(0, bytesRead);
    const end = start.indexOf('\n');
    if (end < 0) return bytesRead === 0 ? 'It is empty.' : 'It is torn, or no history of ours.';
    const decoded = decodeHead(start.toString('utf8', 0, end));
    if (decoded.kind === 'bad') return decoded.why;
    return decoded.value.id === id ? decoded.value : 'Its name is that of another entry.';
  } finally {
    await handle.close();
  }
}

/** What a process that was killed while writing left behind. */
async function removeTorn(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.tmp') || !name.includes(ending)) continue;
    const file = join(folder, name);
    const known = await stat(file).catch(() => undefined);
    if (known !== undefined && now - known.mtimeMs > silentAfterMs) await rm(file, { force: true });
  }
}

function processLives(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
}
