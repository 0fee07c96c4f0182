import assert from 'node:assert/strict';

import fc from 'fast-check';

import { LongviewError } from '../../../src/core/errors.ts';
import { readInput } from '../../../src/core/review/toolInput.ts';
import { tools } from '../../../src/core/review/toolTable.ts';

const [ask, locate] = tools;
assert.ok(ask !== undefined && locate !== undefined);

describe('input of tools', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['nothing', undefined, /takes an object/],
    ['a list', ['x'], /takes an object/],
    ['a text', '{"query":"x"}', /takes an object/],
    ['no query', {}, /needs "query"/],
    ['an inherited query', Object.create({ query: 'frames' }), /needs "query"/],
    ['a blank query', { query: '   ' }, /needs "query" to be a text of 2 to 2000 characters/],
    ['a query of megabytes', { query: 'x'.repeat(2001) }, /2 to 2000/],
    ['a fraction', { query: 'frames', limit: 1.5 }, /whole number from 1 to 20/],
    ['a number as text', { query: 'frames', limit: '5' }, /whole number/],
    [
      'more than it takes',
      { query: 'frames', path: '/etc' },
      /no parameter "path".*Its parameters are query, limit/s,
    ],
    ['a prototype', JSON.parse('{"query":"frames","__proto__":{}}'), /no parameter "__proto__"/],
    ['constructor', { query: 'frames', constructor: 1 }, /no parameter "constructor"/],
  ];
  for (const [name, input, expected] of wrong)
    it(`${name} is refused in words a model can use`, () =>
      assert.throws(
        () => readInput('longview_locate', locate.inputSchema, input),
        (error: LongviewError) =>
          error.code === 'bad-usage' && expected.test(`${error.message} ${error.remedy}`),
      ));

  it('lists are checked item by item', () => {
    const given = (files: unknown) => readInput(ask.name, ask.inputSchema, { question: 'Why?', files });
    assert.deepEqual(given(['src/a.ts:1-2']), { question: 'Why?', files: ['src/a.ts:1-2'] });
    for (const files of ['src/a.ts', [1], [null], Array(21).fill('a'), ['x'.repeat(1001)]])
      assert.throws(() => given(files), /a list of at most 20 texts/);
  });

  it('whatever comes, it is read or refused', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...tools), (input, { name, inputSchema }) => {
        try {
          const read = readInput(name, inputSchema, input);
          for (const key of Object.keys(read)) assert.ok(Object.hasOwn(inputSchema.properties, key));
        } catch (error) {
          assert.ok(error instanceof LongviewError && error.code === 'bad-usage');
        }
      }),
    );
  });
});
