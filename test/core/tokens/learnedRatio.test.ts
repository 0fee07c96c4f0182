import assert from 'node:assert/strict';
import fc from 'fast-check';

import { chooseCounter, exactly } from '../../../src/core/tokens/counters.ts';
import {
  applyRatio,
  countingId,
  explainRatio,
  summariseCounting,
} from '../../../src/core/tokens/counting.ts';
import { o200k } from '../../../src/core/tokens/counterSource.ts';
import { learnRatio, whyIgnored, type RatioSample } from '../../../src/core/tokens/learnedRatio.ts';

const sample = (ratio: number, counted = 10_000, at = 0): RatioSample => ({
  counted,
  used: Math.round(counted * ratio),
  at,
});

describe('the ratio learned from replies', () => {
  it('is nothing without replies', () => assert.equal(learnRatio([], 0.25), undefined));

  it('takes the first reply, and is surer with each', () => {
    const bounds = [1, 2, 4, 10].map(n => {
      const learned = learnRatio(
        Array.from({ length: n }, () => sample(1.3)),
        0.25,
      );
      assert.ok(learned);
      assert.deepEqual([learned.ratio, learned.samples], [1.3, n]);
      return learned.errorBound;
    });
    assert.deepEqual(
      bounds,
      [...bounds].sort((a, b) => b - a),
    );
    assert.ok(bounds[0] === 0.125 && (bounds.at(-1) ?? 1) < 0.03);
  });

  it('one odd reply among many moves neither ratio nor bound', () => {
    const steady = Array.from({ length: 9 }, () => sample(1.1));
    assert.deepEqual(learnRatio([...steady, sample(0.7)], 0.02), {
      ...learnRatio(steady, 0.02),
      samples: 10,
    });
  });

  it('replies that disagree widen the bound', () => {
    const scattered = [1, 1.1, 1.2, 1.3, 1.4].map(r => sample(r));
    const learned = learnRatio(scattered, 0.02);
    assert.equal(learned?.ratio, 1.2);
    assert.ok((learned?.errorBound ?? 0) > 0.3);
  });

  it('a large prompt says more than small ones', () => {
    assert.equal(
      learnRatio([sample(1.3, 600), sample(1.3, 600), sample(1.05, 1_000_000)], 0.02)?.ratio,
      1.05,
    );
  });

  it('forgets: an endpoint that changed its server is known again after twenty replies', () => {
    const [before, after] = [1.27, 1].map(r => Array.from({ length: 20 }, () => sample(r)));
    assert.equal(learnRatio([...(before ?? []), ...(after ?? [])], 0.02)?.ratio, 1);
  });

  const ignored: [string, RatioSample][] = [
    ['a prompt cut in silence', sample(0.4)],
    ['no number', { counted: 10_000, used: 0, at: 0 }],
    ['a prompt of a few words', sample(2, 40)],
    ['a number beyond belief', sample(50)],
  ];
  for (const [name, reply] of ignored) {
    it(`learns nothing from ${name}`, () => {
      assert.ok(whyIgnored(reply));
      assert.equal(learnRatio([reply], 0.02), undefined);
    });
  }

  it('law: within what the replies said, and at least as sure as the prior', () => {
    const replies = fc.array(
      fc.record({ r: fc.double({ min: 0.7, max: 2, noNaN: true }), n: fc.integer({ min: 500, max: 1e7 }) }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(replies, list => {
        const samples = list.map(({ r, n }) => sample(r, n));
        const ratios = samples.map(s => s.used / s.counted);
        const learned = learnRatio(samples, 0.25);
        assert.ok(learned);
        assert.ok(learned.ratio >= Math.min(...ratios) && learned.ratio <= Math.max(...ratios));
        assert.ok(learned.errorBound >= 0.01);
      }),
    );
  });
});

describe('a counter corrected by a ratio', () => {
  const llama4 = chooseCounter('llama-4-scout');
  const gpt = chooseCounter('gpt-4o');
  const learned = (ratio: number, samples = 4) => ({ ratio, errorBound: 0.01, samples });

  it('is what it was without replies', () => {
    assert.deepEqual(applyRatio(gpt), {
      source: o200k,
      method: 'plain',
      factor: 1,
      errorBound: 0,
      exact: true,
      samples: 0,
      note: 'Counted exactly (o200k).',
    });
    const estimate = applyRatio(llama4);
    assert.deepEqual(
      [estimate.method, estimate.factor, estimate.errorBound, estimate.exact],
      ['llama4', 1, 0.025, false],
    );
    assert.match(estimate.note, /^Estimated from o200k, ±2\.5 %\. .*Llama 4.*exact\.$/);
  });

  it('shows the ratio with its sample count, and explains a server that splits Llama 4 wrongly', () => {
    const counting = applyRatio(llama4, learned(1.272));
    assert.deepEqual([counting.factor, counting.samples], [1.275, 4]);
    assert.match(counting.note, /times 1\.275 as learned from 4 replies, ±1\.0 %\. .*27 % more.*22 to 32 %/);
    assert.match(applyRatio(llama4, learned(1, 1)).note, /from 1 reply, ±1\.0 %\.$/);
  });

  it('is summarised for the gauge', () => {
    const cases: [ReturnType<typeof applyRatio>, string][] = [
      [applyRatio(gpt), 'exact (o200k)'],
      [applyRatio(gpt, learned(1.008)), 'exact (o200k)'],
      [applyRatio(llama4), '± 2.5 % (estimated with o200k until the first reply)'],
      [applyRatio(llama4, learned(1.02)), '± 1 % (learned from 4 replies, ratio 1.02)'],
      [
        applyRatio(llama4, learned(1.28, 1)),
        '± 1 % (learned from 1 reply, ratio 1.28: this server counts 28 % more than expected, see why)',
      ],
      [
        applyRatio(chooseCounter('qwen3'), learned(0.8)),
        '± 1 % (learned from 4 replies, ratio 0.80: this server counts 20 % less than expected, see why)',
      ],
    ];
    for (const [counting, summary] of cases) {
      assert.equal(summariseCounting(counting, counting.errorBound), summary);
    }
    assert.match(summariseCounting(applyRatio(llama4), 0.0724), /^± 7\.2 %/);
  });

  it('stays exact where the endpoint agrees, and where it reports less: that is a cut, no vocabulary', () => {
    for (const ratio of [1, 1.008, 0.8]) {
      const counting = applyRatio(gpt, learned(ratio));
      assert.deepEqual([counting.exact, counting.factor, counting.samples], [true, 1, 4]);
    }
  });

  it('is no longer exact where the endpoint disagrees with an exact count', () => {
    const counting = applyRatio(gpt, learned(1.3));
    assert.deepEqual([counting.exact, counting.factor, counting.errorBound], [false, 1.3, 0.01]);
  });

  it('names the plain counter and the estimate apart, because their ratios differ', () => {
    assert.equal(countingId(applyRatio(llama4)), 'o200k~llama4');
    assert.equal(countingId(applyRatio(exactly(o200k))), 'o200k');
  });

  it('explains ratios far from 1, and only those', () => {
    assert.equal(explainRatio('llama4', 1.02), undefined);
    assert.equal(explainRatio('qwen', 0.95), undefined);
    assert.match(explainRatio('qwen', 1.2) ?? '', /20 % more .*expected of Qwen: another vocabulary/);
    assert.match(explainRatio('other', 2) ?? '', /than expected/);
    assert.match(explainRatio('llama4', 0.8) ?? '', /20 % fewer .*cuts prompts/);
  });
});
