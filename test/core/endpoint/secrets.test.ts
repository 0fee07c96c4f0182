import assert from 'node:assert/strict';
import fc from 'fast-check';

import { createSecretFilter, withoutSecrets } from '../../../src/core/endpoint/secrets.ts';

const key = 'sk-or-v1-9f+2/aa71c==';

function filtered(pieces: readonly string[], secrets: readonly (string | undefined)[] = [key]): string {
  const filter = createSecretFilter(secrets);
  return pieces.map(piece => filter.push(piece)).join('') + filter.end();
}

describe('a key that a server repeats', () => {
  it('is taken out of what it says, in every form', () => {
    const forms = [key, encodeURIComponent(key), Buffer.from(key).toString('base64').replace(/=+$/, '')];
    assert.equal(withoutSecrets(forms.join(' '), [`Bearer ${key}`]), '[key] [key] [key]');
  });

  it('is taken out of a streamed text wherever that is cut, and nothing else is changed or lost', () => {
    const words = fc.constantFrom(
      key,
      encodeURIComponent(key),
      'sk-',
      'sk-or-v1-9f+2/aa71c=',
      ' and ',
      's',
      '\n',
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 8 }),
        fc.array(fc.nat(9), { maxLength: 60 }),
        (parts, cuts) => {
          const text = parts.join('');
          const pieces: string[] = [];
          let from = 0;
          for (const length of cuts) pieces.push(text.slice(from, (from += length)));
          pieces.push(text.slice(from));
          const clean = filtered(pieces);
          assert.ok(!clean.includes(key) && !clean.includes(encodeURIComponent(key)));
          assert.equal(clean, withoutSecrets(text, [key]));
        },
      ),
    );
  });

  it('holds back no more than what may begin it', () => {
    const filter = createSecretFilter([key]);
    assert.deepEqual(
      [filter.push('It is'), filter.push(' 42. s'), filter.push('k-o')],
      ['It i', 's 42. ', ''],
    );
    assert.deepEqual([filter.push('h no'), filter.end()], ['sk-oh no', '']);
  });

  it('is no word that stands in source code: what local servers take for a key stays in an answer', () => {
    const text = 'ollama EMPTY lm-studio sk-no-key-required test1';
    for (const word of text.split(' ')) assert.equal(filtered([text], [word]), text);
    assert.equal(filtered(['x'], [undefined]), 'x');
  });
});
