import assert from 'node:assert/strict';
import fc from 'fast-check';
import { verifyAnchor, verifyCandidates, type AnchorMention } from '../../../src/core/review/anchors.ts';
import { fileSegment } from '../../../src/core/pack/frame.ts';

const lines = [
  '/**', // 1
  ' * Reads the whole file',
  ' * and counts its lines.',
  ' */',
  'export function countLines(path: string): number {', // 5
  "  const text = readFile(path, 'utf8');",
  '  return text.split(newline).length;',
  '}',
  '',
  '# a note in other words', // 10
  'function twice() {',
  '  log("same thing");',
  '}',
  'function again() {',
  '  log("same thing");', // 15
  '}',
  'return',
  'const token = "<|endoftext|>";',
  'call(first,',
  '  second,', // 20
  '  third);',
  'const maxIndex = 10;',
];
const text = lines.join('\n') + '\n';

type Cited = Partial<AnchorMention>;
const mention = (cited: Cited): AnchorMention => ({ path: 'src/a.ts', offset: 0, length: 1, ...cited });
const at = (startLine: number, endLine = startLine): Cited => ({ startLine, endLine });

describe('verifyAnchor', () => {
  const cases: readonly [name: string, cited: Cited, expected: string, note?: RegExp][] = [
    ['a quote at the line', { ...at(7), quote: 'return text.split(newline).length;' }, 'verified 7-7'],
    [
      'a quote within the lines',
      { ...at(5, 8), quote: 'return text.split(newline).length;' },
      'verified 5-8',
    ],
    ['part of a line', { ...at(5), quote: 'countLines(path' }, 'verified 5-5'],
    [
      'a quote some lines off',
      { ...at(3), quote: 'return text.split(newline).length;' },
      'relocated 7-7',
      /line 7, not at line 3/,
    ],
    ['a quote past the end', { ...at(400), quote: 'return text.split(newline).length;' }, 'relocated 7-7'],
    ['several lines quoted', { ...at(5, 7), quote: lines.slice(4, 7).join('\n') }, 'verified 5-7'],
    [
      'several lines quoted, the first cited',
      { ...at(5), quote: lines.slice(4, 7).join('\n') },
      'verified 5-5',
    ],
    ['several lines quoted, two off', { ...at(3, 5), quote: lines.slice(4, 7).join('\n') }, 'relocated 5-7'],
    ['two lines joined to one', { ...at(19, 21), quote: 'call(first, second, third);' }, 'verified 19-21'],
    ['other white space', { ...at(6), quote: "const  text=readFile( path,'utf8' );" }, 'verified 6-6'],
    ['curly quotes', { ...at(6), quote: 'readFile(path, ‘utf8’)' }, 'verified 6-6'],
    [
      'a comment without its leaders',
      { ...at(2, 3), quote: 'Reads the whole file and counts its lines.' },
      'verified 2-3',
    ],
    [
      'a comment with other leaders',
      { ...at(2, 3), quote: '// Reads the whole file\n// and counts its lines.' },
      'verified 2-3',
    ],
    ['an ellipsis', { ...at(5, 8), quote: 'export function countLines ... length;' }, 'verified 5-8'],
    ['an ellipsis on its own line', { ...at(1), quote: 'call(first,\n  …\n  third);' }, 'relocated 19-21'],
    ['an ellipsis at the end', { ...at(5), quote: 'export function countLines...' }, 'verified 5-5'],
    [
      'an ellipsis in the wrong order',
      { ...at(5, 8), quote: 'length; ... export function countLines' },
      'unquoted 5-8',
    ],
    ['code left out in silence', { ...at(19, 21), quote: 'call(first,\n  third);' }, 'unquoted 19-21'],
    [
      'a comment made up',
      { ...at(8, 11), quote: '}\n# words nobody wrote\nfunction twice() {' },
      'unquoted 8-11',
    ],
    ['a comment left out in silence', { ...at(8, 11), quote: '}\nfunction twice() {' }, 'verified 8-11'],
    ['the marker of the pack', { ...at(10), quote: '10|# a note in other words' }, 'verified 10-10'],
    ['the marker within a quote', { ...at(18, 20), quote: 'call(first,\n20|  second,' }, 'verified 18-20'],
    ['every line numbered', { ...at(5, 6), quote: `5: ${lines[4]}\n6: ${lines[5]}` }, 'verified 5-6'],
    ['a control token, broken', { ...at(18), quote: 'const token = "<\\|endoftext|>";' }, 'verified 18-18'],
    ['Markdown escapes', { ...at(5), quote: 'countLines\\(path: string\\)' }, 'verified 5-5'],
    ['a doubled line, cited', { ...at(15), quote: 'log("same thing");' }, 'verified 15-15'],
    [
      'a doubled line, not cited',
      { ...at(13), quote: 'log("same thing");' },
      'ambiguous 13-13',
      /2 places.*nearest is line 12/,
    ],
    ['a quote that begins within a word', { ...at(22), quote: 'Index = 10' }, 'unquoted 22-22'],
    [
      'a paraphrase',
      { ...at(7), quote: 'splits the text and returns its length' },
      'unquoted 7-7',
      /does not stand in this file/,
    ],
    [
      'a paraphrase out of range',
      { ...at(70), quote: 'splits the text and returns its length' },
      'out-of-range 70-70',
    ],
    ['a brace', { ...at(8), quote: '}' }, 'unquoted 8-8', /too common/],
    ['a keyword', { ...at(17), quote: 'return' }, 'unquoted 17-17', /too common/],
    ['nothing quoted', at(5, 7), 'unquoted 5-7', /Nothing is quoted/],
    [
      'nothing quoted, names that stand there',
      { ...at(5), named: ['countLines'] },
      'unquoted 5-5',
      /`countLines` stands there/,
    ],
    [
      'nothing quoted, names that do not',
      { ...at(12), symbol: 'A.countLines' },
      'unquoted 12-12',
      /does not stand there/,
    ],
    ['a line past the end', at(40), 'out-of-range 40-40', /has 22 lines/],
    ['an end past the end', at(20, 40), 'out-of-range 20-40'],
    ['an end just past the final newline', at(20, 23), 'unquoted 20-22'],
    ['line 0', at(0), 'out-of-range 0-0'],
    ['no line', {}, 'unquoted 1-1'],
    ['no line, one quote', { quote: 'return text.split(newline).length;' }, 'verified 7-7'],
    ['no line, a doubled quote', { quote: 'log("same thing");' }, 'ambiguous 12-12'],
    ['no line, a symbol', { symbol: 'countLines' }, 'unquoted 5-5', /defined at line 5/],
  ];
  for (const [name, cited, expected, note] of cases)
    it(`${name}: ${expected}`, () => {
      const anchor = verifyAnchor(mention(cited), { text });
      assert.equal(`${anchor.state} ${anchor.startLine}-${anchor.endLine}`, expected, anchor.note);
      assert.match(anchor.note ?? '', note ?? /\.$/);
    });

  for (const quote of [
    '}',
    '});',
    'return',
    'return;',
    'return null;',
    'else {',
    '{',
    'i++',
    'break;',
    'end',
    'x',
    ');',
    'pass',
  ])
    it(`never verifies ${quote}`, () => {
      const anchor = verifyAnchor(mention({ ...at(2), quote }), { text: `first\n${quote}\n` });
      assert.equal(anchor.state, 'unquoted');
    });

  it('tells a missing file and a deleted one apart', () => {
    assert.deepEqual(verifyAnchor(mention(at(3)), { text: undefined }), {
      path: 'src/a.ts',
      startLine: 3,
      endLine: 3,
      state: 'missing',
      note: 'There is no such file.',
    });
    assert.match(verifyAnchor(mention(at(3)), { text: undefined, packedText: text }).note ?? '', /deleted/);
  });

  it('settles a basename by the file that has the quote', () => {
    const texts = new Map([
      ['a/x.ts', text],
      ['b/x.ts', 'nothing\n'],
    ]);
    const cited = mention({
      ...at(7),
      path: 'x.ts',
      quote: 'return text.split(newline).length;',
      candidates: [...texts.keys()],
    });
    assert.equal(verifyAnchor(cited, { text: undefined }).state, 'ambiguous');
    const settled = verifyCandidates(cited, path => ({ text: texts.get(path) }));
    assert.deepEqual([settled.path, settled.state, settled.startLine], ['a/x.ts', 'verified', 7]);
    texts.set('b/x.ts', text);
    assert.equal(verifyCandidates(cited, path => ({ text: texts.get(path) })).state, 'ambiguous');
  });

  it('does not hang on an empty file', () => {
    assert.equal(verifyAnchor(mention(at(1)), { text: '' }).state, 'unquoted');
    assert.equal(verifyAnchor(mention(at(2)), { text: '' }).state, 'out-of-range');
    assert.equal(verifyAnchor(mention({ ...at(1), quote: 'something' }), { text: '' }).state, 'unquoted');
  });

  it('finds every line as the pack shows it', () => {
    const shown = fileSegment('src/a.ts', text).split('\n').slice(1);
    lines.forEach((line, i) => {
      if (line.length < 12) return;
      const anchor = verifyAnchor(mention({ ...at(i + 1), quote: shown[i] ?? '' }), { text });
      assert.equal(anchor.state, 'verified', line);
    });
  });
});

