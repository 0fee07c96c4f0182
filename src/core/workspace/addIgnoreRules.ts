import { randomBytes } from 'node:crypto';
import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';

import { LongviewError } from '../errors.ts';
import { ignorePattern, withIgnoreRules } from './ignorePattern.ts';
import { ignoreFileName } from './leftOut.ts';
import { fsPath, joinPath } from './names.ts';

export interface IgnoreTarget {
  /** Relative to the folder whose file is written, `/`-separated. */
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * Adds rules for these to the `.longviewignore` of `folder` (absolute), which is replaced as a whole. Throws `io` with
 * a remedy where it cannot be written or no rule can name a path.
 */
export async function addIgnoreRules(
  folder: string,
  targets: readonly IgnoreTarget[],
): Promise<{ readonly file: string; readonly line: number; readonly added: number }> {
  const file = joinPath(folder, ignoreFileName);
  const rules = targets.map(({ path, isFolder }) => {
    const rule = ignorePattern(path, isFolder);
    if (rule !== undefined) return rule;
    throw new LongviewError(
      'io',
      `No rule of ${ignoreFileName} can name ${JSON.stringify(path)}.`,
      'Exclude it instead.',
    );
  });
  try {
    const { bytes, mode } = await existing(file);
    // As bytes in latin1: what is there stays as it is, in whatever encoding; a rule is UTF-8, or a name's own bytes.
    const written = rules.map(rule => Buffer.from(fsPath(rule)).toString('latin1'));
    const { text, line, added } = withIgnoreRules(bytes.toString('latin1'), written);
    if (added > 0) await replace(file, Buffer.from(text, 'latin1'), mode);
    return { file, line, added };
  } catch (error) {
    if (error instanceof LongviewError) throw error;
    throw new LongviewError(
      'io',
      `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
      'Exclude the file instead: that is kept in VS Code, not in the folder.',
      error,
    );
  }
}

async function existing(file: string): Promise<{ readonly bytes: Buffer; readonly mode: number }> {
  try {
    const stats = await lstat(file);
    // What is no plain file is not read for rules either, and a link may lead out of the workspace.
    if (!stats.isFile())
      throw new LongviewError('io', `${file} is no regular file.`, 'Remove it, then try again.');
    return { bytes: await readFile(file), mode: stats.mode & 0o777 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { bytes: Buffer.alloc(0), mode: 0o644 };
    throw error;
  }
}

async function replace(file: string, bytes: Uint8Array, mode: number): Promise<void> {
  const torn = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(torn, bytes, { mode, flag: 'wx' });
    await rename(torn, file);
  } catch (error) {
    await rm(torn, { force: true });
    throw error;
  }
}
