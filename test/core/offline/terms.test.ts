import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readQuery, stem, termsOf } from '../../../src/core/offline/terms.ts';

describe('terms', () => {
  const same: string[][] = [
    ['cache', 'caches', 'cached', 'caching'],
    ['tokenize', 'tokenise', 'tokenizer', 'tokenization', 'tokenised'],
    ['validate', 'validation', 'validated', 'validating', 'validator'],
    ['parse', 'parser', 'parsers', 'parsed', 'parsing'],
    ['query', 'queries'],
    ['map', 'mapped', 'mapping', 'maps'],
    ['class', 'classes'],
    ['string', 'strings'],
    ['error', 'errors'],
  ];
  for (const words of same)
    it(`one stem for ${words.join(', ')}`, () =>
      assert.equal(new Set(words.map(stem)).size, 1, words.map(stem).join()));

  it('a stem begins its word', () =>
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{1,14}$/),
        fc.constantFrom('', 's', 'ing', 'ed', 'ations', 'ies', 'izers'),
        (root, end) => {
          const cut = stem(root + end);
          assert(cut.length > 0 && (root + end).startsWith(cut));
        },
      ),
    ));

  const split: [string, string[]][] = [
    ['parseHTTPHeader', ['parsehttpheader', 'pars', 'http', 'head']],
    ['snake_case_name', ['snake_case_name', 'snak', 'cas', 'nam']],
    ['MAX_SIZE2', ['max_size2', 'max', 'siz']],
    ['größe Öffnung', ['größe', 'öffnung']],
    ['a.b->c', []],
    ['', []],
  ];
  for (const [text, terms] of split)
    it(`of ${JSON.stringify(text)}`, () => assert.deepEqual(termsOf(text), terms));

  it('a query is the last question, then more softly the ones before', () => {
    const { terms, named, words } = readQuery(['Where is the cache?', 'How does `src/a.ts` count tokens?']);
    assert.deepEqual(
      [...terms],
      [
        ['src', 1],
        ['ts', 1],
        ['count', 1],
        ['token', 1],
        ['cach', 0.15],
      ],
    );
    assert.deepEqual(words, ['src', 'ts', 'count', 'tokens', 'cache']);
    assert.deepEqual(named, ['src/a.ts']);
  });

  it('names files outright, also at the end of a sentence', () =>
    assert.deepEqual(readQuery(['Compare (a/b) with "Frame.ts", then see https://x.y/z.']).named, [
      'frame.ts',
      'https://x.y/z',
    ]));

  it('reads no more than the beginning of a pasted log', () =>
    assert(readQuery([`${'./'.repeat(500_000)} apple`]).terms.size === 0));

  it('thanks ask nothing again', () =>
    assert.equal(readQuery(['Where is the cache?', 'Thanks!']).terms.size, 0));
});
