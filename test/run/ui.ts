// npm run test:ui [-- --grep X]: a real Chromium drives a real VS Code that has the packaged extension installed.
import { join } from 'node:path';
import { root } from '../../tools/paths.ts';
import { closeEverything, settleEvidence } from '../ui/session.ts';
import { findTests, grepFromArguments, runMocha } from './mocha.ts';
import { runSuite } from './suite.ts';

runSuite('ui', () =>
  runMocha(findTests([join(root, 'test', 'ui')]), {
    grep: grepFromArguments(),
    timeoutMs: 120_000,
    // A click or a key that VS Code loses while it draws is no defect of ours; what fails twice is. Both are told.
    retries: 1,
    rootHooks: {
      async afterEach(this: Mocha.Context) {
        const test = this.currentTest;
        // One that is tried again has no state.
        const isGood = test === undefined || test.state === 'passed' || test.isPending();
        await settleEvidence(isGood ? undefined : test.fullTitle());
      },
      afterAll: closeEverything,
    },
  }),
);
