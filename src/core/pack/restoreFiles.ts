import { constants } from 'node:fs';
import { lstat, mkdir, open, realpath, rm } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';

import { LongviewError } from '../errors.ts';
import { fsPath, isGitInternal, joinPath } from '../workspace/names.ts';
import { codeOf } from '../workspace/skips.ts';
import type { UnpackedFile } from './unpack.ts';

export interface RestoreOptions {
  /** True: files that are there are replaced; else they are a reason to write nothing. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Writes the files of a prompt below `folder`, which is made where it is not there. A prompt may come from anywhere,
 * so nothing is written where one of its paths leads out of the folder, into a repository's own `.git`, or through a
 * symbolic link. Names that were bytes on disk become those bytes again. Throws `bad-usage` or `io`.
 */
export async function restoreFiles(
  files: readonly UnpackedFile[],
  folder: string,
  { force = false, signal }: RestoreOptions = {},
): Promise<void> {
  const unsafe = files.filter(f => !isSafePath(f.path)).map(f => f.path);
  if (unsafe.length > 0) {
    throw new LongviewError(
      'bad-usage',
      `The prompt names ${paths(unsafe)}, which is no path inside a folder; nothing was written.`,
      'Use a prompt that `longview pack` has written.',
    );
  }
  const root = resolve(folder);
  await within(() => mkdir(root, { recursive: true }), root);
  const real = await realpath(root);
  if (!force) {
    const there: string[] = [];
    for (const { path } of files) {
      if ((await statOf(joinPath(root, path))) !== undefined) there.push(path);
    }
    if (there.length > 0) {
      throw new LongviewError(
        'io',
        `${paths(there)} ${there.length === 1 ? 'is' : 'are'} there already; nothing was written.`,
        'Name an empty folder, or add --force to replace files.',
      );
    }
  }
  for (const { path, text } of files) {
    signal?.throwIfAborted();
    const target = joinPath(root, path);
    await within(() => writeBelow(real, target, text, force), target);
  }
}

async function writeBelow(real: string, target: string, text: string, force: boolean): Promise<void> {
  const parent = dirname(target);
  await mkdir(fsPath(parent), { recursive: true });
  // A link in between, put there before or by somebody meanwhile, would lead out.
  const asBytes = await realpath(fsPath(parent), { encoding: 'buffer' });
  const parentNow = asBytes.toString('latin1');
  const realNow = Buffer.from(real).toString('latin1');
  if (parentNow !== realNow && !parentNow.startsWith(realNow.endsWith(sep) ? realNow : realNow + sep)) {
    throw new LongviewError(
      'io',
      `${target} would be written through a symbolic link, out of the folder.`,
      'Name an empty folder.',
    );
  }
  const stat = await statOf(target);
  // Not written into: it may be a link, or have another name elsewhere.
  if (force && stat !== undefined && !stat.isDirectory()) await rm(fsPath(target));
  const file = await open(fsPath(target), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o666);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

/** A relative path of plain steps, by the rules of this platform and of Windows. */
function isSafePath(path: string): boolean {
  if (path === '' || path.includes('\0') || isGitInternal(path)) return false;
  if (path.toLowerCase().split('/').includes('.git')) return false;
  if (process.platform === 'win32' && /[\\:]/.test(path)) return false;
  return path.split('/').every(step => step !== '' && step !== '.' && step !== '..');
}

function statOf(path: string) {
  return lstat(fsPath(path)).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  });
}

async function within(write: () => Promise<unknown>, target: string): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof LongviewError) throw error;
    throw new LongviewError(
      'io',
      `${target} could not be written.`,
      'Name an empty folder that you may write to.',
      error,
    );
  }
}

function paths(all: readonly string[]): string {
  const shown = all.slice(0, 3).map(path => JSON.stringify(path));
  return all.length > 3 ? `${shown.join(', ')} and ${all.length - 3} more` : shown.join(', ');
}
