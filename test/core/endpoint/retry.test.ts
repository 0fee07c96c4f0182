import assert from 'node:assert/strict';

import fc from 'fast-check';

import { RefusalError } from '../../../src/core/endpoint/failure.ts';
import type { Refusal } from '../../../src/core/endpoint/refusal.ts';
import { nextStep, noTries, type NextStep, type SentPrompt } from '../../../src/core/endpoint/retry.ts';
import { LongviewError } from '../../../src/core/errors.ts';

const policy = { maxWaitMs: 120_000, now: 0 };
const sent: SentPrompt = { promptTokens: 100_000, maxTokens: 8000, evidence: [] };
const refused = (refusal: Refusal, status = 400) =>
  new RefusalError('refused', 'No.', 'No.', refusal, { status, headers: {}, body: '' });
const step = (refusal: Refusal, tries = noTries, status = 400) =>
  nextStep(refused(refusal, status), sent, tries, policy);

describe('nextStep', () => {
  const kinds: [string, Refusal, number, NextStep['kind']][] = [
    ['a busy minute', { kind: 'rate', retryAfterMs: 5000 }, 429, 'wait'],
    ['a busy minute that says nothing', { kind: 'rate' }, 429, 'fail'],
    ['a bucket that is too small', { kind: 'rate', retryAfterMs: 5000, permanent: true }, 429, 'fail'],
    ['an hour', { kind: 'rate', retryAfterMs: 3_600_000 }, 429, 'fail'],
    ['an overloaded server', { kind: 'other', retryAfterMs: 5000 }, 503, 'wait'],
    ['a fault that names a time', { kind: 'other', retryAfterMs: 5000 }, 400, 'fail'],
    ['anything else', { kind: 'other' }, 500, 'fail'],
    ['a context refusal', { kind: 'context', limitTokens: 50_000 }, 400, 'refit'],
    ['an output refusal', { kind: 'output', outputLimitTokens: 4096 }, 400, 'shorten'],
    ['a fitting input', { kind: 'context', limitTokens: 105_000, inputTokens: 100_100 }, 400, 'shorten'],
    [
      'an input with too little room',
      { kind: 'context', limitTokens: 100_300, inputTokens: 100_100 },
      400,
      'refit',
    ],
    [
      'a limit of the input',
      { kind: 'context', limitTokens: 99_000, limitScope: 'input', inputTokens: 98_000 },
      400,
      'refit',
    ],
  ];
  for (const [name, refusal, status, kind] of kinds)
    it(`${name}: ${kind}`, () => assert.equal(step(refusal, noTries, status).kind, kind));

  it('fails for what is no refusal', () => {
    const broken = new LongviewError('unreachable', 'No.', 'No.');
    assert.equal(nextStep(broken, sent, noTries, policy).kind, 'fail');
  });

  it('does nothing a second time, and waits no third time', () => {
    assert.equal(step({ kind: 'context' }, { ...noTries, refits: 1 }).kind, 'fail');
    assert.equal(step({ kind: 'output' }, { ...noTries, shortened: 1 }).kind, 'fail');
    assert.equal(step({ kind: 'rate', retryAfterMs: 1 }, { ...noTries, waits: 1 }).kind, 'wait');
    assert.equal(step({ kind: 'rate', retryAfterMs: 1 }, { ...noTries, waits: 2 }).kind, 'fail');
  });

  it('assumes half where nothing is known, and the next smaller number where one is', () => {
    const blind = step({ kind: 'context' });
    assert.ok(blind.kind === 'refit' && blind.evidence.tokens === 54_000);
    assert.match(blind.evidence.detail, /half of that is assumed/);
    const evidence = [1_000_000, 65_536, 20_000].map(
      tokens => ({ source: 'listed', tokens, at: '', detail: '' }) as const,
    );
    const informed = nextStep(refused({ kind: 'context' }), { ...sent, evidence }, noTries, policy);
    assert.ok(informed.kind === 'refit' && informed.evidence.tokens === 65_536);
  });

  it('always leaves room for less than was sent, by the endpoint’s count', () => {
    const number = fc.option(fc.integer({ min: 1000, max: 2_000_000 }), { nil: undefined });
    fc.assert(
      fc.property(
        number,
        number,
        number,
        fc.boolean(),
        fc.constantFrom('total', 'input', undefined),
        (limitTokens, inputTokens, requestedTokens, requestedIsLowerBound, limitScope) => {
          const refusal: Refusal = {
            kind: 'context',
            requestedIsLowerBound,
            ...(limitTokens !== undefined && { limitTokens }),
            ...(limitScope !== undefined && { limitScope }),
            ...(inputTokens !== undefined && { inputTokens }),
            ...(requestedTokens !== undefined && { requestedTokens }),
          };
          const next = step(refusal);
          if (next.kind === 'shorten') {
            assert.ok(next.maxTokens < sent.maxTokens && next.maxTokens > 0);
            return;
          }
          assert.ok(next.kind === 'refit');
          const usable = next.evidence.tokens * (1 - next.errorBound);
          assert.ok(usable < sent.promptTokens + sent.maxTokens, `${usable}`);
          if (
            limitTokens !== undefined &&
            inputTokens !== undefined &&
            inputTokens > sent.promptTokens &&
            !requestedIsLowerBound
          )
            assert.ok(usable * (inputTokens / sent.promptTokens) <= next.evidence.tokens + 1);
        },
      ),
    );
  });
});
