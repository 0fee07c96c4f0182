/** The copies of a mirror on this machine's disk. */
import { existsSync } from 'node:fs';
import { lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { LongviewError } from '../errors.ts';
import { fsPath } from './names.ts';
import { codeOf, describeFailure } from './skips.ts';
import type { SkipReason } from './types.ts';

/** Of one path alone: too long, or no name here. */
const pathErrors = new Set(['ENAMETOOLONG', 'EILSEQ', 'EINVAL']);
let written = 0;

/**
 * Writes a copy below `folder` (both absolute), as a whole: who reads meanwhile sees the old one. What stands in the
 * way, a file where a folder is now or the other way round, goes. A path that cannot be on this machine is a reason to
 * skip it; throws `io` where nothing can be written.
 */
export async function writeCopy(
  folder: string,
  path: string,
  bytes: Uint8Array,
): Promise<SkipReason | undefined> {
  // Beside the folder, so that no walk ever lists it.
  const torn = `${folder}.${written++}.tmp`;
  const place = async () => {
    await mkdir(fsPath(dirname(path)), { recursive: true, mode: 0o700 });
    await rename(torn, fsPath(path));
  };
  try {
    await writeFile(torn, bytes, { mode: 0o600 });
    try {
      await place();
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (code === 'EISDIR' || code === 'ENOTEMPTY') await rm(fsPath(path), { recursive: true, force: true });
      else if (code === 'ENOTDIR' || code === 'EEXIST') await removeFileAbove(folder, path);
      else throw error;
      await place();
    }
    return undefined;
  } catch (error) {
    await rm(torn, { force: true }).catch(() => undefined);
    if (pathErrors.has(codeOf(error) ?? ''))
      return { kind: 'unreadable', detail: `no copy can be made of it: ${describeFailure(error)}` };
    throw cannotWrite(error);
  }
}

async function removeFileAbove(folder: string, path: string): Promise<void> {
  for (let at = dirname(path); at.length > folder.length; at = dirname(at)) {
    const stat = await lstat(fsPath(at)).catch(() => undefined);
    if (stat === undefined) continue;
    if (!stat.isDirectory()) await rm(fsPath(at));
    return;
  }
}

/** Makes the folder that a mirror's copies stand in. Throws `io`. */
export async function makeCopyFolder(path: string): Promise<void> {
  try {
    await mkdir(fsPath(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotWrite(error);
  }
}

/** Removes a copy, and what is below it. Throws `io`. */
export async function removeCopy(path: string): Promise<void> {
  try {
    await rm(fsPath(path), { recursive: true, force: true });
  } catch (error) {
    // Below a file there is nothing, and what has no name here was never written.
    if (codeOf(error) !== 'ENOTDIR' && !pathErrors.has(codeOf(error) ?? '')) throw cannotWrite(error);
  }
}

/** Others clean up temporary folders, too. */
export function isCopied(path: string): boolean {
  return existsSync(fsPath(path));
}

function cannotWrite(error: unknown): LongviewError {
  return new LongviewError(
    'io',
    `The copy of the folder on this machine cannot be written (${describeFailure(error)}).`,
    'Make room for it, then try again.',
    error,
  );
}

const windowsNames = /[\\<>:"|?*\u0001-\u001f]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Whether a name that a provider gives can be one on this machine, and leads nowhere else. */
export function isCopyName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) return false;
  // There a name can hold a drive, a stream or a device.
  if (process.platform === 'win32' && windowsNames.test(name)) return false;
  return Buffer.byteLength(name) <= 255;
}
