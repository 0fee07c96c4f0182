import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';

import { excerptSegment, fileSegment, listedLine } from '../../../src/core/pack/frame.ts';
import { packFrames } from '../../../src/core/pack/render.ts';
import { splitLines } from '../../../src/core/workspace/lines.ts';
import { describeContent } from '../../../src/core/workspace/readSource.ts';
import type { Plan } from '../../../src/core/pack/types.ts';
import type { Inventory } from '../../../src/core/workspace/types.ts';
import { counters } from '../tokens/oracles.ts';
import { walk } from '../tokens/textFiles.ts';

interface File {
  readonly path: string;
  readonly text: string;
}

/** Sum of the parts against the count of the whole, by both vocabularies that ship. */
function assertAddsUp(
  files: readonly File[],
  leftOut: readonly string[],
  listed: readonly string[] = [],
): void {
  const plan: Plan = {
    files: [
      ...files.map(f => ({ path: f.path, form: 'full' as const, tokens: 1 })),
      ...leftOut.map(path => ({ path, form: 'left-out' as const, tokens: 0, reason: 'no room' })),
      ...listed.map(path => ({ path, form: 'listed' as const, tokens: 1, reason: 'no room' })),
    ],
    fits: leftOut.length === 0,
    tokens: 0,
    wantedTokens: 0,
  };
  const inventory: Inventory = {
    folders: [{ name: 'w', path: '/w' }],
    files: [],
    skips: [],
    leftOut: [],
    listedBy: ['walk'],
    notes: [],
  };
  const { head, listedHead, tail } = packFrames(plan, inventory);
  // Every second file in full, the others as an excerpt of every second line.
  const segments = files.map(({ path, text }, i) => {
    if (i % 2 === 0) return fileSegment(path, text);
    const { lines } = splitLines(text);
    const excerpts = lines.flatMap((line, n) => (n % 2 === 0 ? [{ line: n + 1, text: line }] : []));
    return excerptSegment(i % 4 === 1 ? 'outline' : 'shortened', path, lines.length, excerpts);
  });
  const paths = listed.map(listedLine);
  const whole = [head, ...segments, listedHead, ...paths, tail].join('');
  for (const counter of Object.values(counters)) {
    const sum = [...segments, ...paths].reduce((n, s) => n + counter.countText(s), 0);
    // As the pack is counted: files and paths one by one, its own frames as one text.
    assert.equal(sum + counter.countText(head + listedHead + tail), counter.countText(whole), counter.id);
  }
}

/** What glues tokens across an edge: white space, newlines, slashes, digits, marks, our own frames, control tokens. */
const hostile = fc.constantFrom(
  '\n',
  '\r\n',
  '\r',
  '\n\n\n',
  ' ',
  '\t',
  '\u00a0',
  '\u0085',
  '\u2028',
  '\u3000',
  '/',
  '//',
  '*/',
  '@',
  '@@',
  '@@@@',
  '@@@@ file a (1 line)\n',
  '@@@@ end\n',
  '@@@\\@',
  '<|eot|>',
  '<\\|eot|>',
  '<|endoftext|>',
  '10|',
  '0',
  '123',
  "'s",
  "'S",
  'ſ',
  'a',
  'Ab',
  'é',
  'e\u0301',
  '\u0301',
  '\u200d',
  '\uFEFF',
  '你好',
  'の',
  '한',
  'ا',
  '👍🏽',
  '\ud800',
  '\0',
  ' '.repeat(90),
  '='.repeat(80),
  'x'.repeat(300),
);
const text = fc.oneof(
  fc.array(hostile, { maxLength: 30 }).map(parts => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const path = fc.oneof(
  fc.array(hostile, { minLength: 1, maxLength: 5 }).map(parts => parts.join('').replaceAll('\0', '0')),
  fc.constantFrom('src/a.ts', 'README.md', 'a b/c d.txt', '/', '.'),
);

describe('the count of a prompt is the sum over its files, to the token', () => {
  it('whatever the files hold and are called', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(
        fc.array(fc.record({ path, text }), { maxLength: 8 }),
        fc.array(path, { maxLength: 30 }),
        fc.array(path, { maxLength: 30 }),
        assertAddsUp,
      ),
      { numRuns: 1500 },
    );
  });

  it('on this checkout', function () {
    this.timeout(60_000);
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    const files: File[] = [];
    for (const absolute of walk(root, ['.git', 'dist', 'node_modules', '.longview-run', 'test-results'])) {
      const read = describeContent(absolute, readFileSync(absolute));
      if (read.kind === 'text') files.push({ path: relative(root, absolute), text: read.text });
    }
    assert.ok(files.length > 200, `only ${files.length} files`);
    assertAddsUp(
      files,
      [],
      files.map(f => f.path),
    );
  });
});
