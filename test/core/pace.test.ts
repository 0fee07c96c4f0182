import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { readFile } from 'node:fs';

import { giveWay, inTurns, pacer, type Pausing } from '../../src/core/pace.ts';

/** Counts the rounds of the event loop until it is stopped. */
function rounds(): { now: number; stop: () => void } {
  let isOver = false;
  const counted = { now: 0, stop: () => (isOver = true) };
  const count = () => {
    counted.now += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  return counted;
}

/** Holds the thread for so long, ms. */
function hold(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('pace', () => {
  it('several works at once have a round of the event loop each', async () => {
    const round = rounds();
    const seen: number[] = [];
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        for (let i = 0; i < 4; i++) {
          await giveWay();
          seen.push(round.now);
        }
      }),
    );
    round.stop();
    equal(seen.length, 20);
    equal(new Set(seen).size, 20, `some in one round: ${seen.join(' ')}`);
  });

  it('takes works in the order in which they came, so that none waits for another to end', async () => {
    const order: string[] = [];
    const work = async (name: string) => {
      for (let i = 0; i < 3; i++) {
        await giveWay();
        order.push(name);
      }
    };
    await Promise.all([work('a'), work('b')]);
    deepEqual(order, ['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('lets timers that are due run also where the work began with something that was read', async () => {
    const hadRun = await new Promise<boolean>((resolve, reject) => {
      readFile(import.meta.filename, () => {
        let hasRun = false;
        setTimeout(() => (hasRun = true), 1);
        hold(5);
        giveWay().then(() => resolve(hasRun), reject);
      });
    });
    ok(hadRun);
  });

  it('throws after a pause in which the work was cancelled, and lets the others go on', async () => {
    const cancel = new AbortController();
    const one = giveWay(cancel.signal);
    const other = giveWay(new AbortController().signal);
    cancel.abort();
    await rejects(one, { name: 'AbortError' });
    await other;
  });

  it('pauses works that take long', async () => {
    function* work(): Pausing<string> {
      for (let i = 0; i < 3; i++) {
        hold(30);
        yield;
      }
      return 'done';
    }
    const round = rounds();
    equal(await inTurns(work(), pacer(undefined)), 'done');
    round.stop();
    ok(round.now >= 3);
  });
});
