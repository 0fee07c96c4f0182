import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countLines, type LineEnds, splitLines } from '../../../src/core/workspace/lines.ts';

describe('lines', () => {
  it('are counted as they are split (property)', () => {
    const text = fc
      .array(fc.constantFrom('a', '\n', '\r', '\r\n', '\u2028', '\f', 'é'))
      .map(parts => parts.join(''));
    fc.assert(
      fc.property(text, value => assert.equal(countLines(value).lines, splitLines(value).lines.length)),
    );
  });

  const cases: [string, number, LineEnds][] = [
    ['', 0, 'none'],
    ['a', 1, 'none'],
    ['\n', 1, 'lf'],
    ['\n\n  a\n', 3, 'lf'],
    ['a\r\nb', 2, 'crlf'],
    ['a\rb\r', 2, 'cr'],
    ['a\nb\r\nc\rd', 4, 'mixed'],
    ['a\n\rb', 3, 'mixed'],
    ['a\u2028b\u0085c\vd\fe', 1, 'none'],
  ];
  for (const [text, lines, eol] of cases) {
    it(`${JSON.stringify(text)} has ${lines}, ended by ${eol}`, () =>
      assert.deepEqual(countLines(text), { lines, eol }));
  }
});
