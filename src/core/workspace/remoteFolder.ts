/** A folder as a provider of files shows it, which is not on this machine. */
import { foldsCase, isGitInternal } from './names.ts';
import { isCopyName } from './mirrorFiles.ts';
import type { SkipReason } from './types.ts';
import type { NamedEntry } from './walkFiles.ts';

export type RemoteKind = 'file' | 'folder' | 'link' | 'other';

export interface RemoteStat {
  readonly kind: RemoteKind;
  /** Bytes. */
  readonly size: number;
  /** ms since 1970; 0 where the provider does not know. */
  readonly mtime: number;
}

export type RemoteEntry = readonly [name: string, kind: RemoteKind];

/** The folder where it really is. Paths are relative to it and `/`-separated, '' for itself. All may reject. */
export interface RemoteFolder {
  list(path: string): Promise<readonly RemoteEntry[]>;
  stat(path: string): Promise<RemoteStat>;
  read(path: string): Promise<Uint8Array>;
  /** Whether a rejection says that there is nothing. */
  isGone(error: unknown): boolean;
}

/** Whether the file is still the one it was; never where the provider knows no time. */
export function isSameStat(a: RemoteStat, b: RemoteStat): boolean {
  return a.kind === b.kind && a.size === b.size && a.mtime === b.mtime && a.mtime !== 0;
}

/** Deeper is a link that leads back, which some providers do not tell from a folder. */
const deepest = 64;

/** The entries of a folder that can have a copy, and why the others cannot. `at` is '' or ends in `/`. */
export function copyableEntries(
  at: string,
  listed: readonly RemoteEntry[],
  cannot: (path: string, reason: SkipReason) => void,
): NamedEntry[] {
  const entries: NamedEntry[] = [];
  const taken = new Set<string>();
  const isDeep = at.split('/').length > deepest;
  for (const [name, kind] of [...listed].sort(([a], [b]) => (a < b ? -1 : 1))) {
    // Two names that are one on this machine: the first has the copy.
    const folded = foldsCase ? name.toLowerCase().normalize('NFC') : name;
    if (!isCopyName(name)) cannot(at + name, unreadable('no file on this machine can have its name'));
    else if (taken.has(folded)) cannot(at + name, unreadable('another file has this name on this machine'));
    else if (isDeep && kind === 'folder' && !isGitInternal(name))
      cannot(at + name, unreadable(`directory: more than ${deepest} folders deep`));
    else entries.push({ name, dirent: direntOf(kind) });
    taken.add(folded);
  }
  return entries;
}

function unreadable(detail: string): SkipReason {
  return { kind: 'unreadable', detail };
}

/** A kind in the words of `node:fs`. */
function direntOf(kind: RemoteKind): NamedEntry['dirent'] {
  const never = () => false;
  return {
    isFile: () => kind === 'file',
    isDirectory: () => kind === 'folder',
    isSymbolicLink: () => kind === 'link',
    isFIFO: never,
    isSocket: never,
    isCharacterDevice: never,
    isBlockDevice: never,
  };
}
