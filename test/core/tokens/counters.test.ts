import assert from 'node:assert/strict';

import { LongviewError } from '../../../src/core/errors.ts';
import { chooseCounter, sourceOf } from '../../../src/core/tokens/counters.ts';
import { modelFamily, type ModelFamily } from '../../../src/core/tokens/modelFamily.ts';
import type { OwnTokenizer, TokenizerFamily } from '../../../src/core/tokens/tokenizerFile.ts';

const own = (family: TokenizerFamily): OwnTokenizer => ({
  family,
  path: '/home/me/tokenizer.model',
  counterId: `${family}:0123456789ab`,
  format: 'ranks',
  tokens: 200_000,
  sha256: '0'.repeat(64),
});

describe('which vocabulary a model has, by its name', () => {
  const models: Readonly<Record<ModelFamily, readonly string[]>> = {
    o200k: [
      'gpt-4o',
      'openai/gpt-4o-mini',
      'chatgpt-4o-latest',
      'gpt-4.1-nano',
      'gpt-5',
      'openai/gpt-5.1-codex',
      'openai/gpt-oss-120b',
      'gpt-oss:20b',
      'o1',
      'o3-mini',
      'openai/o4-mini',
    ],
    cl100k: ['gpt-4', 'gpt-4-turbo', 'gpt-4-0613', 'gpt-3.5-turbo', 'gpt-35-turbo', 'text-embedding-3-small'],
    llama4: [
      'meta-llama/Llama-4-Scout-17B-16E-Instruct',
      'meta-llama/llama-4-maverick:free',
      'llama4:scout',
      'us.meta.llama4-scout-17b-instruct-v1:0',
      'accounts/fireworks/models/llama4-scout-instruct-basic',
      '@cf/meta/llama-4-scout-17b-16e-instruct',
      'Llama-4-Scout-17B-16E-Instruct-Q4_K_M.gguf',
    ],
    llama3: ['llama-3.1-405b', 'meta-llama/Llama-3.3-70B', 'llama3:8b', 'deepseek-r1-distill-llama-70b'],
    qwen: ['Qwen/Qwen3-Coder-480B', 'qwq-32b', 'deepseek-r1-distill-qwen-32b'],
    mistral: ['mistral-large-latest', 'mistralai/Devstral-Small', 'mixtral-8x7b'],
    gemma: ['google/gemma-3-27b-it'],
    gemini: ['google/gemini-2.5-pro'],
    deepseek: ['deepseek-chat', 'deepseek-ai/DeepSeek-V3.1'],
    claude: ['anthropic/claude-sonnet-4.5'],
    other: ['my-deployment', 'codellama-34b', 'open_llama_3b', 'grok-4', 'gpt-6', 'foo1-mini', 'llama-405b'],
  };
  for (const [family, names] of Object.entries(models)) {
    for (const name of names) it(`${name}: ${family}`, () => assert.equal(modelFamily(name), family));
  }
});

describe('the counter of a model', () => {
  it('is exact where its vocabulary ships', () => {
    assert.deepEqual(chooseCounter('gpt-4-turbo'), {
      kind: 'exact',
      family: 'cl100k',
      counterId: 'cl100k',
      source: { kind: 'encoding', encoding: 'cl100k' },
    });
  });

  it('is an estimate elsewhere, with a bound and the reason, and never by characters', () => {
    for (const model of ['llama-4-scout', 'llama-3.3-70b', 'qwen3', 'claude-sonnet-4.5', 'my-deployment']) {
      const choice = chooseCounter(model);
      assert.ok(choice.kind === 'estimate' && choice.errorBound > 0 && choice.why.endsWith('.'), model);
      assert.deepEqual(sourceOf(choice), { kind: 'encoding', encoding: 'o200k' });
      assert.equal(choice.method, model.startsWith('llama-4') ? 'llama4' : 'plain');
    }
  });

  it('is exact with the user’s own copy of the tokenizer', () => {
    const choice = chooseCounter('llama4:scout', own('llama4'));
    assert.equal(choice.kind, 'exact');
    assert.deepEqual(sourceOf(choice), {
      kind: 'file',
      path: '/home/me/tokenizer.model',
      counterId: 'llama4:0123456789ab',
    });
    assert.equal(chooseCounter('qwen3', own('other')).kind, 'exact');
    assert.equal(chooseCounter('my-deployment', own('llama4')).kind, 'exact', 'its owner knows what it is');
  });

  const wrong: [string, TokenizerFamily][] = [
    ['llama-4-scout', 'llama3'],
    ['llama-4-scout', 'other'],
    ['qwen3', 'llama4'],
    ['gpt-4o', 'cl100k'],
  ];
  for (const [model, family] of wrong) {
    it(`refuses a ${family} file for ${model}`, () => {
      assert.throws(
        () => chooseCounter(model, own(family)),
        error => error instanceof LongviewError && error.code === 'bad-settings',
      );
    });
  }
});
