/** The copies of a mirror on this machine's disk. */
import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { LongviewError } from '../errors.ts';
import { fsPath } from './names.ts';
import { codeOf, describeFailure } from './skips.ts';

/**
 * Writes a copy below `folder` (both absolute). What stands in the way, a file where a folder is now or the other way
 * round, goes. Throws `io`.
 */
export async function writeCopy(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const write = async () => {
    await mkdir(fsPath(dirname(path)), { recursive: true, mode: 0o700 });
    await writeFile(fsPath(path), bytes, { mode: 0o600 });
  };
  await orIo(async () => {
    try {
      await write();
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (code === 'EISDIR') await rm(fsPath(path), { recursive: true, force: true });
      else if (code === 'ENOTDIR' || code === 'EEXIST') await removeFileAbove(folder, path);
      else throw error;
      await write();
    }
  });
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
  await orIo(() => mkdir(fsPath(path), { recursive: true, mode: 0o700 }));
}

/** Removes a copy, and what is below it. Throws `io`. */
export async function removeCopy(path: string): Promise<void> {
  await orIo(() => rm(fsPath(path), { recursive: true, force: true }));
}

async function orIo(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new LongviewError(
      'io',
      `The copy of the folder on this machine cannot be written (${describeFailure(error)}).`,
      'Make room for it, then try again.',
      error,
    );
  }
}

const windowsNames = /[\\<>:"|?*\u0001-\u001f]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Whether a name that a provider gives can be one on this machine, and leads nowhere else. */
export function isCopyName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) return false;
  // There a name can hold a drive, a stream or a device.
  if (process.platform === 'win32' && windowsNames.test(name)) return false;
  return Buffer.byteLength(name) <= 255;
}
