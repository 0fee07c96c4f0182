import assert from 'node:assert/strict';
import fc from 'fast-check';

import { counterOver, encodings } from '../../../src/core/tokens/createCounter.ts';
import { decodeRanks } from '../../../src/core/tokens/ranks.ts';
import { vocabularyTables } from '../../../src/core/tokens/vocabulary.ts';
import { counters, createTiktoken, gptCount, gptIsWrongOn, packed } from './oracles.ts';

/** Text where splitters go wrong: white space of all kinds, contractions, marks, case changes, digits, slashes. */
const fragment = fc.constantFrom(
  ...[' ', '  ', '\n', '\r\n', '\t', '\v', '\u00a0', '\u0085', '\u2028', '\u3000', '\ufeff', '\u200b'],
  ...["'s", "'S", "'\u017f", "'ll", "'lL", "'re", "'v", "'", '’s', '/', '//', '\n/', '.', '_', '—', '\0'],
  ...[
    'a',
    'the',
    'Word',
    'UPPER',
    'é',
    'É',
    'ß',
    'ǅ',
    'ʰ',
    '\u0301',
    'ß\u0301',
    '漢',
    '字',
    'かな',
    'ア',
    '한',
    'ш',
    'Ш',
  ],
  ...[
    'م',
    'अ',
    'ि',
    '1',
    '12',
    '1234',
    '٣',
    '½',
    'Ⅷ',
    '😀',
    '👩‍💻',
    '🇩🇪',
    '\u{10ffff}',
    '<|endoftext|>',
    '\ud800',
  ],
);
const awkward = fc.array(fragment, { maxLength: 40, size: 'max' }).map(parts => parts.join(''));
const unicode = fc.string({ unit: 'binary', maxLength: 40, size: 'max' });

describe('fast counter', () => {
  const tiktoken = { o200k: createTiktoken('o200k'), cl100k: createTiktoken('cl100k') };

  for (const encoding of encodings) {
    const counter = counters[encoding];

    it(`${encoding}: equals tiktoken on awkward text`, () => {
      fc.assert(
        fc.property(awkward, text => counter.countText(text) === tiktoken[encoding](text)),
        { numRuns: 3000 },
      );
    });

    it(`${encoding}: equals gpt-tokenizer on any Unicode text, its known errors excepted`, () => {
      fc.assert(
        fc.property(
          fc.oneof(
            unicode,
            awkward,
            fc.tuple(unicode, awkward).map(([a, b]) => a + b),
          ),
          text => {
            fc.pre(!gptIsWrongOn.test(text));
            return counter.countText(text) === gptCount(text, encoding);
          },
        ),
        { numRuns: 5000 },
      );
    });

    it(`${encoding}: bytes and text agree`, () => {
      fc.assert(
        fc.property(
          awkward,
          text => counter.countText(text) === counter.countUtf8(Buffer.from(text, 'utf8')),
        ),
      );
    });

    it(`${encoding}: invalid UTF-8 counts as what a decoder makes of it`, () => {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 60, size: 'max' }),
          bytes => counter.countUtf8(bytes) === tiktoken[encoding](decoder.decode(bytes)),
        ),
        { numRuns: 1000 },
      );
    });
  }

  it('counts over tables that another thread made, which are not copied on the way', () => {
    const tables = vocabularyTables(decodeRanks(packed.o200k));
    for (const table of [tables.bytes, tables.offsets, tables.slots, tables.byteRank])
      assert.ok(table.buffer instanceof SharedArrayBuffer);
    const counter = counterOver(structuredClone(tables), 'o200k', 'o200k');
    fc.assert(fc.property(awkward, text => counter.countText(text) === counters.o200k.countText(text)));
  });

  it('segments that end with a newline and start with a visible sign add up to the whole', () => {
    const segment = awkward.map(text => `<file>${text}\n`);
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), segments => {
        for (const counter of Object.values(counters)) {
          const sum = segments.reduce((total, text) => total + counter.countText(text), 0);
          if (sum !== counter.countText(segments.join(''))) return false;
        }
        return true;
      }),
    );
  });

  describe('known errors of gpt-tokenizer 4.0.0, where tiktoken is right', () => {
    const cases: readonly (readonly [string, string, number, number])[] = [
      ['a byte order mark', '\ufeffusing', 1, 3],
      ['U+FEFF twice', 'x\ufeff\ufeff', 2, 5],
    ];
    for (const [name, text, right, wrong] of cases) {
      it(name, () => {
        assert.equal(counters.o200k.countText(text), right);
        assert.equal(tiktoken.o200k(text), right);
        assert.equal(gptCount(text), wrong);
      });
    }
  });

  describe('windows', () => {
    const line = 'const answer = { value: 42, name: "a longer line of ordinary text" };\n';
    const cases: readonly (readonly [string, string])[] = [
      ['many lines', line.repeat(12_000)],
      ['no line break at all', 'word and another '.repeat(50_000)],
      ['only lines that start with white space', '  indented line\n'.repeat(50_000)],
      ['only lines that start with a slash', '// comment\n'.repeat(60_000)],
      ['only lines that start outside ASCII', '漢字かな\n'.repeat(60_000)],
      ['blank lines', `${line}\n\n  \n`.repeat(10_000)],
      [
        'a short line, then a long one',
        `${line.repeat(3_000)}${'x = 1; '.repeat(80_000)}\n${line.repeat(9_000)}`,
      ],
    ];
    for (const [name, text] of cases) {
      it(name, function () {
        this.timeout(60_000);
        const bytes = Buffer.from(text, 'utf8');
        assert.ok(bytes.length > 600_000);
        const expected = gptCount(text);
        assert.equal(counters.o200k.countUtf8(bytes), expected);
        assert.equal(counters.o200k.countText(text), expected);
      });
    }
  });

  describe('long runs', () => {
    /** Counted by tiktoken's rules in closed form, since both oracles would need minutes. */
    const million: readonly (readonly [string, string, number])[] = [
      ['a', 'a', 125_000],
      ['an underscore', '_', 15_625],
      ['a blank', ' ', 7_813],
    ];
    for (const [name, char, expected] of million) {
      it(`a megabyte of ${name}`, () => {
        assert.equal(counters.o200k.countText(char.repeat(1_000_000)), expected);
      });
    }

    for (const length of [100, 128, 129, 130, 500, 1500]) {
      it(`${length} letters, scanned or by heap, equal to both oracles`, () => {
        for (const pattern of ['a', 'ab', 'xyzzy', 'lorem', '漢字', 'qjzkvw']) {
          const text = pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);
          assert.equal(counters.o200k.countText(text), gptCount(text), pattern);
          assert.equal(counters.cl100k.countText(text), gptCount(text, 'cl100k'), pattern);
        }
      });
    }

    it('random runs of letters', () => {
      const letters = fc.string({
        unit: fc.constantFrom(...Array.from('abcdehlnorst')),
        minLength: 120,
        maxLength: 700,
      });
      fc.assert(
        fc.property(letters, text => counters.o200k.countText(text) === gptCount(text)),
        { numRuns: 60 },
      );
    });
  });

  it('stays right when its memory of pieces overflows', function () {
    this.timeout(60_000);
    const words = Array.from(
      { length: 300_000 },
      (_, i) => ` q${(i * 7919).toString(26).replace(/\d/g, 'z')}x`,
    );
    const sample = words.slice(0, 2_000).join('');
    const before = counters.o200k.countText(sample);
    counters.o200k.countText(words.join(''));
    assert.equal(counters.o200k.countText(sample), before);
    assert.equal(before, gptCount(sample));
  });
});
