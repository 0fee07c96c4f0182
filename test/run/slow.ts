// npm run test:slow [-- --grep X]: what takes minutes of real time, and so is no part of npm test.
import { join } from 'node:path';
import { root } from '../../tools/paths.ts';
import { findTests, grepFromArguments, runMocha } from './mocha.ts';
import { runSuite } from './suite.ts';

runSuite('slow', () =>
  runMocha(findTests([join(root, 'test', 'slow')]), { grep: grepFromArguments(), timeoutMs: 400_000 }),
);
