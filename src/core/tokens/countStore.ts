import { readLines, replaceFile } from './atomicFile.ts';

const header = 'longview.counts/1';
const maxEntries = 400_000;

/**
 * Token counts that outlive the process: lines of `key tokens` under a version header. A missing, torn or older file
 * is an empty cache, because every count can be made again; a wrong count must not be read, so each line is checked.
 */
export async function loadCounts(file: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const line of await readLines(file, header)) {
    const match = /^([\w-]{22}) (\d{1,9})$/.exec(line);
    if (match !== null) counts.set(match[1] ?? '', Number(match[2]));
  }
  return counts;
}

/** Replaces the file atomically; two processes writing at once leave the one or the other, never a mixture. */
export async function saveCounts(file: string, counts: ReadonlyMap<string, number>): Promise<void> {
  const entries = [...counts].slice(-maxEntries);
  await replaceFile(file, [header, ...entries.map(([key, tokens]) => `${key} ${tokens}`), ''].join('\n'));
}
