import assert from 'node:assert/strict';

import { parseCommand } from '../../src/cli/args.ts';
import { LongviewError } from '../../src/core/errors.ts';

describe('command line', () => {
  const good: [string[], object][] = [
    [['pack'], { kind: 'pack', dir: '.', options: { json: false } }],
    [
      ['pack', 'src', '--json', '--limit', '131_072'],
      { kind: 'pack', dir: 'src', options: { json: true, limit: 131_072 } },
    ],
    [['ask', 'why?', 'lib'], { kind: 'ask', question: 'why?', dir: 'lib', options: { json: false } }],
    [
      ['limit', '--base-url', 'http://x/v1', '--model', 'm'],
      { kind: 'limit', options: { json: false, baseUrl: 'http://x/v1', model: 'm' } },
    ],
    [
      ['limit', '--measure', '--max-tokens', '500,000'],
      { kind: 'limit', options: { json: false, measure: true, maxTokens: 500_000 } },
    ],
    [['--help'], { kind: 'help' }],
  ];
  for (const [argv, expected] of good)
    it(argv.join(' '), () => assert.deepEqual(parseCommand(argv), expected));

  const wrong = [
    [],
    ['fly'],
    ['ask'],
    ['ask', ' '],
    ['pack', 'a', 'b'],
    ['pack', '--limit', '-5'],
    ['pack', '--limit', '1.5'],
    ['pack', '--measure'],
    ['limit', '--max-tokens', '5'],
    ['limit', '--measure', '--max-tokens', 'all'],
    ['pack', '--fast'],
    ['pack', '--base-url', 'http://x'],
    ['pack', '--model', 'm'],
    ['pack', '--endpoint', 'a', '--base-url', 'http://x', '--model', 'm'],
  ];
  for (const argv of wrong) {
    it(`refuses "${argv.join(' ')}"`, () => {
      assert.throws(
        () => parseCommand(argv),
        error => error instanceof LongviewError && error.code === 'bad-usage',
      );
    });
  }
});
