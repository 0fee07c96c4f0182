import assert from 'node:assert/strict';

import {
  byteKinds,
  compileMachine,
  CONTRACTION,
  DONE,
  GENERAL,
  kindOf,
} from '../../../src/core/tokens/asciiMachine.ts';

describe('ASCII machine', () => {
  it('knows a kind for every byte, and a byte of every kind', () => {
    const kinds = new Set(Array.from({ length: 256 }, (_, byte) => kindOf(byte)));
    assert.deepEqual([...kinds].sort(), [...byteKinds].sort());
  });

  const table = compileMachine({
    start: { letter: 'word', sign: 'done' },
    word: { lower: 'word', apostrophe: 'contraction', sign: 'general' },
  });
  const after = (text: string) => {
    let state = 0;
    for (const byte of Buffer.from(text, 'latin1')) if (state < DONE) state = table[state | byte]!;
    return state;
  };
  const cases: readonly (readonly [string, string, number])[] = [
    ['a group names all its kinds', 'A', 1 << 8],
    ['a kind of its own goes before its group', "a'", CONTRACTION],
    ['a group serves the kinds without a row', 'a!', GENERAL],
    ['a group serves the kinds without a row (slash)', '/', DONE],
    ['what is not named ends the piece', 'ab1', DONE],
    ['bytes outside ASCII are for the general path', 'a\xc3', GENERAL],
    ['the sentinel ends the piece', 'a\xff', DONE],
  ];
  for (const [name, text, expected] of cases) {
    it(name, () => assert.equal(after(text), expected));
  }
});
