// npm run test:unit [-- --grep X]: everything that needs no editor, in plain Node.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { root } from '../../tools/paths.ts';
import { findTests, grepFromArguments, runMocha } from './mocha.ts';
import { runSuite } from './suite.ts';

/** These have runners, or no tests, of their own; every other folder of test/ is unit tests. */
const others = ['host', 'ui', 'desktop', 'run', 'bench', 'slow'];

// Elsewhere every run draws new cases; a machine that decides about landing repeats the same ones.
if (process.env['CI'] !== undefined) fc.configureGlobal({ seed: 20_261_121 });

runSuite('unit', () => {
  const folders = readdirSync(join(root, 'test'), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !others.includes(entry.name))
    .map(entry => join(root, 'test', entry.name));
  return runMocha(findTests(folders), { grep: grepFromArguments(), timeoutMs: 30_000 });
});
