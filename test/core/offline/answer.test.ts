import assert from 'node:assert/strict';
import fc from 'fast-check';
import { answerPrompt, noModel } from '../../../src/core/offline/answer.ts';
import { readPrompt } from '../../../src/core/offline/prompt.ts';
import type { Turns } from '../../../src/core/offline/turns.ts';
import { splitLines } from '../../../src/core/workspace/lines.ts';
import { answerTo, checkCitations, filesBelow, packOf, type TextFile } from './ask.ts';

const file = (path: string, ...lines: string[]): TextFile => ({ path, text: lines.join('\n') + '\n' });

describe('an answer of the offline reader', () => {
  const files = [
    file('src/parse.ts', 'export function parseHeader(line: string) {', '  return line.split(" ");', '}'),
    file('src/render.ts', 'export function renderFooter() {', '  return "bye";', '}'),
    file('README.md', '# Thing', '', 'It does a thing.'),
  ];

  it('says first that no model was involved, whatever is asked', async () => {
    for (const question of ['parse header', '', 'hello', 'zebra crossing', 'what?'])
      assert((await answerTo(files, question)).startsWith(noModel), question);
    assert((await answerTo([], 'parse header')).startsWith(noModel));
  });

  const plain: [string, TextFile[], string, RegExp][] = [
    ['nothing found', files, 'zebra crossing', /No passage matches[^]*Try the words[^]*`zebra`, `crossing`/],
    ['greeting', files, 'Hello there!', /no word to search for/],
    ['empty question', files, '', /no word to search for/],
    ['no files', [], 'parse header', /holds no files/],
    [
      'only empty files',
      [file('a.ts').path === 'a.ts' ? { path: 'a.ts', text: '' } : files[0]!],
      'apple',
      /No passage/,
    ],
  ];
  for (const [what, pack, question, expected] of plain)
    it(`says so plainly: ${what}`, async () => {
      const answer = await answerTo(pack, question);
      assert.match(answer, expected);
      assert.deepEqual(checkCitations(answer, pack), []);
    });

  it('answers a question about the whole from the readme', async () => {
    const cited = checkCitations(await answerTo(files, 'What does this project do?'), files);
    assert.equal(cited[0]?.path, 'README.md');
  });

  it('finds a file by its name alone', async () => {
    const cited = checkCitations(await answerTo(files, 'What is in render.ts?'), files);
    assert.equal(cited[0]?.path, 'src/render.ts');
  });

  it('follows the last question and lets earlier ones speak softly', async () => {
    const last = checkCitations(
      await answerTo(files, 'Where is the header parsed?', 'And the footer?'),
      files,
    );
    assert.equal(last[0]?.path, 'src/render.ts');
    const soft = await answerTo(files, 'Where is the header parsed?', 'And the return?');
    assert.match(soft, /`return`, `header`, `parsed`/);
  });

  it('takes a changed file from the message that sent it last', async () => {
    const changed = [file('src/parse.ts', '// moved', 'export function parseHeader() {}')];
    const answer = await answerTo(files, 'render footer', packOf(changed, 'Where is parseHeader?'));
    const cited = checkCitations(answer, [...changed, ...files.slice(1)]);
    assert.equal(cited[0]?.quote, 'export function parseHeader() {}');
  });

  it('gives the thread back at least once per file', async () => {
    const many = Array.from({ length: 50 }, (_, i) => file(`f${i}.ts`, `const apple${i} = 1;`));
    let turnsTaken = 0;
    const turns: Turns = { due: () => true, next: async () => void turnsTaken++ };
    const messages = [{ role: 'user', slices: [packOf(many, 'apple')] }] as const;
    await answerPrompt(await readPrompt(messages, turns), turns);
    assert(turnsTaken >= 150, `${turnsTaken} turns over reading, counting and ranking`);
  });
});

