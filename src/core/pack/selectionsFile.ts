import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { LongviewError } from '../errors.ts';
import { replaceFile } from '../tokens/atomicFile.ts';
import { noSelections, readSelections, withSelection, type SavedSelections } from './savedSelections.ts';
import type { Selection } from './selection.ts';

/** Where a workspace shares its selections, in a folder that is open. */
export const sharedSelections = '.longview/selections.json';

const mostBytes = 1_000_000;

/**
 * The selections shared in `folder` (absolute). A file that is not there holds none. Throws `bad-settings` for one that
 * cannot be used, `io` for one that cannot be read; symbolic links are not followed, as in prompts.
 */
export async function readShared(folder: string, prefix = ''): Promise<SavedSelections> {
  const file = join(folder, sharedSelections);
  if (!(await isThere(folder))) return noSelections;
  try {
    return readSelections(await readFile(file, 'utf8'), prefix + sharedSelections, prefix);
  } catch (error) {
    if (error instanceof LongviewError) throw error;
    throw failed(file, 'read', error);
  }
}

/**
 * Sets one selection of the shared file, or with `undefined` deletes it, and leaves everything else in it. Throws what
 * {@link readShared} throws: nothing is written over a file that is not understood.
 */
export async function writeShared(
  folder: string,
  name: string,
  selection: Pick<Selection, 'preset' | 'wishes'> | undefined,
): Promise<void> {
  const next = withSelection(await readShared(folder), name, selection);
  const file = join(folder, sharedSelections);
  try {
    // Everybody who has the repository reads it.
    await replaceFile(file, `${JSON.stringify(next, null, 2)}\n`, 0o644);
  } catch (error) {
    throw failed(file, 'written', error);
  }
}

/** Whether the file is there; throws where it, or the folder it is in, is not what it should be. */
async function isThere(folder: string): Promise<boolean> {
  const kind = async (path: string) => {
    try {
      return await lstat(join(folder, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw failed(join(folder, path), 'read', error);
    }
  };
  const parent = await kind('.longview');
  if (parent === undefined) return false;
  if (!parent.isDirectory()) throw odd('.longview is no folder of its own');
  const file = await kind(sharedSelections);
  if (file === undefined) return false;
  if (!file.isFile()) throw odd(`${sharedSelections} is no file of its own`);
  if (file.size > mostBytes) throw odd(`${sharedSelections} is larger than ${mostBytes} bytes`);
  return true;
}

function odd(what: string): LongviewError {
  return new LongviewError(
    'bad-settings',
    `The workspace’s shared selections are not used: ${what}.`,
    'Symbolic links are never followed. Move it away to share selections.',
  );
}

function failed(file: string, what: 'read' | 'written', error: unknown): LongviewError {
  const detail = error instanceof Error ? error.message : String(error);
  return new LongviewError(
    'io',
    `${file} could not be ${what}: ${detail}`,
    'Check its permissions, then try again.',
    error,
  );
}
