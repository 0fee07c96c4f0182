import assert from 'node:assert/strict';

import fc from 'fast-check';

import { parseEndpoints } from '../../../src/core/endpoint/config.ts';
import { LongviewError } from '../../../src/core/errors.ts';

const good = { id: 'scout', baseUrl: 'https://example.com/v1/', model: 'llama-4-scout' };

describe('parseEndpoints', () => {
  it('reads a list, without trailing slashes', () => {
    assert.deepEqual(parseEndpoints([{ ...good, contextLimit: 131_072, name: 'Scout' }], 'x'), [
      {
        id: 'scout',
        baseUrl: 'https://example.com/v1',
        model: 'llama-4-scout',
        name: 'Scout',
        contextLimit: 131_072,
      },
    ]);
    assert.deepEqual(parseEndpoints(undefined, 'x'), []);
  });

  const wrong: [string, unknown, RegExp][] = [
    ['not a list', { id: 'a' }, /not a list/],
    ['no object', ['a'], /entry 1: it is not an object/],
    ['no model', [{ ...good, model: '' }], /"model" must be a text/],
    ['twice', [good, good], /"scout" is used twice/],
    ['the offline reader’s id', [{ ...good, id: 'offline' }], /offline reader/],
    ['a file URL', [{ ...good, baseUrl: 'file:///etc' }], /starts with http/],
    ['no URL', [{ ...good, baseUrl: 'openrouter' }], /not a URL/],
    [
      'a password in the URL',
      [{ ...good, baseUrl: 'https://me:secret@example.com/' }],
      /user name or password/,
    ],
    ['a word for images', [{ ...good, images: 'yes' }], /"images" must be true or false/],
    ['half a token', [{ ...good, contextLimit: 1.5 }], /"contextLimit" must be a whole number/],
    ['a limit as text', [{ ...good, contextLimit: '1000' }], /"contextLimit" must be a whole number/],
  ];
  for (const [name, value, message] of wrong) {
    it(`says what is wrong: ${name}`, () => {
      assert.throws(
        () => parseEndpoints(value, 'endpoints.json'),
        error => {
          assert.ok(error instanceof LongviewError);
          assert.match(error.message, message);
          assert.ok(!error.message.includes('secret'));
          return true;
        },
      );
    });
  }

  it('law: arbitrary JSON is read or refused with a remedy, never a crash', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        try {
          parseEndpoints(value, 'x');
        } catch (error) {
          assert.ok(error instanceof LongviewError);
        }
      }),
    );
  });
});
