import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces the file as a whole; two processes writing at once leave the one or the other, never a mixture. `mode` is by
 * default for the user's eyes alone.
 */
export async function replaceFile(file: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const torn = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(torn, content, { mode });
    await rename(torn, file);
  } catch (error) {
    await rm(torn, { force: true });
    throw error;
  }
}

/** Whole lines below the header; none where the file is missing, or of another version. */
export async function readLines(file: string, header: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const [first, ...lines] = text.split('\n');
  // The last line is empty, or torn.
  return first === header ? lines.slice(0, -1) : [];
}
