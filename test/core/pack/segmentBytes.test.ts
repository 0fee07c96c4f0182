import assert from 'node:assert/strict';
import fc from 'fast-check';

import { fileSegment } from '../../../src/core/pack/frame.ts';
import { isPlain, plainSegment } from '../../../src/core/pack/segmentBytes.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('segments made of bytes', () => {
  const hostile = [
    '@@@@ file x (1 line)',
    '@@@',
    '<|eot|>',
    '<\\|eot|>',
    '<｜eot｜>',
    'a\r\nb',
    '\r',
    '\uFEFFa',
  ];
  for (const content of hostile)
    it(`leaves to the way through text what changes there: ${JSON.stringify(content)}`, () => {
      const { length } = content;
      assert.equal(isPlain(Buffer.from(content)), false, `${length} characters`);
    });

  const plain = ['', '\n', 'a', 'a\n', '\n\na', 'é漢😀\n', 'a @@ b < | c\n', 'x\n'.repeat(9)];
  for (const content of plain)
    it(`is the text's segment: ${JSON.stringify(content)}`, () => {
      assert.ok(isPlain(Buffer.from(content)));
      assert.equal(text(plainSegment('src/a.ts', Buffer.from(content))), fileSegment('src/a.ts', content));
    });

  it('is the segment of every plain text, under every name', () => {
    const piece = fc.oneof(
      { weight: 4, arbitrary: fc.constant('\n') },
      fc.constantFrom('@', '<', '|', '\\', '10|', '\t', ' ', '\u2028', 'é', '漢字', '\0'),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    );
    const content = fc.array(piece, { maxLength: 120 }).map(parts => parts.join(''));
    fc.assert(
      fc.property(content, fc.string({ minLength: 1, maxLength: 12 }), (given, path) => {
        const bytes = Buffer.from(given);
        fc.pre(isPlain(bytes));
        assert.equal(text(plainSegment(path, bytes)), fileSegment(path, bytes.toString()));
      }),
    );
  });

  it('calls no text plain that a frame changes', () => {
    const piece = fc.constantFrom('@', '@@', '<', '|', '\\', '\r', '\n', '｜', 'a', 'eot|>', '\uFEFF');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), parts => {
        const given = parts.join('');
        if (!isPlain(Buffer.from(given))) return;
        const body = fileSegment('a', given)
          .split('\n')
          .slice(1)
          .join('\n')
          .replace(/^\d+0\|/gm, '');
        assert.equal(body, given === '' || given.endsWith('\n') ? given : `${given}\n`);
      }),
    );
  });
});
