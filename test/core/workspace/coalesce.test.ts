import assert from 'node:assert/strict';

import { coalesce, type Timers } from '../../../src/core/workspace/coalesce.ts';

describe('coalesce', () => {
  let now: number;
  let waiting: { at: number; action: () => void }[];
  let runs: number[];
  const timers: Timers = {
    now: () => now,
    after(ms, action) {
      const timer = { at: now + ms, action };
      waiting.push(timer);
      return () => void (waiting = waiting.filter(t => t !== timer));
    },
  };
  function passTo(time: number): void {
    for (;;) {
      const [next] = waiting.filter(t => t.at <= time).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      waiting = waiting.filter(t => t !== next);
      now = next.at;
      next.action();
    }
    now = time;
  }
  const create = () => coalesce(() => void runs.push(now), { quietMs: 100, mostMs: 400 }, timers);
  beforeEach(() => {
    [now, waiting, runs] = [0, [], []];
  });

  it('makes one run of many calls, once it is quiet', () => {
    const calls = create();
    for (const at of [0, 50, 120]) {
      passTo(at);
      calls.call();
    }
    passTo(1000);
    assert.deepEqual(runs, [220]);
  });

  it('does not wait for ever while calls keep coming', () => {
    const calls = create();
    for (let at = 0; at <= 1000; at += 50) {
      passTo(at);
      calls.call();
    }
    passTo(2000);
    assert.deepEqual(runs, [400, 800, 1100]);
  });

  it('runs no more after its end', () => {
    const calls = create();
    calls.call();
    calls.dispose();
    passTo(1000);
    assert.deepEqual(runs, []);
  });
});
