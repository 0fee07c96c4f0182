import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LongText, parseLargeJson } from '../../../src/core/offline/largeJson.ts';
import { noHurry } from './ask.ts';

const joined = (value: unknown): unknown =>
  value instanceof LongText
    ? value.slices.join('')
    : Array.isArray(value)
      ? value.map(joined)
      : value && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, joined(inner)]))
        : value;

describe('parseLargeJson', function () {
  this.timeout(60_000); // megabytes, many times; a busy machine is no failure
  it('reads what JSON.parse reads, wherever the slices fall', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom('\\', '"', '\n', '\u0001', '\ud800', '😀', '\\u0041', '\\"', 'é\\', '\\\\"\u0007'),
        fc.integer({ min: 0, max: 13 }),
        async (unit, shift) => {
          const content = 'x'.repeat(shift) + unit.repeat(Math.ceil(700_000 / unit.length));
          const value = {
            model: 'm',
            messages: [
              { role: 'user', content },
              { role: 'user', content: 'short "' },
            ],
          };
          assert.deepEqual(joined(await parseLargeJson(JSON.stringify(value), noHurry)), value);
        },
      ),
      { numRuns: 30 },
    ));

  it('hands long texts over in slices, short documents as they are', async () => {
    const long = (await parseLargeJson(JSON.stringify(['y'.repeat(2_000_000)]), noHurry)) as LongText[];
    assert.equal(long[0]?.slices.length, 4);
    assert.deepEqual(await parseLargeJson('{"a":[1,"b"]}', noHurry), { a: [1, 'b'] });
  });

  for (const broken of [
    '',
    '{"a":',
    `"${'x'.repeat(1_200_000)}`,
    `["${'x'.repeat(1_200_000)}\n"]`,
    `["${'x'.repeat(1_200_000)}",]`,
  ])
    it(`refuses ${broken.slice(0, 6)}… (${broken.length} characters)`, () =>
      assert.rejects(parseLargeJson(broken, noHurry), SyntaxError));
});
