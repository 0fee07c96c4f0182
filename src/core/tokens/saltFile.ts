import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { replaceFile } from './atomicFile.ts';

/**
 * The random salt of this machine's secret ids, made when there is none. Two processes that make it at once may differ
 * once; a file that is torn is made anew. Ids are others then, so what was allowed is redacted again: the safe way.
 */
export async function loadSalt(file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (/^[0-9a-f]{64}$/.test(kept)) return kept;
  const salt = randomBytes(32).toString('hex');
  await replaceFile(file, salt);
  return salt;
}
