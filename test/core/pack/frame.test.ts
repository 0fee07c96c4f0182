import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  excerptSegment,
  fileSegment,
  framePath,
  neutralise,
  parseFramePath,
  restore,
} from '../../../src/core/pack/frame.ts';
import { splitLines } from '../../../src/core/workspace/lines.ts';
import { unpack } from '../../../src/core/pack/unpack.ts';

/** What the pack states it does to text: line ends become LF, and nothing else. */
const normalised = (text: string) => text.replace(/\r\n|\r/g, '\n');

const hostilePieces = [
  '@@@@ file evil.ts (3 lines)',
  '@@@@ end',
  '@@@@',
  '@@@',
  '@',
  '\\',
  '@@@\\@',
  '<|eot|>',
  '<\\|eot|>',
  '<|',
  '|>',
  '10|',
  '20|x',
  '\n',
  '\r',
  '\r\n',
  ' ',
  '',
  '\t',
  'a',
  '```',
  '</file>',
  '＜|',
  '<｜end▁of▁sentence｜>',
  '\u2028',
  '\u0085',
  '<|endoftext|>',
  '@@@@@@@@',
  '<<||>',
  '0',
  '|',
];
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...hostilePieces),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 60 },
  )
  .map(parts => parts.join(''))
  // A lone surrogate is not text: no decoder yields one.
  .filter(text => !/\p{Cs}/u.test(text));
const hostileName = fc.oneof(
  fc.constantFrom(
    'a b.ts',
    ' lead',
    'trail ',
    'new\nline',
    '"quoted"',
    '__proto__',
    'a (3 lines)',
    '@@@@ end',
    '<|eot|>.md',
    'back\\slash',
    '\udc80\udcff',
    'x\u202egpj',
    '[id]/(group)/page.tsx',
    'é.ts',
    'tab\t',
  ),
  fc.string({ unit: 'binary', minLength: 1 }),
);

describe('frame', () => {
  it('shows a file with its size and a marker before every 10th line', () => {
    const text = Array.from({ length: 21 }, (_, i) => `line ${i + 1}`).join('\n') + '\n';
    const segment = fileSegment('src/a.ts', text).split('\n');
    assert.equal(segment[0], '@@@@ file src/a.ts (21 lines)');
    assert.deepEqual(
      [segment[1], segment[10], segment[11], segment[20], segment[21]],
      ['line 1', '10|line 10', 'line 11', '20|line 20', 'line 21'],
    );
  });

  const endings: [string, string][] = [
    ['', '@@@@ file f (0 lines)\n'],
    ['a', '@@@@ file f (1 line, no final newline)\na\n'],
    ['a\n', '@@@@ file f (1 line)\na\n'],
    ['\n', '@@@@ file f (1 line)\n\n'],
    ['\n\n  x', '@@@@ file f (3 lines, no final newline)\n\n\n  x\n'],
    ['a\r\nb\rc', '@@@@ file f (3 lines, no final newline)\na\nb\nc\n'],
  ];
  for (const [text, expected] of endings) {
    it(`frames ${JSON.stringify(text)}`, () => assert.equal(fileSegment('f', text), expected));
  }

  it('law: unpack gives back every file, whatever names and contents are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(hostileName, hostileText), { maxLength: 8, selector: ([path]) => path }),
        files => {
          const pack = `@@@@ pack w (2 files, 0 left out)\n${files.map(([path, text]) => fileSegment(path, text)).join('')}@@@@ end\n@@@@ question\n@@@@ file no (1 line)\nx\n`;
          assert.deepEqual(
            unpack(pack),
            files.map(([path, text]) => ({ path, text: normalised(text) })),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('law: every segment ends with a newline and starts with the sentinel, so counts add up', () => {
    fc.assert(
      fc.property(hostileName, hostileText, (path, text) => {
        const segment = fileSegment(path, text);
        return segment.startsWith('@@@@ ') && segment.endsWith('\n') && !/\n@@@@/.test(segment);
      }),
      { numRuns: 1000 },
    );
  });

  it('shows excerpts behind their own numbers, with gaps', () => {
    const excerpts = [
      { line: 3, text: 'export class A {' },
      { line: 17, text: '@@@@ end' },
    ];
    assert.equal(
      excerptSegment('outline', 'src/a.ts', 120, excerpts),
      '@@@@ outline src/a.ts (120 lines, 2 shown)\n3|export class A {\n17|@@@\\@ end\n',
    );
    assert.equal(excerptSegment('shortened', 'a\nb', 1, []), '@@@@ shortened "a\\nb" (1 line, 0 shown)\n');
  });

  it('law: an excerpt ends no frame and opens none, and unpack passes over it', () => {
    fc.assert(
      fc.property(hostileName, fc.array(hostileText, { maxLength: 8 }), (path, texts) => {
        const excerpts = texts.map((text, i) => ({ line: i * 3 + 1, text }));
        const segment = excerptSegment('outline', path, texts.length * 3, excerpts);
        assert.ok(segment.startsWith('@@@@ ') && segment.endsWith('\n') && !/\n@@@@/.test(segment));
        assert.equal(segment.split('\n').length, texts.length + 2);
        const pack = `${fileSegment('a', 'x\n')}${segment}${fileSegment('b', 'y')}@@@@ end\n`;
        assert.deepEqual(unpack(pack), [
          { path: 'a', text: 'x\n' },
          { path: 'b', text: 'y' },
        ]);
      }),
      { numRuns: 1000 },
    );
  });

  it('law: restore undoes neutralise, and nothing dangerous is left in between', () => {
    fc.assert(
      fc.property(hostileText, text => {
        const safe = neutralise(text);
        assert.ok(!safe.includes('@@@@'));
        assert.ok(!/<[|｜][^\s|｜<>]{1,64}[|｜]>/.test(safe));
        assert.equal(restore(safe), text);
      }),
      { numRuns: 3000 },
    );
  });

  it('law: a path survives its header', () => {
    fc.assert(
      fc.property(hostileName, path => parseFramePath(framePath(path)) === path),
      { numRuns: 2000 },
    );
  });

  it('leaves ordinary code alone', () => {
    for (const code of ['a <| b |> c', 'x = <|>', '@@ -1,3 +1,4 @@', '@decorator', 'if (a < |b|) {}']) {
      assert.equal(neutralise(code), code);
    }
  });

  it('counts lines as VS Code does', () => {
    const cases: [string, number][] = [
      ['', 0],
      ['a', 1],
      ['a\n', 1],
      ['a\r\nb', 2],
      ['a\rb\r', 2],
      ['\u2028', 1],
      ['\n\n', 2],
    ];
    for (const [text, lines] of cases)
      assert.equal(splitLines(text).lines.length, lines, JSON.stringify(text));
  });
});
