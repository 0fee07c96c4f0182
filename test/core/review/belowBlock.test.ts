import assert from 'node:assert/strict';

import { belowBlock } from '../../../src/core/review/belowBlock.ts';

describe('what is written below a code block', () => {
  for (const [answer, needed] of [
    ['', ''],
    ['Look:\n```ts\nfoo();\n```\n', ''],
    ['Look:\n```ts\nfoo();\n```', '\n'],
    ['Look:\n```ts\nfoo();', '\n```\n'],
    ['Look:\n```ts\nfoo();\n', '```\n'],
    ['- ````md\n```\nnested\n```\n', '````\n'],
    ['~~~\n```\n~~~', '\n'],
    ['> ```\n> a', '\n```\n'],
  ] as const) {
    it(JSON.stringify(answer), () => assert.equal(belowBlock(answer), needed));
  }
});