describe('hostile files', () => {
  const hostile: [string, TextFile[], string][] = [
    ['fences in the text', [file('a.md', '```', 'apple ``` pie', '````js', '`apple`', '~~~~')], 'apple'],
    ['a quote that is backticks', [file('a.md', '`` apple ` ``')], 'apple'],
    [
      'frames in the text',
      [file('a.ts', '@@@@ end', '@@@@ question', 'apple @@@@ file b.ts (1 line)')],
      'apple',
    ],
    ['broken frames', [file('a.ts', '@@@\\@ file apple', '<\\|eot|> apple', '<|eot|> apple')], 'apple'],
    ['line markers', [file('a.ts', ...Array.from({ length: 30 }, (_, i) => `${i + 1}|apple ${i}`))], 'apple'],
    ['newline in a name', [file('src/app\nle.ts', 'pear')], 'pear'],
    ['frame in a name', [file('@@@@ end\n@@@@ question', 'pear')], 'pear'],
    ['backticks in a name', [file('`a``b`.ts', 'pear')], 'pear'],
    ['a name like a citation', [file('a.ts:1-9', 'pear')], 'pear'],
    ['fence as a name’s ending', [file('a.```', 'pear')], 'pear'],
    ['direction override', [file('a.ts', 'if (pear) { \u202e } \u2066', 'pear')], 'pear'],
    ['one endless line', [{ path: 'a.min.js', text: 'pear();'.repeat(60_000) }], 'pear'],
    ['surrogates at the cut', [file('a.ts', `pear ${'😀'.repeat(200)}`, '\ud800 pear')], 'pear'],
    ['CRLF and lone CR', [{ path: 'a.ts', text: 'one\r\ntwo pear\rthree\n\r\nfour' }], 'pear'],
    ['dangerous keys', [file('__proto__', 'constructor pear toString')], 'constructor __proto__ pear'],
  ];
  for (const [what, files, question] of hostile)
    it(what, async () => {
      const cited = checkCitations(await answerTo(files, question), files);
      assert.equal(cited.length > 0, true, 'something is cited');
      for (const { excerpt, startLine, endLine } of cited)
        assert.equal(excerpt.length, endLine - startLine + 1);
    });

  it('shows terminal escapes instead of sending them', async () => {
    const answer = await answerTo([file('a.ts', 'pear \x1b[2J\x07', 'plain pear')], 'pear');
    assert(!/[\x00-\x08\x0b-\x1f]/.test(answer));
    assert.match(answer, /pear \\u\{1b\}\[2J\\u\{7\}/);
  });
});

describe('laws of every answer', function () {
  this.timeout(60_000); // many runs; a busy machine is no failure
  const word = fc.constantFrom(
    'apple',
    'pear',
    'parseApple',
    'apple_tree',
    '`',
    '```',
    '@@@@',
    '@@@\\@',
    '<|eot|>',
    '10|',
    '\t',
    'é',
    '😀',
    '\u2028',
    '\x1b',
  );
  const line = fc.array(word, { maxLength: 6 }).map(words => words.join(' '));
  const text = fc
    .tuple(fc.array(line, { maxLength: 90 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([lines, eol, ended]) => lines.join(eol) + (ended ? eol : ''));
  const path = fc.string({
    unit: fc.constantFrom('a', 'apple', '/', '.', '`', '\n', ' ', ':', '1', '@@@@'),
    minLength: 1,
    maxLength: 8,
  });
  const pack = fc.uniqueArray(fc.record({ path, text }), { selector: f => f.path, maxLength: 6 });

  it('every quote stands in its cited lines, every excerpt is those lines', () =>
    fc.assert(
      fc.asyncProperty(pack, fc.array(word, { maxLength: 4 }), async (files, words) => {
        const answer = await answerTo(files, words.join(' '));
        for (const cited of checkCitations(answer, files)) {
          assert.equal(cited.excerpt.length, cited.endLine - cited.startLine + 1);
          const { lines } = splitLines(files.find(f => f.path === cited.path)?.text ?? '');
          for (const [i, shown] of cited.excerpt.entries())
            if (!/[\p{Cc}\p{Zl}\p{Cs}]/u.test(lines[cited.startLine - 1 + i] ?? ''))
              assert.equal(shown, lines[cited.startLine - 1 + i]);
        }
      }),
      { numRuns: 200 },
    ));

  it('holds on real sources for words taken from them', async () => {
    const files = [
      ...filesBelow('src', /\.ts$/),
      ...filesBelow('node_modules/minisearch', /\.(ts|cts|md|json)$/),
    ];
    const words = files.flatMap(({ text: t }) =>
      (t.match(/[A-Za-z]{6,}/g) ?? []).filter((_, i) => i % 400 === 7),
    );
    for (const asked of words.slice(0, 30)) {
      const cited = checkCitations(await answerTo(files, asked), files);
      for (const { quote, path: where } of cited) assert(quote !== undefined, where);
    }
  });
});
