import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cutPassages, readLines } from '../../../src/core/offline/passages.ts';
import { readPrompt } from '../../../src/core/offline/prompt.ts';
import { fileSegment } from '../../../src/core/pack/frame.ts';
import { splitLines } from '../../../src/core/workspace/lines.ts';
import { filesBelow, noHurry } from './ask.ts';

const sources = [
  ...filesBelow('src', /\.ts$/),
  ...filesBelow('node_modules/minisearch', /\.(js|cjs|md|ts)$/),
];

describe('passages', () => {
  it('hold every line of a file once, in order', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('', 'a', '  b', '}', 'function f() {', '// c'), { maxLength: 200 }),
        lines => {
          const passages = cutPassages({ path: 'a.ts', lines });
          let next = 1;
          for (const { startLine, endLine } of passages) {
            assert.equal(startLine, next);
            assert(endLine >= startLine && endLine - startLine < 45);
            next = endLine + 1;
          }
          assert.equal(next, lines.length + 1);
        },
      ),
    ));

  it('are 10 to 40 lines of real sources, but for the ends of files', () => {
    const sizes = sources.flatMap(({ path, text }) =>
      cutPassages({ path, lines: splitLines(text).lines })
        .slice(0, -1)
        .map(({ startLine, endLine }) => endLine - startLine + 1),
    );
    assert(sizes.length > 100 && sizes.every(size => size >= 10 && size <= 40), String(Math.min(...sizes)));
  });

  it('begin where something begins', () => {
    const lines = [
      ...Array.from({ length: 12 }, (_, i) => `const a${i} = ${i};`),
      '',
      '/** B. */',
      'function b() {',
      '}',
      '',
      'end',
      '1',
      '2',
      '3',
      '4',
      '5',
    ];
    assert.deepEqual(
      cutPassages({ path: 'a.ts', lines }).map(({ startLine }) => startLine),
      [1, 14],
    );
  });

  it('read the lines back as they were before framing', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('@@@@', '@@@\\@ x', '<|eot|>', '<\\|eot|>', '10|', '20|x', '', ' a '), {
          maxLength: 60,
        }),
        async lines => {
          const prompt = fileSegment('a.ts', lines.map(line => `${line}\n`).join(''));
          const { files } = await readPrompt([{ role: 'user', slices: [prompt] }], noHurry);
          assert(files[0]);
          assert.deepEqual((await readLines(files[0], noHurry)).lines, lines);
        },
      ),
    ));
});
