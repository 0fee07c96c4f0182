import assert from 'node:assert/strict';
import fc from 'fast-check';

import { shiftPlace, type LineEdit } from '../../../src/core/review/shiftPlace.ts';

const at = (startLine: number, endLine = startLine) => ({ startLine, endLine });
const edit = (startLine: number, endLine: number, lines: number, atLineStart = true): LineEdit => ({
  startLine,
  endLine,
  lines,
  atLineStart,
  inserts: startLine === endLine && lines > 1,
});

const cases: [string, LineEdit, [number, number]][] = [
  ['lines inserted above', edit(2, 2, 4), [13, 15]],
  ['a line inserted at its first column', edit(10, 10, 2), [11, 13]],
  ['a line end typed behind its first line', edit(10, 10, 2, false), [10, 13]],
  ['a line end typed in its last line', edit(12, 12, 2, false), [10, 13]],
  ['lines inserted below', edit(13, 13, 3), [10, 12]],
  ['lines deleted above', { ...edit(3, 5, 1), inserts: false }, [8, 10]],
  ['the lines right above deleted', { ...edit(8, 10, 1), inserts: false }, [8, 10]],
  ['one of its lines deleted', { ...edit(11, 12, 1), inserts: false }, [10, 11]],
  ['a line edited', { ...edit(11, 11, 1, false), inserts: false }, [10, 12]],
  ['everything from before into it replaced', { ...edit(8, 11, 1, false), inserts: false }, [8, 9]],
];

describe('shiftPlace', () => {
  for (const [name, change, [startLine, endLine]] of cases) {
    it(name, () => assert.deepEqual(shiftPlace(at(10, 12), change), at(startLine, endLine)));
  }

  it('law: a line follows insertions and deletions of whole lines that are not its own', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5 })), {
          maxLength: 20,
        }),
        (mine, edits) => {
          const text = [...lines];
          let place = at(mine);
          for (const [inserts, line, count] of edits) {
            const start = Math.min(line, text.length);
            if (inserts) {
              text.splice(start - 1, 0, ...Array<string>(count).fill('new'));
              place = shiftPlace(place, edit(start, start, count + 1));
            } else {
              const end = Math.min(start + count, text.length);
              if (place.startLine >= start && place.startLine < end) continue;
              text.splice(start - 1, end - start);
              place = shiftPlace(place, { ...edit(start, end, 1), inserts: false });
            }
          }
          assert.equal(text[place.startLine - 1], `line ${mine}`);
          assert.equal(place.startLine, place.endLine);
        },
      ),
    );
  });
});
