import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';

import { chatOverhead } from '../../../src/core/tokens/chatOverhead.ts';
import { estimateLlama4, lettersByScript, sumEstimates } from '../../../src/core/tokens/estimate.ts';
import { languageOf } from '../../../src/core/workspace/language.ts';
import { counters } from './oracles.ts';

interface Entry {
  readonly path: string;
  readonly crlf: boolean;
  readonly o200k: number;
  readonly llama4: number;
}
const { files } = JSON.parse(readFileSync(new URL('data/token_counts.json', import.meta.url), 'utf8')) as {
  readonly files: readonly Entry[];
};

describe('estimate of Llama 4 tokens', () => {
  it('holds the true count of every recorded file of one script within its bound', () => {
    // One file is a table padded with long runs of blanks, which the source names as an outlier (ratio up to 1.32).
    const outside = files
      .filter(({ path }) => !/^src\/(guide|tutorial|about)|Python/.test(path))
      .filter(({ path, crlf, o200k, llama4 }) => {
        const { tokens, errorBound } = estimateLlama4(o200k, languageOf(path), { crlf });
        return Math.abs(llama4 - tokens) > tokens * errorBound + 1;
      });
    assert.deepEqual(
      outside.map(({ path }) => path),
      ['docs/models/operations/getmodelsrequest.mdx'],
    );
  });

  const cases: readonly (readonly [string, string, number, number])[] = [
    ['こんにちは、世界。これはテストです。', 'plaintext', 0.8, 0.86],
    ['这是一个用来测试的句子，里面没有空格', 'markdown', 0.8, 0.9],
    ['const a = 1;', 'typescript', 0.999, 1],
    ['مرحبا بالعالم هذه جملة', 'plaintext', 1.1, 1.22],
  ];
  for (const [text, language, low, high] of cases) {
    it(`the script decides: ${text}`, () => {
      const count = counters.o200k.countText(text);
      const ratio = estimateLlama4(count, language, { letters: lettersByScript(text) }).tokens / count;
      assert.ok(ratio >= low && ratio <= high, String(ratio));
    });
  }

  it('CRLF costs Llama 4 more, and widens the bound', () => {
    const lf = estimateLlama4(30_000, 'typescript');
    const crlf = estimateLlama4(30_000, 'typescript', { crlf: true });
    assert.ok(crlf.tokens > lf.tokens * 1.08);
    assert.ok(crlf.errorBound > lf.errorBound);
  });

  it('an unknown language gets the ratio of everything measured', () => {
    assert.equal(estimateLlama4(1000, 'no-such-language').tokens, 995.4);
  });

  it('few letters of Arabic, Bengali or Tamil among much text widen the bound a little, a text of them by a quarter', () => {
    const plain = estimateLlama4(10_000, 'markdown').errorBound;
    const some = estimateLlama4(10_000, 'markdown', { letters: { Arabic: 1000 } }).errorBound;
    const only = estimateLlama4(10_000, 'markdown', { letters: { Arabic: 1_000_000 } }).errorBound;
    assert.ok(plain < some && some < plain + 0.02);
    assert.ok(Math.abs(only - plain - 0.25) < 1e-9);
  });

  it('nothing is nothing, exactly', () => {
    assert.deepEqual(estimateLlama4(0, 'python'), { tokens: 0, errorBound: 0 });
    assert.deepEqual(sumEstimates([]), { tokens: 0, errorBound: 0 });
  });

  it('a workspace is surer than its files, and never less sure', () => {
    const parts = Array.from({ length: 100 }, () => estimateLlama4(2_000, 'java'));
    assert.equal(sumEstimates(parts).errorBound, 0.025);
    assert.equal(sumEstimates(parts.slice(0, 2)).errorBound, parts[0]?.errorBound);
    const estimates = fc.array(
      fc.record({
        tokens: fc.double({ min: 1, max: 1e6, noNaN: true }),
        errorBound: fc.double({ min: 0.03, max: 0.4, noNaN: true }),
      }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(estimates, list => {
        const { tokens, errorBound } = sumEstimates(list);
        const worst = Math.max(...list.map(part => part.errorBound));
        return (
          errorBound <= worst + 1e-9 &&
          Math.abs(tokens - list.reduce((sum, part) => sum + part.tokens, 0)) < 1e-3
        );
      }),
    );
  });
});

describe('chat overhead of Llama 4', () => {
  it('is 10 for a question alone, 15 with instructions', () => {
    assert.deepEqual([chatOverhead(1), chatOverhead(2)], [10, 15]);
  });
});
