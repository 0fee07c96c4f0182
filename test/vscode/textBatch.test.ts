import assert from 'node:assert/strict';

import { createTextBatch } from '../../src/vscode/textBatch.ts';

describe('text on its way to Chat', () => {
  it('comes at once, then together, and nothing stays behind', async () => {
    const shown: string[] = [];
    let more = (): void => undefined;
    const batch = createTextBatch(text => {
      shown.push(text);
      more();
    }, 1);
    batch.push('a');
    assert.deepEqual(shown, ['a'], 'the first word does not wait');
    for (const letter of 'bcd') batch.push(letter);
    assert.deepEqual(shown, ['a']);
    await new Promise<void>(resolve => (more = resolve));
    assert.deepEqual(shown, ['a', 'bcd']);
    batch.push('e');
    batch.flush();
    batch.flush();
    assert.deepEqual(shown, ['a', 'bcd', 'e']);
  });
});
