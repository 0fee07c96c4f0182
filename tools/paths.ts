import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Everything the tools install or start lives here: ignored by git, safe to delete. */
export const runDir = join(root, '.longview-run');
