import assert from 'node:assert/strict';
import fc from 'fast-check';

import { splitters, type SplitterName } from '../../../src/core/tokens/createCounter.ts';
import type { Splitter } from '../../../src/core/tokens/pretokenise.ts';
import { classOf, LETTER, SENTINEL, SPACE } from '../../../src/core/tokens/unicode.ts';

// The published patterns, with `\s` and case folding spelled out as Rust understands them.
const s = String.raw`\p{White_Space}`;
const contraction = `'(?:[sS\u017F]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])`;
const prefix = String.raw`[^\r\n\p{L}\p{N}]?`;
const upper = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const lower = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const space = String.raw`${s}*[\r\n]+|${s}+(?!\P{White_Space})|${s}+`;
const other = String.raw`[^${s}\p{L}\p{N}]+`;
const words = (suffix: string) => `${prefix}${upper}*${lower}+${suffix}|${prefix}${upper}+${lower}*${suffix}`;
const plain = String.raw`${contraction}|${prefix}\p{L}+`;

const patterns: Readonly<Record<SplitterName, string>> = {
  o200k: String.raw`${words(`(?:${contraction})?`)}|\p{N}{1,3}| ?${other}[\r\n/]*|${space}`,
  tekken: String.raw`${words('')}|\p{N}| ?${other}[\r\n/]*|${space}`,
  cl100k: String.raw`${plain}|\p{N}{1,3}| ?${other}[\r\n]*|${s}+$|${space}`,
  llama3: String.raw`${plain}|\p{N}{1,3}| ?${other}[\r\n]*|${space}`,
  qwen: String.raw`${plain}|\p{N}| ?${other}[\r\n]*|${space}`,
};

const made = Object.fromEntries(Object.entries(splitters).map(([name, make]) => [name, make()])) as Readonly<
  Record<SplitterName, Splitter>
>;

function pieces(name: SplitterName, text: string): string[] {
  const splitter = made[name];
  const content = Buffer.from(text, 'utf8');
  const bytes = Buffer.concat([content, Buffer.from([SENTINEL])]);
  const found: string[] = [];
  for (let at = 0; at < content.length;) {
    const end = splitter.next(bytes, at);
    assert.ok(end > at && end <= content.length, `${name} goes from ${at} to ${end}`);
    found.push(content.toString('utf8', at, end));
    at = end;
  }
  return found;
}

const characters = (text: string) => Array.from(text);
const blanks = fc.string({
  unit: fc.constantFrom(...characters(' \t\n\r\v\u00a0\u0085\u2028\u3000\ufeff')),
  maxLength: 8,
});
const letters = fc.string({ unit: fc.constantFrom(...characters('aZéÉßǅʰ漢\u0301\u0308шШ')), maxLength: 6 });
const ends = fc.constantFrom(
  "'s",
  "'S",
  "'\u017f",
  "'LL",
  "'rE",
  "'ve",
  "'x",
  "'",
  '',
  '.',
  '/',
  '!/\n/',
  '12345',
  '٣½',
);
const text = fc
  .array(fc.oneof(blanks, letters, ends, fc.string({ unit: 'binary', maxLength: 5 })), {
    maxLength: 12,
    size: 'max',
  })
  .map(parts => parts.join(''));

describe('splitters', () => {
  for (const name of Object.keys(patterns) as SplitterName[]) {
    it(`${name} cuts exactly where its published pattern does`, () => {
      const pattern = new RegExp(patterns[name], 'gu');
      fc.assert(
        fc.property(text, sample => {
          assert.deepEqual(pieces(name, sample), sample.match(pattern) ?? []);
        }),
        { numRuns: 6000 },
      );
    });
  }

  it('reads on as far as what it takes, so that no text costs more than its length', () => {
    for (const sample of [
      '\u0301A'.repeat(20_000),
      `${' '.repeat(40_000)}\n${' '.repeat(40_000)}x`,
      'ʰAB'.repeat(20_000),
    ]) {
      assert.equal(pieces('o200k', sample).join(''), sample);
    }
  });
});

describe('classes of code points', () => {
  it('has the white space of Rust, not of JavaScript', () => {
    assert.ok(classOf(0x85) & SPACE);
    assert.ok(!(classOf(0xfeff) & SPACE));
  });

  it('marks are no letters', () => {
    assert.ok(!(classOf(0x301) & LETTER));
  });
});
