import assert from 'node:assert/strict';

import { LongviewError } from '../../../src/core/errors.ts';
import { createCounter, encodings } from '../../../src/core/tokens/createCounter.ts';
import { parseRankLines } from '../../../src/core/tokens/rankLines.ts';
import { decodeRanks, rankTable, tokenBytes } from '../../../src/core/tokens/ranks.ts';
import { compressRanks, packRanks, rankFileText } from '../../../tools/ranks.mjs';
import { packed } from './oracles.ts';

const small = Array.from(
  { length: 256 },
  (_, byte) => `${Buffer.from([byte]).toString('base64')} ${byte}`,
).join('\n');

describe('compact ranks', () => {
  for (const encoding of encodings) {
    it(`${encoding}: holds the very tokens of gpt-tokenizer's file, in their order`, () => {
      const compact = decodeRanks(packed[encoding]);
      const lines = parseRankLines(rankFileText(encoding));
      assert.deepEqual(compact.offsets, lines.offsets);
      assert.ok(Buffer.from(compact.bytes).equals(lines.bytes));
    });
  }

  it('reads compressed and plain alike', () => {
    const plain = packRanks(small);
    assert.deepEqual(decodeRanks(compressRanks(plain)), decodeRanks(plain));
  });

  it('gives a token as a view of its bytes', () => {
    const table = rankTable([Buffer.from('a'), Buffer.from('bcd')]);
    assert.equal(Buffer.from(tokenBytes(table, 1)).toString(), 'bcd');
  });

  const plain = packRanks(small);
  const longer = Buffer.from(plain);
  longer[16] = 2;
  const damaged: readonly (readonly [string, Uint8Array])[] = [
    ['an empty file', new Uint8Array()],
    ['text', Buffer.from('IQ== 0\n')],
    ['a file cut short', plain.subarray(0, plain.length - 1)],
    ['a header alone', plain.subarray(0, 12)],
    ['lengths that do not add up', longer],
    ['compressed data cut short', compressRanks(plain).subarray(0, 40)],
  ];
  for (const [name, file] of damaged) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => createCounter(file, 'o200k'),
        (error: unknown) => error instanceof LongviewError && error.code === 'internal',
      );
    });
  }

  it('packs no file whose ranks are out of order', () => {
    assert.throws(() => packRanks('IQ== 1\n'), /rank 1, expected 0/);
  });
});
