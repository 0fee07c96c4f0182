import assert from 'node:assert/strict';
import fc from 'fast-check';

import { LongviewError } from '../../../src/core/errors.ts';
import { byteOfChar, knownPatterns } from '../../../src/core/tokens/huggingFace.ts';
import { tokenBytes } from '../../../src/core/tokens/ranks.ts';
import { loadTokenizer } from '../../../src/core/tokens/tokenizerFile.ts';
import { rankFileText } from '../../../tools/ranks.mjs';
import { counters, tables } from './oracles.ts';

const charOfByte = new Map([...byteOfChar].map(([char, byte]) => [byte, char]));
const patternOf = (name: string) => [...knownPatterns].find(([, splitter]) => splitter === name)?.[0];

interface Json {
  readonly [key: string]: unknown;
}

/** A tokenizer.json as `transformers` converts one from tiktoken ranks: every split of a token that exists is a merge. */
function convert(encoding: 'o200k' | 'cl100k', splitter: string): Json {
  const table = tables[encoding];
  const names = Array.from({ length: table.size }, (_, rank) =>
    [...tokenBytes(table, rank)].map(byte => charOfByte.get(byte)).join(''),
  );
  const vocab = Object.fromEntries(names.map((name, rank) => [name, rank]));
  const ranks = new Map(names.map((name, rank) => [name, rank]));
  const merges = names.flatMap(name =>
    Array.from({ length: name.length - 1 }, (_, i) => [name.slice(0, i + 1), name.slice(i + 1)] as const)
      .filter(([left, right]) => ranks.has(left) && ranks.has(right))
      .sort(([a, b], [c, d]) => ranks.get(a)! - ranks.get(c)! || ranks.get(b)! - ranks.get(d)!),
  );
  return tokenizerJson(vocab, merges, patternOf(splitter) ?? '');
}

function tokenizerJson(
  vocab: Json,
  merges: unknown,
  pattern: string,
  model: Json = {},
  top: Json = {},
): Json {
  return {
    version: '1.0',
    added_tokens: [{ id: 300_000, content: '<|eot|>', special: true }],
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    model: { type: 'BPE', byte_fallback: false, ignore_merges: true, vocab, merges, ...model },
    ...top,
  };
}

const file = (json: Json) => Buffer.from(JSON.stringify(json), 'utf8');
const samples = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom(
      ' the',
      'getUserName',
      "don't",
      '\r\n\r\n',
      '   ',
      '漢字かな交じり文',
      'zzzzyyx',
      '0xdeadBEEF',
      '🏳️‍🌈',
    ),
  ),
  { maxLength: 12 },
);

