import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const header = 'longview.counts/1';
const maxEntries = 400_000;

/**
 * Token counts that outlive the process: lines of `key tokens` under a version header. A missing, torn or older file
 * is an empty cache, because every count can be made again; a wrong count must not be read, so each line is checked.
 */
export async function loadCounts(file: string): Promise<Map<string, number>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  const [first, ...lines] = text.split('\n');
  if (first !== header) return new Map();
  const counts = new Map<string, number>();
  // The last line is empty, or torn.
  for (const line of lines.slice(0, -1)) {
    const match = /^([\w-]{22}) (\d{1,9})$/.exec(line);
    if (match !== null) counts.set(match[1] ?? '', Number(match[2]));
  }
  return counts;
}

/** Replaces the file atomically; two processes writing at once leave the one or the other, never a mixture. */
export async function saveCounts(file: string, counts: ReadonlyMap<string, number>): Promise<void> {
  const entries = [...counts].slice(-maxEntries);
  const text = [header, ...entries.map(([key, tokens]) => `${key} ${tokens}`), ''].join('\n');
  const torn = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(torn, text, { mode: 0o600 });
    await rename(torn, file);
  } catch (error) {
    await rm(torn, { force: true });
    throw error;
  }
}