describe('verifyAnchor, the file edited since the pack', () => {
  const quote = 'return text.split(newline).length;';
  const inserted = ['new 1', 'new 2', 'new 3', ...lines].join('\n') + '\n';
  const replaced = text.replace(quote, 'return nothing(at, all);');
  const shifted = text.replace('  log("same thing");', '  inserted();\n  log("same thing");');
  const cases: readonly [name: string, cited: Cited, today: string, expected: string][] = [
    ['lines above', { ...at(7), quote }, inserted, 'relocated 10-10'],
    ['lines above, a wrong line too', { ...at(5), quote }, inserted, 'relocated 10-10'],
    ['lines above, nothing quoted', at(5, 7), inserted, 'unquoted 8-10'],
    [
      'lines above, the second of two equal lines',
      { ...at(15), quote: 'log("same thing");' },
      inserted,
      'relocated 18-18',
    ],
    [
      'lines above, one of two equal lines',
      { ...at(13), quote: 'log("same thing");' },
      inserted,
      'ambiguous 16-16',
    ],
    ['an edit below', { ...at(2), quote: 'Reads the whole file' }, replaced, 'verified 2-2'],
    [
      'an edit within the lines, not of the quote',
      { ...at(5, 8), quote: 'countLines(path' },
      replaced,
      'verified 5-8',
    ],
    ['the quoted line changed', { ...at(7), quote }, replaced, 'stale 7-7'],
    ['the cited lines changed, nothing quoted', at(6, 8), replaced, 'stale 6-8'],
    ['other lines changed, nothing quoted', at(1, 4), replaced, 'unquoted 1-4'],
    ['a line between', { ...at(15), quote: 'log("same thing");' }, shifted, 'relocated 16-16'],
    [
      'a quote that only today has',
      { ...at(7), quote: 'return nothing(at, all);\n}' },
      replaced,
      'verified 7-7',
    ],
    [
      'a paraphrase of lines that moved',
      { ...at(7), quote: 'splits the text into pieces' },
      inserted,
      'unquoted 10-10',
    ],
    [
      'a paraphrase of lines that changed',
      { ...at(7), quote: 'splits the text into pieces' },
      replaced,
      'stale 7-7',
    ],
    ['out of range then', at(40), inserted.repeat(3), 'out-of-range 40-40'],
    ['everything gone', { ...at(7), quote }, '', 'stale 1-1'],
    ['other line ends only', { ...at(7), quote }, text.replaceAll('\n', '\r\n'), 'verified 7-7'],
  ];
  for (const [name, cited, today, expected] of cases)
    it(`${name}: ${expected}`, () => {
      const anchor = verifyAnchor(mention(cited), { text: today, packedText: text });
      assert.equal(`${anchor.state} ${anchor.startLine}-${anchor.endLine}`, expected, anchor.note);
    });

  it('follows unchanged lines through any edit elsewhere', function () {
    this.timeout(60_000);
    const line = fc.constantFrom('a();', 'b();', 'c();', '', '}', 'return 1;');
    const some = fc.array(line, { maxLength: 12 });
    fc.assert(
      fc.property(some, some, some, some, (above, below, aboveNow, belowNow) => {
        const quoted = 'const theOne = uniquely(named);';
        const packedText = [...above, quoted, ...below].join('\n');
        const today = [...aboveNow, quoted, ...belowNow].join('\n');
        const cited = mention({ ...at(above.length + 1), quote: quoted });
        const anchor = verifyAnchor(cited, { text: today, packedText });
        assert.equal(anchor.startLine, aboveNow.length + 1);
        assert.equal(anchor.state, above.length === aboveNow.length ? 'verified' : 'relocated');
      }),
    );
  });
});

