import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createAnchorStream, findAnchors, type StreamPart } from '../../../src/core/review/anchors.ts';

const files = [
  'src/core/review/ask.ts',
  'src/a.ts',
  'src/b.ts',
  'Makefile',
  'docs/my notes/read me.md',
  'docs/my file.md',
  'app/(group)/[id]/page.tsx',
  'a/util.py',
  'b/util.py',
  'scripts/test',
];
const plainFiles = files.filter(file => !file.includes(' '));

/** Snippets that meet at every seam the reader has. */
const snippet = fc.constantFrom(
  ...[
    'src/a.ts',
    'src/a.ts:12',
    'src/a.ts:12-14',
    ':12',
    '#L3-L5',
    ' (lines 10-12)',
    ', line 10',
    ', 7, 9-12',
    ' and 20',
  ],
  ...[
    '`src/a.ts:12`',
    '[src/a.ts:1-3]',
    '[x](src/b.ts#L2)',
    '[x](',
    '](src/a.ts)',
    '`',
    '``',
    '```',
    '~~~',
    '\n',
    '\n\n',
  ],
  ...[
    '\r\n',
    '"',
    '“',
    '”',
    '"const x = 1;"',
    '`const x = 1;`',
    '`name`',
    '. ',
    '? ',
    '! ',
    ': ',
    '; ',
    ', ',
    ' ',
    '  ',
  ],
  ...[
    '> ',
    '- ',
    '1. ',
    '1',
    '*',
    '**',
    '_',
    '(',
    ')',
    '[',
    ']',
    '【',
    '】',
    '@',
    '…',
    '...',
    '|',
    '\\',
    '/',
    '.',
    '-',
  ],
  ...[
    'docs/my file.md:3',
    'my',
    ' notes/read',
    ' me.md',
    'Makefile',
    'util.py:4',
    'ask.ts',
    'nope/x.ts',
    'test',
    'Foo.bar in ',
  ],
  ...[
    'https://example.com/a.ts:3',
    'localhost:8080',
    'v1.2:3',
    'e.g.',
    'The end',
    'word',
    'Ünïcode',
    '文字',
    '\t',
    'line 12 of ',
  ],
  ...[
    'app/(group)/[id]/page.tsx:3',
    'C:\\w\\src\\a.ts:3',
    'file:///x/src/a.ts#L1',
    '```ts\ncode();\n```\n',
    '```ts src/b.ts:2\ncode();\n```\n',
    '// src/a.ts:3\n',
    'Lines: 3-4\n',
    '__init__',
    '> quoted()\n',
  ],
  ...['x'.repeat(400), 'word '.repeat(150), '\n```\n' + 'long line of code\n'.repeat(100)],
);
const markdown = fc.array(fc.oneof({ weight: 8, arbitrary: snippet }, fc.string({ maxLength: 6 })), {
  maxLength: 40,
});
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 });

function streamed(text: string, sizes: readonly number[], known: readonly string[]): StreamPart[] {
  const stream = createAnchorStream(known);
  const parts: StreamPart[] = [];
  for (let at = 0, i = 0; at < text.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    parts.push(...stream.push(text.slice(at, at + size)));
    at += size;
  }
  return [...parts, ...stream.end()];
}

