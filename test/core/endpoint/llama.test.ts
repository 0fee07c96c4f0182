import assert from 'node:assert/strict';

import { licenceNote, llamaModel } from '../../../src/core/endpoint/llama.ts';
import { providers } from '../../../src/core/endpoint/providers/table.ts';

describe('llamaModel', () => {
  it('knows the ids of every provider’s table', () => {
    for (const p of providers)
      for (const which of ['scout', 'maverick'] as const) {
        const id = p.models[which]?.id;
        if (id !== undefined) assert.equal(llamaModel(id), which, `${p.id} ${id}`);
      }
  });

  const ids: [string, string | undefined][] = [
    ['llama4', 'scout'],
    ['llama4:latest', 'scout'],
    ['llama4:16x17b-instruct-q4_K_M', 'scout'],
    ['llama4:128x17b', 'maverick'],
    ['llama4:maverick', 'maverick'],
    ['Llama-4-Scout-17B-16E-Instruct-Q4_K_M.gguf', 'scout'],
    ['meta-llama/Llama-3.1-405B', undefined],
    ['scout', undefined],
    ['llama4-custom', undefined],
  ];
  for (const [id, expected] of ids) it(id, () => assert.equal(llamaModel(id), expected));
});

describe('licenceNote', () => {
  it('speaks of Llama 4 only, with its limits and a link', () => {
    const note = licenceNote('meta-llama/llama-4-scout');
    assert.match(note?.text ?? '', /European Union.*700 million.*Built with Llama/s);
    assert.equal(new URL(note?.url ?? '').hostname, 'www.llama.com');
    assert.equal(licenceNote('gpt-4.1'), undefined);
  });
});
