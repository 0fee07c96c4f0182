import assert from 'node:assert/strict';

import type { AskEvent } from '../../../src/core/review/ask.ts';
import { tellingSilence } from '../../../src/core/review/silence.ts';

const prepared = { kind: 'prepared' } as AskEvent;
const word: AskEvent = { kind: 'text', text: 'Two.' };

describe('the silence before the first word', () => {
  it('is told while it lasts, counted from the prompt, and ends with the events', async () => {
    let now = 1000;
    let running = false;
    let tick: () => void = () => undefined;
    const clock = {
      now: () => now,
      every: (_ms: number, run: () => void) => {
        running = true;
        tick = run;
        return () => void (running = false);
      },
    };
    const pass = (ms: number) => {
      now += ms;
      tick();
    };
    async function* source(): AsyncGenerator<AskEvent> {
      pass(500); // Counting the workspace is not the endpoint's silence.
      yield prepared;
      pass(60_000);
      pass(60_000);
      yield prepared; // Made anew after a refusal.
      pass(1000);
      yield word;
      pass(60_000);
    }
    const told: number[] = [];
    const events: AskEvent[] = [];
    for await (const event of tellingSilence(source(), ms => told.push(ms), 1000, clock)) events.push(event);
    assert.deepEqual(told, [60_000, 120_000, 1000]);
    assert.deepEqual(events, [prepared, prepared, word]);
    assert.equal(running, false);
  });
});