describe('the law of verified', () => {
  it('holds for any lines, quote and edit: what is verified stands there today', function () {
    this.timeout(60_000);
    const line = fc.constantFrom(
      'alpha(beta);',
      'gamma = delta;',
      '}',
      'return',
      'if (alpha) {',
      '',
      'alpha(beta, gamma);',
    );
    const file = fc.array(line, { maxLength: 20 });
    const cite = fc.record({ start: fc.integer({ min: 1, max: 24 }), more: fc.integer({ min: 0, max: 4 }) });
    fc.assert(
      fc.property(
        file,
        fc.option(file, { nil: undefined }),
        cite,
        line,
        (today, packed, { start, more }, quote) => {
          const cited = mention({ ...at(start, start + more), quote });
          const packedText = packed?.join('\n');
          const anchor = verifyAnchor(cited, { text: today.join('\n'), packedText });
          if (anchor.state !== 'verified' && anchor.state !== 'relocated') return;
          const shown = today.slice(anchor.startLine - 1, anchor.endLine).join('\n');
          assert.ok(shown.includes(quote), `${anchor.state} ${anchor.startLine}-${anchor.endLine}: ${quote}`);
          assert.ok(quote.length > 6);
          if (anchor.state === 'verified') assert.equal(anchor.startLine, start);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
