import assert from 'node:assert/strict';

import fc from 'fast-check';

import { LongviewError } from '../../../src/core/errors.ts';
import { computeBudget } from '../../../src/core/pack/budget.ts';

const input = {
  limit: 131_072,
  answer: 8192,
  instructions: 300,
  question: 20,
  reserveShare: 0.05,
  errorBound: 0.025,
};

describe('budget', () => {
  it('is limit minus answer, instructions, question, reserve and margin', () => {
    assert.deepEqual(computeBudget(input), {
      limit: 131_072,
      answer: 8192,
      instructions: 300,
      question: 1024,
      reserve: 6553,
      margin: 3277,
      room: 131_072 - 8192 - 300 - 1024 - 6553 - 3277,
    });
  });

  it('packs everything where there is no limit', () => {
    assert.equal(computeBudget({ ...input, limit: null }).room, null);
  });

  it('does not move for questions of ordinary length, so that the pack stays a cached prefix', () => {
    const rooms = [0, 1, 500, 1024].map(question => computeBudget({ ...input, question }).room);
    assert.equal(new Set(rooms).size, 1);
    assert.equal(computeBudget({ ...input, question: 1025 }).question, 2048);
  });

  it('says what takes the room where too little is left', () => {
    assert.throws(
      () => computeBudget({ ...input, limit: 500 }),
      (error: unknown) =>
        error instanceof LongviewError && error.code === 'too-little-room' && error.message.includes('500'),
    );
  });

  it('law: the parts add up to the limit, and the question always fits its part', () => {
    fc.assert(
      fc.property(
        fc.record({
          limit: fc.integer({ min: 1000, max: 20_000_000 }),
          answer: fc.integer({ min: 1, max: 100_000 }),
          instructions: fc.integer({ min: 0, max: 2000 }),
          question: fc.integer({ min: 0, max: 50_000 }),
          reserveShare: fc.double({ min: 0, max: 0.5, noNaN: true }),
          errorBound: fc.constantFrom(0, 0.025, 0.25),
        }),
        given => {
          let budget;
          try {
            budget = computeBudget(given);
          } catch (error) {
            assert.ok(error instanceof LongviewError && error.code === 'too-little-room');
            return;
          }
          const { limit, answer, instructions, question, reserve, margin, room } = budget;
          assert.equal(answer + instructions + question + reserve + margin + (room ?? NaN), limit);
          assert.ok(question >= given.question);
          assert.ok(answer <= Math.max(1, given.limit / 4));
        },
      ),
    );
  });
});
