import { createHash, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { Pack } from '../core/pack/types.ts';
import { readLines, replaceFile } from '../core/tokens/atomicFile.ts';
import { noStamp, nodeStamps, stampOf } from '../core/workspace/stamp.ts';

export type Written = Pick<Pack, 'bytes' | 'sha256'>;

/**
 * Which packs stand in which files, so that nothing is read and written again where nothing has changed, as `make` does
 * it. Digests and stamps alone: no name and no content of anybody's repository is kept.
 */
export interface WrittenPacks {
  /** The pack of this key, where it went into `file` and nobody has touched that since. */
  find(file: string, key: string): Promise<Written | undefined>;
  /** Remembers what was written just now. Rejects where that cannot be kept. */
  note(file: string, key: string, pack: Written): Promise<void>;
}

const header = 'longview written packs 1';
/** Files that are remembered; those written last. */
const most = 64;

/** `memory` is the file that outlives the process, `code` the one whose code frames the files. */
export function writtenPacks(memory: string, code: string): WrittenPacks {
  const nameOf = (file: string) => hash('sha256', file, 'hex').slice(0, 32);
  let codeId: string | undefined;
  /** Another build may frame files in another way. */
  const wholeKey = (key: string) => {
    codeId ??= createHash('sha256').update(readFileSync(code)).digest('hex');
    return hash('sha256', `${codeId} ${key}`, 'hex');
  };
  const lines = () => readLines(memory, header).catch((): readonly string[] => []);
  return {
    async find(file, key) {
      const name = nameOf(file);
      const line = (await lines()).find(known => known.startsWith(`${name}\t`));
      const [, known, stamp, bytes = '', sha256 = ''] = line?.split('\t') ?? [];
      if (known !== wholeKey(key) || stamp !== stampNow(file) || stamp === noStamp) return undefined;
      return /^\d+$/.test(bytes) && /^[0-9a-f]{64}$/.test(sha256)
        ? { bytes: Number(bytes), sha256 }
        : undefined;
    },
    async note(file, key, { bytes, sha256 }) {
      const stamp = stampNow(file);
      if (stamp === noStamp) return;
      const name = nameOf(file);
      const others = (await lines()).filter(line => !line.startsWith(`${name}\t`));
      const line = [name, wholeKey(key), stamp, bytes, sha256].join('\t');
      await replaceFile(memory, [header, ...others.slice(1 - most), line, ''].join('\n'));
    },
  };
}

/** Also of what was written just now: see `fileSink`, which sets its time back. */
function stampNow(file: string): string {
  return stampOf(file, { ...nodeStamps, now: () => 2n ** 64n });
}
