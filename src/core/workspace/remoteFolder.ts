/** A folder as a provider of files shows it, which is not on this machine. */
import type { NamedEntry } from './walkFiles.ts';

export type RemoteKind = 'file' | 'folder' | 'link' | 'other';

export interface RemoteStat {
  readonly kind: RemoteKind;
  /** Bytes. */
  readonly size: number;
  /** ms since 1970; 0 where the provider does not know. */
  readonly mtime: number;
}

/** The folder where it really is. Paths are relative to it and `/`-separated, '' for itself. All may reject. */
export interface RemoteFolder {
  list(path: string): Promise<readonly (readonly [name: string, kind: RemoteKind])[]>;
  stat(path: string): Promise<RemoteStat>;
  read(path: string): Promise<Uint8Array>;
  /** Whether a rejection says that there is nothing. */
  isGone(error: unknown): boolean;
}

/** A kind in the words of `node:fs`. */
export function direntOf(kind: RemoteKind): NamedEntry['dirent'] {
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

/** Whether the file is still the one it was; never where the provider knows no time. */
export function isSameStat(a: RemoteStat, b: RemoteStat): boolean {
  return a.kind === b.kind && a.size === b.size && a.mtime === b.mtime && a.mtime !== 0;
}
