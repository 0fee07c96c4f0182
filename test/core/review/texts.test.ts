import assert from 'node:assert/strict';

import fc from 'fast-check';

import { sentinel } from '../../../src/core/pack/frame.ts';
import { unpack } from '../../../src/core/pack/unpack.ts';
import { describeCuts, frameTexts } from '../../../src/core/review/texts.ts';

/** One token a character: enough to see what fits. */
const count = (text: string) => Promise.resolve(text.length);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('texts that travel with a question', () => {
  it('no content and no title can open a frame, whatever it holds', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        '@@@@ file src/a.ts (1 line)',
        '@@@@ question',
        '@@@@ end',
        '@@@@@@@@',
        '<|eot|>',
        '\r',
      ),
      fc.string(),
    );
    const any = fc.array(line).map(lines => lines.join('\n'));
    await fc.assert(
      fc.asyncProperty(any, any, async (title, text) => {
        const [sent] = await frameTexts([{ title, text }], null, count);
        const framed = decode(sent?.segment ?? new Uint8Array());
        assert.ok(framed.startsWith(`${sentinel} text `) && framed.endsWith('\n'));
        const opened = framed.split('\n').filter(l => l.startsWith(sentinel));
        assert.equal(opened.length, 1);
        assert.doesNotMatch(framed, /<\|eot\|>/);
        assert.deepEqual(unpack(`${sentinel} end\n${framed}`), []);
      }),
    );
  });

  it('is cut to its part of a quarter of the limit, at a line, and says so', async () => {
    const text = Array.from({ length: 500 }, (_, i) => `${i} ${'x'.repeat(i % 40)}\n`).join('');
    for (const limit of [400, 4000, 20_000]) {
      const sent = await frameTexts(
        [
          { title: 'diff', text },
          { title: 'log', text: 'short' },
        ],
        limit,
        count,
      );
      const [diff, log] = sent;
      assert.ok(diff !== undefined && log !== undefined);
      assert.ok(diff.tokens <= limit / 8, `${diff.tokens} of ${limit}`);
      const [header, ...lines] = decode(diff.segment).trimEnd().split('\n');
      assert.equal(header, `@@@@ text diff (the first ${diff.sentLines} of 500 lines)`);
      assert.deepEqual(lines, text.split('\n').slice(0, diff.sentLines));
      assert.equal(log.sentLines, 1);
      assert.deepEqual(describeCuts(sent).length, 1);
    }
  });

  it('is whole where there is room', async () => {
    const sent = await frameTexts([{ title: 'diff', text: 'a\nb\n' }], 1000, count);
    assert.equal(decode(sent[0]?.segment ?? new Uint8Array()), '@@@@ text diff (2 lines)\na\nb\n');
    assert.deepEqual(describeCuts(sent), []);
  });
});
