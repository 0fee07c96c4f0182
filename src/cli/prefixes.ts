import { join } from 'node:path';

import { createCacheWatch, type CacheWatch } from '../core/endpoint/prefixCache.ts';
import { readLines, replaceFile } from '../core/tokens/atomicFile.ts';
import { cacheFolder } from './endpoints.ts';
import type { Terminal } from './terminal.ts';

const header = 'longview.prefixes/1';

export interface KeptCacheWatch extends CacheWatch {
  save(): Promise<void>;
}

/** A watch over the prefix cache that spans runs: the second question of a shell script is another process. */
export async function openCacheWatch(terminal: Terminal): Promise<KeptCacheWatch> {
  const file = join(cacheFolder(terminal.env), 'prefixes');
  const seen = new Map<string, number>();
  const lines = await readLines(file, header).catch((error: unknown) => {
    terminal.tell(`Which packs were sent before could not be read (${String(error)}).`);
    return [];
  });
  for (const line of lines) {
    const [, key, at] = /^([\w-]{43}) (\d{1,15})$/.exec(line) ?? [];
    if (key !== undefined) seen.set(key, Number(at));
  }
  return {
    ...createCacheWatch(undefined, seen),
    save: () =>
      replaceFile(file, [header, ...[...seen].map(entry => entry.join(' ')), ''].join('\n')).catch(
        (error: unknown) => {
          terminal.tell(`Which packs were sent could not be kept (${String(error)}).`);
        },
      ),
  };
}
