import { readlinkSync } from 'node:fs';
import { decodeName, fsPath } from './names.ts';
import { LongviewError } from '../errors.ts';
import type { SkipReason } from './types.ts';

/** The parts of `Stats` and `Dirent` that tell what is not a regular file. */
export interface FileKind {
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
  isCharacterDevice(): boolean;
  isBlockDevice(): boolean;
}

/** For "not a regular file but a …". */
export function specialKind(kind: FileKind): string {
  if (kind.isDirectory()) return 'directory';
  if (kind.isFIFO()) return 'named pipe';
  if (kind.isSocket()) return 'socket';
  if (kind.isCharacterDevice() || kind.isBlockDevice()) return 'device';
  return 'special file';
}

export function symlinkReason(absolutePath: string): SkipReason {
  try {
    return {
      kind: 'symlink',
      target: decodeName(readlinkSync(fsPath(absolutePath), { encoding: 'buffer' })),
    };
  } catch (error) {
    return failureReason(error);
  }
}

/** For what needs a folder, where none is open. */
export function noWorkspace(): LongviewError {
  return new LongviewError('no-workspace', 'No folder is open.', 'Open a folder, then ask again.');
}

/** For an open folder: without it there is nothing to list, and an empty list would be a lie. */
export function folderGone(path: string, cause: unknown): LongviewError {
  const message = `The folder ${path} could not be opened (${describeFailure(cause)}).`;
  return new LongviewError('workspace-gone', message, 'Open a folder that exists, then try again.', cause);
}

/** What a failed look at a file means for the inventory. */
export function failureReason(error: unknown): SkipReason {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'vanished' };
  return { kind: 'unreadable', detail: describeFailure(error) };
}

export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** `EACCES: permission denied`, without the call and the path, which the reader has already. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^(\w+: [^,]+),/.exec(error.message)?.[1] ?? error.message;
}
