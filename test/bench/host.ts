/**
 * `npm run bench:host -- FOLDER`: how long the extension host is not free while it takes an inventory, packs, and
 * follows an edit, in a real VS Code. Typing stutters from 50 ms on. Prints the longest and the 99th percentile.
 */
import { resolve } from 'node:path';

import { benchVariable } from '../run/tally.ts';

const [folder] = process.argv.splice(2, 1);
if (folder === undefined) throw new Error('Name a folder: npm run bench:host -- FOLDER');
process.env[benchVariable] = resolve(folder);
void import('../run/host.ts');