describe('createAnchorStream', () => {
  for (const [name, known] of [
    ['with paths that have spaces', files],
    ['without', plainFiles],
  ] as const)
    it(`shows the same text and finds the same anchors however it is cut, ${name}`, function () {
      this.timeout(60_000);
      fc.assert(
        fc.property(markdown, cuts, (pieces, sizes) => {
          const text = pieces.join('');
          const parts = streamed(text, sizes, known);
          assert.equal(parts.map(part => part.text).join(''), text);
          const anchors = parts.flatMap(part => (part.kind === 'anchor' ? [part.mention] : []));
          assert.deepEqual(anchors, findAnchors(text, known));
          // Every mention is shown as one piece: none of it stands in the text before or after.
          let at = 0;
          for (const part of parts) {
            const end = at + part.text.length;
            // A code block's own anchor comes behind the block that it stands in.
            if (part.kind === 'anchor' && part.text !== '')
              assert.ok(part.mention.offset >= at && part.mention.offset + part.mention.length <= end);
            at = end;
          }
        }),
        { numRuns: 1500 },
      );
    });

  it('finds mentions in order, apart, within the text', () => {
    fc.assert(
      fc.property(markdown, pieces => {
        const text = pieces.join('');
        let end = 0;
        for (const { offset, length, startLine = 0, endLine = 0 } of findAnchors(text, files)) {
          assert.ok(offset >= end && length > 0 && offset + length <= text.length);
          assert.ok(startLine <= endLine);
          end = offset + length;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('never shows half an anchor, one character at a time', () => {
    const text =
      'The check is in `src/a.ts:12-14` "const x = 1;" and **src/b.ts** (lines 3-4). Then more.\nEnd';
    const parts = streamed(text, [1], files);
    const anchors = parts.filter(part => part.kind === 'anchor').map(part => part.text);
    assert.deepEqual(anchors, ['`src/a.ts:12-14`', '**src/b.ts** (lines 3-4)']);
    for (const part of parts)
      if (part.kind === 'text') assert.doesNotMatch(part.text, /src|\.ts|12|14|lines/);
  });

  it('shows prose as it comes and holds back only what may be an anchor', () => {
    const stream = createAnchorStream(plainFiles);
    const shown = (delta: string): string =>
      stream
        .push(delta)
        .map(part => (part.kind === 'text' ? part.text : `<${part.mention.path}:${part.mention.startLine}>`))
        .join('');
    assert.equal(shown('Plain words come '), 'Plain words come ');
    assert.equal(shown('at on'), 'at ');
    assert.equal(shown('ce, see src/'), 'once, see ');
    assert.equal(shown('a.ts:1'), '');
    assert.equal(shown('2 "const x'), '');
    assert.equal(shown(' = 1;". And'), '<src/a.ts:12> "const x = 1;". ');
    assert.equal(shown(' on. '), 'And on. ');
    assert.equal(shown('\n```ts\nsrc/a.ts'), '\n```ts\nsrc/a.ts');
    assert.equal(shown(':12\n```\nFrom `src/b.ts:3`:\n'), ':12\n```\nFrom ');
    assert.equal(shown('```\ncode()\n'), '');
    assert.equal(shown('```\n'), '<src/b.ts:3>:\n```\ncode()\n```\n');
  });

  it('lets an anchor go when the block below it grows long', () => {
    const stream = createAnchorStream(files);
    stream.push('src/a.ts:12:\n```\n');
    const kinds: string[] = [];
    for (let i = 0; i < 102; i++) kinds.push(...stream.push('a line of code\n').map(part => part.kind));
    assert.equal(kinds[0], 'anchor');
    const [mention] = findAnchors('src/a.ts:12:\n```\n' + 'a line of code\n'.repeat(200), files);
    assert.equal(mention?.quote, 'a line of code\n'.repeat(100).trim());
  });

  it('a first line of a block that is nearly a comment costs no more than its length', () => {
    for (const blank of [' ', '\t', ' :', '. ']) {
      const answer = `\`\`\`ts\n// x${blank.repeat(50_000)}y\n\`\`\`\n`;
      assert.deepEqual(findAnchors(answer, files), []);
    }
    assert.equal(findAnchors('```ts\n// file: src/a.ts:3   \ncode();\n```\n', files)[0]?.startLine, 3);
  });

  it('takes work that grows with the text, not with its square', () => {
    // Counted, not timed: what is held back is bounded, whatever comes.
    for (const unit of ['src/a.ts:12 ', '`', '"', '[', '> ', 'x', 'src/a.ts:1, ', '(', 'a/']) {
      const text = unit.repeat(Math.ceil(20_000 / unit.length));
      const stream = createAnchorStream(files);
      let out = 0;
      let held = 0;
      for (let at = 0; at < text.length; at += 50) {
        for (const part of stream.push(text.slice(at, at + 50))) out += part.text.length;
        held = Math.max(held, Math.min(text.length, at + 50) - out);
      }
      for (const part of stream.end()) out += part.text.length;
      assert.equal(out, text.length);
      assert.ok(held <= 4500, `${JSON.stringify(unit)} held ${held}`);
    }
  });
});
