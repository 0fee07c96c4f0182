import { createHash, hash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Pack } from '../core/pack/types.ts';
import { readLines, replaceFile } from '../core/tokens/atomicFile.ts';
import { noStamp, stampOf, unhurried } from '../core/workspace/stamp.ts';

export type Written = Pick<Pack, 'bytes' | 'sha256'>;

/**
 * Which packs stand in which files, so that nothing is read and written again where nothing has changed, as `make` does
 * it. Digests and stamps alone: no name and no content of anybody's repository is kept.
 */
export interface WrittenPacks {
  /** The pack of this key, where it went into `file` and nobody has touched that since. Never rejects. */
  find(file: string, key: string): Promise<Written | undefined>;
  /** Remembers what `file` holds at this stamp. Rejects where that cannot be kept. */
  note(file: string, stamp: string, key: string, pack: Written): Promise<void>;
}

const header = 'longview written packs 1';
/** Files that are remembered; those written last. */
const most = 64;

/** `memory` is the file that outlives the process; `code` the folder of all that makes a pack's bytes. */
export function writtenPacks(memory: string, code: string): WrittenPacks {
  const nameOf = (file: string) => hash('sha256', file, 'hex').slice(0, 32);
  let codeId: string | undefined;
  const wholeKey = (key: string) => hash('sha256', `${(codeId ??= codeIn(code))} ${key}`, 'hex');
  return {
    async find(file, key) {
      try {
        // Before anything is made, so that code that is replaced meanwhile does not give its name to it.
        const wanted = wholeKey(key);
        const name = nameOf(file);
        const line = (await readLines(memory, header)).find(known => known.startsWith(`${name}\t`));
        const [, known, stamp = noStamp, bytes = '', sha256 = ''] = line?.split('\t') ?? [];
        if (known !== wanted || stamp === noStamp || stamp !== stampOf(file, unhurried)) return undefined;
        if (!/^\d+$/.test(bytes) || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
        return { bytes: Number(bytes), sha256 };
      } catch {
        // It is made again, and what is wrong with the cache folder others tell.
        return undefined;
      }
    },
    async note(file, stamp, key, { bytes, sha256 }) {
      const name = nameOf(file);
      const known = await readLines(memory, header).catch((): readonly string[] => []);
      const others = known.filter(line => !line.startsWith(`${name}\t`));
      const line = [name, wholeKey(key), stamp, bytes, sha256].join('\t');
      await replaceFile(memory, [header, ...others.slice(1 - most), line, ''].join('\n'));
    },
  };
}

/** Another build may plan, outline or frame in another way. */
function codeIn(folder: string): string {
  const whole = createHash('sha256');
  for (const name of ['cli.js', 'measureWorker.js']) whole.update(readFileSync(join(folder, name)));
  const grammars = join(folder, 'grammars');
  for (const name of readdirSync(grammars).sort())
    whole.update(`${name} ${statSync(join(grammars, name)).size}\n`);
  return whole.digest('hex');
}
