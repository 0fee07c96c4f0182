/**
 * `npm run bench:host -- FOLDER`, or `-- --files 20000`, which makes a repository of so many files: how long the
 * extension host is not free while it takes an inventory, packs, follows an edit and a checkbox, in a real VS Code.
 * Typing stutters from 50 ms on. Prints the longest and the 99th percentile.
 */
import { resolve } from 'node:path';

import { benchVariable } from '../run/tally.ts';
import { scratchFolder } from '../run/workspace.ts';
import { makeManyFiles } from './manyFiles.ts';

const [what, count] = process.argv.splice(2, 2);
if (what === undefined) throw new Error('Name a folder: npm run bench:host -- FOLDER, or -- --files 20000');

async function bench(): Promise<void> {
  let folder = resolve(what ?? '.');
  if (what === '--files') {
    folder = scratchFolder();
    await makeManyFiles(folder, Number(count ?? 20_000));
  }
  process.env[benchVariable] = folder;
  await import('../run/host.ts');
}

void bench();
