import assert from 'node:assert/strict';

import type { ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';

import { toChunks, toConverse } from '../../../../src/core/endpoint/bedrock/wire.ts';

describe('Converse and chat completions', () => {
  it('blank texts, which Converse refuses, and missing limits are left out', () => {
    const messages = [
      { role: 'system', content: ' ' },
      { role: 'user', content: '\n' },
      { role: 'user', content: 'a' },
    ];
    assert.deepEqual(toConverse({ model: 'm', messages }), {
      modelId: 'm',
      messages: [{ role: 'user', content: [{ text: 'a' }] }],
    });
  });

  const stops: [string, string][] = [
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['content_filtered', 'content_filter'],
    ['guardrail_intervened', 'content_filter'],
    ['something_new', 'something_new'],
  ];
  for (const [stopReason, finish] of stops)
    it(`${stopReason} is ${finish}`, () => {
      const event = { messageStop: { stopReason } } as ConverseStreamOutput;
      assert.deepEqual(toChunks(event), [{ choices: [{ index: 0, delta: {}, finish_reason: finish }] }]);
    });

  const usages: [string, Record<string, number>, Record<string, unknown>][] = [
    [
      'what came from a cache belongs to the prompt',
      { inputTokens: 10, outputTokens: 5, totalTokens: 1015, cacheReadInputTokens: 1000 },
      { prompt_tokens: 1010, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 1000 } },
    ],
    [
      'no cache is not a cache that was missed',
      { inputTokens: 10, outputTokens: 5, totalTokens: 15 },
      { prompt_tokens: 10, completion_tokens: 5 },
    ],
  ];
  for (const [name, usage, expected] of usages)
    it(name, () => {
      const event = { metadata: { usage } } as unknown as ConverseStreamOutput;
      assert.deepEqual(toChunks(event), [{ choices: [], usage: expected }]);
    });

  it('events that say nothing to a reader are no chunks', () => {
    assert.deepEqual(toChunks({ messageStart: { role: 'assistant' } }), []);
    assert.deepEqual(toChunks({ metadata: {} } as unknown as ConverseStreamOutput), []);
  });
});
