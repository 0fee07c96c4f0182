import assert from 'node:assert/strict';
import { normalise } from '../../../src/core/endpoint/refusalNumbers.ts';

const counts = (text: string): string[] => normalise(text).match(/#\d+/g) ?? [];

describe('normalise', () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    [
      '131072 131,072 131_072 131.072 131\u202f072 131’072 tokens',
      [131072, 131072, 131072, 131072, 131072, 131072],
    ],
    ['requested 1 048 576 tokens', [1048576]],
    ['524300.0 tokens, 12.5 tokens', [524300]],
    ['128k tokens, 128K-token limit, 1M tokens', [128000, 128000, 1000000]],
    ['(123 in the messages,8192 in the completion)', [123, 8192]],
    ['[1, 202745]', [202745]],
    ['between 1 and 4096', [4096]],
    ['8192-token context, 8192tokens', [8192, 8192]],
    ['131500/131072', [131500, 131072]],
    ['n_ctx=4096 n_ctx:4096 n_ctx: 4096', [4096, 4096, 4096]],
    ['1048576., Status', [1048576]],
    ['Meta-Llama-3.1-405B gpt-4o claude-sonnet-4-20250514 qwen3.6-27b phi-3-128k-instruct', []],
    ['2026-07-27T10:15:20Z 10:15 v1.2.3 127.0.0.1:8000 localhost:8000 https://x.test/4096', []],
    ['20971520 bytes, 5 MB, 4096 characters, 12 images, 2s, 174ms, 1m, 30 seconds, 50%', []],
    ['Error code: 400, status 413, HTTP 422, [400 Bad Request], "503" {', []],
    ['request failed: [proxy-7] 400: Bad Request, via a: 413 Payload Too Large', []],
    ['request failed: [proxy-7] 400 You passed 500 tokens', [500]],
    ['[limits] 512 > 500, a prompt of 413 was too large', [512, 500, 413]],
    ['$12 and €5', []],
    ['got -344', []],
  ];
  for (const [text, wanted] of cases) {
    it(`${text} holds ${wanted.length === 0 ? 'no count' : wanted.join(', ')}`, () => {
      assert.deepEqual(
        counts(text),
        wanted.map(n => `#${n}`),
      );
    });
  }

  it('cannot be told a count by the text itself', () => {
    assert.deepEqual(counts('limit # ~ # 5000 tokens'), ['#5000']);
  });
});
