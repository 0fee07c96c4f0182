import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readPrompt, sliceAtFrames } from '../../../src/core/offline/prompt.ts';
import { cutPassages, readLines } from '../../../src/core/offline/passages.ts';
import { quotePassage } from '../../../src/core/offline/quote.ts';
import { excerptSegment, fileSegment } from '../../../src/core/pack/frame.ts';
import { noHurry, packOf } from './ask.ts';

const files = [
  { path: 'a.ts', text: 'one\ntwo\n' },
  { path: 'b\n.ts', text: '@@@@ question\n' },
];

describe('readPrompt', () => {
  const cases: [string, string[], string[], number][] = [
    ['pack and question', [packOf(files, 'why?')], ['why?'], 2],
    [
      'a question of many lines',
      [packOf(files, 'why\n\n@@@@ file x (1 line)\nnot a file')],
      ['why\n\n@@@@ file x (1 line)\nnot a file'],
      2,
    ],
    ['plain later questions', [packOf(files, 'why?'), 'and how?'], ['why?', 'and how?'], 2],
    ['no frames', ['hello'], ['hello'], 0],
    ['no question frame', [`${fileSegment('a', 'x')}@@@@ end\nwhy?`], ['why?'], 1],
    ['nothing after the end', [`${fileSegment('a', 'x')}@@@@ end`], [''], 1],
    ['text before the first frame', [`Here it is.\n${packOf(files, 'why?')}`], ['why?'], 2],
    ['unknown frames and headers', ['@@@@ moon\nx\n@@@@ file\ny\n@@@@ file z\n@@@@ question\nq'], ['q'], 0],
    ['empty', [''], [''], 0],
  ];
  for (const [what, contents, questions, count] of cases)
    it(what, async () => {
      const read = await readPrompt(
        contents.map(content => ({ role: 'user', slices: [content] })),
        noHurry,
      );
      assert.deepEqual(read.questions, questions);
      assert.equal(read.files.length, count);
    });

  it('reads outlines and shortened files with the lines’ own numbers', async () => {
    const content = [
      excerptSegment('outline', 'a\nb.ts', 90, [
        { line: 3, text: 'export class Pump {' },
        { line: 4, text: '  @@@@ <|eot|>' },
        { line: 80, text: '}' },
      ]),
      excerptSegment('shortened', 'rows.csv', 9000, [{ line: 9000, text: '8999|x' }]),
      `@@@@ listed\nnot/a/file.ts\n@@@@ end\n@@@@ question\nwhy?\n`,
    ].join('');
    const { files: read } = await readPrompt([{ role: 'user', slices: [content] }], noHurry);
    const lines = await Promise.all(read.map(file => readLines(file, noHurry)));
    assert.deepEqual(lines, [
      { path: 'a\nb.ts', lines: ['export class Pump {', '  @@@@ <|eot|>', '}'], numbers: [3, 4, 80] },
      { path: 'rows.csv', lines: ['8999|x'], numbers: [9000] },
    ]);
    const passages = lines.flatMap(file => cutPassages(file));
    const quotes = passages.map(passage => quotePassage(passage, new Map([['pump', 1]])));
    assert.deepEqual(
      quotes.map(q => [q.startLine, q.endLine]),
      [
        [3, 4],
        [80, 80],
        [9000, 9000],
      ],
    );
  });

  it('reads frames of users only', async () => {
    const content = packOf(files, 'why?');
    const read = await readPrompt(
      [
        { role: 'system', slices: [content] },
        { role: 'assistant', slices: [content] },
      ],
      noHurry,
    );
    assert.deepEqual(read, { files: [], questions: [] });
  });
});

describe('sliceAtFrames', () => {
  it('changes no character, and lets a prompt be read the same however it was sliced', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 12 }), async cuts => {
        const content = packOf([...files, { path: 'c', text: '' }], 'why?\n@@@@ end\nso');
        const places = [
          0,
          ...cuts.map(cut => Math.min(cut, content.length)).sort((a, b) => a - b),
          content.length,
        ];
        const pieces = places.slice(1).map((end, i) => content.slice(places[i], end));
        const slices = await sliceAtFrames(pieces, noHurry);
        assert.equal(slices.join(''), content);
        for (const slice of slices.slice(1)) assert(slice.startsWith('@@@@'));
        assert.deepEqual(
          await readPrompt([{ role: 'user', slices }], noHurry),
          await readPrompt([{ role: 'user', slices: [content] }], noHurry),
        );
      }),
    ));
});