describe('tokenizer files', () => {
  const lines = rankFileText('o200k');

  it("o200k's ranks in both formats count as the shipped ones do", function () {
    this.timeout(60_000);
    const ranks = loadTokenizer(Buffer.from(lines));
    const json = loadTokenizer(file(convert('o200k', 'o200k')));
    assert.deepEqual([ranks.family, ranks.format, ranks.tokens], ['o200k', 'ranks', 199_998]);
    assert.deepEqual([json.family, json.format, json.tokens], ['o200k', 'hugging-face', 199_998]);
    assert.notEqual(ranks.counter.id, json.counter.id);
    assert.ok(ranks.counter.exact && json.counter.exact);
    fc.assert(
      fc.property(samples, parts => {
        const text = parts.join('');
        const count = counters.o200k.countText(text);
        return ranks.counter.countText(text) === count && json.counter.countText(text) === count;
      }),
      { numRuns: 2_000 },
    );
    for (const text of [lines.slice(0, 300_000), 'a'.repeat(50_000), JSON.stringify(byteOfChar)]) {
      assert.equal(ranks.counter.countText(text), counters.o200k.countText(text));
      assert.equal(json.counter.countText(text), counters.o200k.countText(text));
    }
  });

  it('takes CRLF lines, a missing last newline and ranks in any order', () => {
    const shuffled = lines.trimEnd().split('\n').reverse().join('\r\n');
    const { counter } = loadTokenizer(Buffer.from(shuffled));
    assert.equal(
      counter.countText('Hello, shuffled world'),
      counters.o200k.countText('Hello, shuffled world'),
    );
  });

  it('counts an unknown rank file only when told how it splits', () => {
    const bytes = Array.from(
      { length: 256 },
      (_, byte) => `${Buffer.from([byte]).toString('base64')} ${byte}`,
    );
    const own = Buffer.from([...bytes, `${Buffer.from('ab').toString('base64')} 256`].join('\n'));
    assert.throws(() => loadTokenizer(own), /no model Longview knows/);
    assert.equal(loadTokenizer(own, { splitter: 'o200k' }).counter.countText('abab c'), 4);
  });

  describe('Hugging Face files', () => {
    const alphabet = Object.fromEntries([...byteOfChar].map(([char, byte]) => [char, byte]));
    const pattern = patternOf('qwen') ?? '';
    const vocab = { ...alphabet, ab: 300, bc: 301, abc: 302 };
    const bcFirst = ['b c', 'a b', 'a bc'];

    it('follows the listed merges in their order, not the ids', () => {
      const { counter, family } = loadTokenizer(
        file(tokenizerJson(vocab, bcFirst.slice(0, 2), pattern, { ignore_merges: false })),
      );
      assert.equal(family, 'other');
      assert.equal(counter.countText('ab'), 1);
      // b+c comes first; a+bc is no listed merge although "abc" is a token.
      assert.equal(counter.countText('abc'), 2);
    });

    it('takes a whole piece for its token where the file says ignore_merges', () => {
      const { counter } = loadTokenizer(file(tokenizerJson(vocab, bcFirst.slice(0, 2), pattern)));
      assert.equal(counter.countText('abc'), 1);
    });

    it('takes merges written as pairs, and a vocabulary that lists its special tokens', () => {
      const pairs = bcFirst.map(merge => merge.split(' '));
      const { counter, tokens } = loadTokenizer(
        file(tokenizerJson({ ...vocab, '<|eot|>': 300_000 }, pairs, pattern)),
      );
      assert.equal(counter.countText('abc'), 1);
      assert.equal(tokens, 259);
    });

    it('brings text to normal form C where the file asks for it', () => {
      const nfc = tokenizerJson(vocab, bcFirst, pattern, {}, { normalizer: { type: 'NFC' } });
      const { counter } = loadTokenizer(file(nfc));
      assert.equal(counter.countText('e\u0301'), 2);
      assert.equal(counter.countUtf8(Buffer.from('e\u0301')), 2);
      assert.equal(
        loadTokenizer(file(tokenizerJson(vocab, bcFirst, pattern))).counter.countText('e\u0301'),
        3,
      );
    });

    const split = (steps: unknown): Json => ({ pre_tokenizer: { type: 'Sequence', pretokenizers: steps } });
    const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
    const bad: readonly (readonly [string, Json, RegExp])[] = [
      ['another model', tokenizerJson(vocab, bcFirst, pattern, { type: 'Unigram' }), /"Unigram"/],
      [
        'byte fallback',
        tokenizerJson(vocab, bcFirst, pattern, { byte_fallback: true }),
        /falls back to bytes/,
      ],
      [
        'an end-of-word suffix',
        tokenizerJson(vocab, bcFirst, pattern, { end_of_word_suffix: '</w>' }),
        /end_of_word/,
      ],
      ['an unknown pattern', tokenizerJson(vocab, bcFirst, String.raw`\w+`), /does not know: \\w\+/],
      [
        'no pre-tokenizer',
        tokenizerJson(vocab, bcFirst, pattern, {}, { pre_tokenizer: null }),
        /no pre-tokenizer/,
      ],
      [
        'a byte-level step alone',
        tokenizerJson(vocab, bcFirst, pattern, {}, split([bytes])),
        /not one split/,
      ],
      [
        'another normalizer',
        tokenizerJson(vocab, bcFirst, pattern, {}, { normalizer: { type: 'Lowercase' } }),
        /Lowercase/,
      ],
      ['no vocabulary', tokenizerJson(vocab, bcFirst, pattern, { vocab: [] }), /no vocabulary/],
      [
        'bytes that are missing',
        tokenizerJson({ a: 0, b: 1, c: 2, bc: 3, ab: 4, abc: 5 }, bcFirst, pattern),
        /single bytes/,
      ],
      [
        'a token outside the alphabet',
        tokenizerJson({ ...vocab, '▁the': 400 }, bcFirst, pattern),
        /alphabet/,
      ],
      ['two tokens of one id', tokenizerJson({ ...vocab, zz: 300 }, bcFirst, pattern), /share the id 300/],
      ['an id that is no number', tokenizerJson({ ...vocab, zz: '7' }, bcFirst, pattern), /no whole id/],
      ['no merges', tokenizerJson(vocab, [], pattern), /no merges/],
      ['a merge into nothing', tokenizerJson(vocab, ['a c'], pattern), /merge 1 does not join/],
      ['a merge of three', tokenizerJson(vocab, ['a b c'], pattern), /merge 1 does not join/],
    ];
    for (const [name, json, reason] of bad) {
      it(`refuses ${name}`, () => assert.throws(() => loadTokenizer(file(json)), refusal(reason)));
    }
  });

  const alphabet = Array.from(
    { length: 256 },
    (_, byte) => `${Buffer.from([byte]).toString('base64')} ${byte}`,
  );
  const bad: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['an empty file', '', /it is empty/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\n', /Git LFS pointer/],
    ['a web page', '<!doctype html><title>Sign in</title>', /web page/],
    ['a SentencePiece model', Buffer.from([0x0a, 0x0e, 0x0a, 0x05, 0x3c, 0x75, 0x6e, 0x6b]), /SentencePiece/],
    ['JSON that ends early', '{"model": {', /not valid JSON/],
    ['JSON of something else', '{"name": "x"}', /no "model"/],
    ['a line that is no rank', `${alphabet.join('\n')}\nhello`, /line 257 is not/],
    ['a rank twice', `${alphabet.join('\n')}\nYWI= 255`, /repeats rank 255/],
    ['a token twice', `${alphabet.join('\n')}\nYQ== 256`, /repeats a token/],
    ['a gap in the ranks', `${alphabet.join('\n')}\nYWI= 300`, /have gaps/],
    ['bytes that are missing', alphabet.slice(0, 255).join('\n'), /single bytes/],
  ];
  for (const [name, content, reason] of bad) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => loadTokenizer(typeof content === 'string' ? Buffer.from(content) : content),
        refusal(reason),
      );
    });
  }
});

function refusal(reason: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof LongviewError, String(error));
    assert.equal(error.code, 'bad-settings');
    assert.match(error.message, reason);
    assert.match(error.remedy, /tokenizer/);
    return true;
  };
}
