import assert from 'node:assert/strict';

import { ago, describeEvidence } from '../../../src/core/endpoint/evidenceText.ts';
import { resolveLimit } from '../../../src/core/endpoint/limit.ts';
import type { LimitEvidence } from '../../../src/core/endpoint/types.ts';

const now = new Date('2026-11-20T12:00:00Z');
const minutes = (n: number) => new Date(now.getTime() - n * 60_000).toISOString();
const served: LimitEvidence = {
  source: 'served',
  tokens: 131_072,
  at: minutes(2),
  detail: '/v1/models max_model_len',
};
const card: LimitEvidence = {
  source: 'advertised',
  tokens: 10_485_760,
  at: minutes(0),
  detail: 'model card',
};
const published: LimitEvidence = { ...card, tokens: 3_500_000, detail: 'published for Amazon Bedrock' };

describe('describeEvidence', () => {
  const table: [LimitEvidence[], string][] = [
    [
      [served, published, card],
      '131,072 · served by /v1/models max_model_len · 2 min ago · model card says 10,485,760',
    ],
    [[published], 'unknown · published for Amazon Bedrock says 3,500,000'],
    [[], 'unknown'],
    [
      [{ ...served, source: 'declared', tokens: 5000, detail: '--limit' }, served],
      '5,000 · declared: --limit',
    ],
    [
      [{ ...served, source: 'refused', tokens: 9, at: minutes(180), detail: 'HTTP 400' }],
      '9 · refused: HTTP 400 · 3 h ago',
    ],
    [
      [
        { ...served, maxInputTokens: 100 },
        { ...card, tokens: 131_072 },
      ],
      '131,072 · served by /v1/models max_model_len · 2 min ago · prompt at most 100',
    ],
  ];
  for (const [evidence, expected] of table)
    it(expected, () => assert.equal(describeEvidence(resolveLimit(evidence), now), expected));

  const ages: [number, string][] = [
    [-5, 'just now'],
    [0.9, 'just now'],
    [59, '59 min ago'],
    [60, '1 h ago'],
    [47 * 60, '47 h ago'],
    [48 * 60, '2 days ago'],
  ];
  for (const [age, expected] of ages)
    it(`${age} minutes`, () => assert.equal(ago({ at: minutes(age) }, now), expected));
});
