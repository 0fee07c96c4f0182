import assert from 'node:assert/strict';

import { keepMeasured } from '../../../src/core/pack/measuredKeeper.ts';
import type { MeasureReply, MeasureRequest } from '../../../src/core/pack/measureProtocol.ts';

const failed = (message: string): never => assert.fail(message);

/** A worker that answers when it is told to. */
function slowWorker() {
  const saved: number[][] = [];
  const waiting: (() => void)[] = [];
  const run = (request: MeasureRequest): Promise<MeasureReply> => {
    if (request.kind !== 'saveMeasured')
      return Promise.resolve({ kind: 'measuredLoaded', memory: undefined });
    return new Promise(resolve => {
      waiting.push(() => {
        saved.push(request.fresh.map(chunk => chunk[0] ?? 0));
        resolve({ kind: 'kept' });
      });
    });
  };
  /** Lets all begin that can, then one end. */
  const answer = async () => {
    await new Promise(resolve => setImmediate(resolve));
    waiting.shift()?.();
  };
  return { run, saved, answer };
}

describe('what is kept of measured files', () => {
  const folders = [{ name: 'a', path: '/a' }];

  it('is saved once, and who saves again waits for what is under way', async () => {
    const { run, saved, answer } = slowWorker();
    const keeper = keepMeasured('/cache', failed, run);
    keeper.open(folders);
    keeper.note(Uint8Array.of(1));
    const ends: string[] = [];
    void keeper.save().then(() => ends.push('first'));
    const second = keeper.save().then(() => ends.push('second'));
    await answer();
    await second;
    assert.deepEqual([ends, saved], [['first', 'second'], [[1]]]);
  });

  it('loses nothing that is found while it is saved', async () => {
    const { run, saved, answer } = slowWorker();
    const keeper = keepMeasured('/cache', failed, run);
    keeper.open(folders);
    keeper.note(Uint8Array.of(1));
    const first = keeper.save();
    await answer();
    keeper.note(Uint8Array.of(2));
    const second = keeper.save();
    await first;
    await answer();
    await second;
    assert.deepEqual(saved, [[1], [2]]);
  });

  it('loses nothing where other folders are opened meanwhile', async () => {
    const { run, saved, answer } = slowWorker();
    const keeper = keepMeasured('/cache', failed, run);
    keeper.open(folders);
    keeper.note(Uint8Array.of(1));
    void keeper.save();
    keeper.note(Uint8Array.of(2));
    void keeper.save();
    keeper.open([{ name: 'b', path: '/b' }]);
    keeper.note(Uint8Array.of(3));
    const last = keeper.save();
    for (let i = 0; i < 3; i++) await answer();
    await last;
    assert.deepEqual(saved, [[1], [2], [3]]);
  });

  it('goes on after a save that failed, and says so', async () => {
    const told: string[] = [];
    let fails = true;
    const saved: number[] = [];
    const keeper = keepMeasured(
      '/cache',
      message => told.push(message),
      request => {
        if (request.kind !== 'saveMeasured')
          return Promise.resolve({ kind: 'measuredLoaded', memory: undefined });
        if (fails) return Promise.reject(new Error('disk full'));
        saved.push(request.fresh.length);
        return Promise.resolve({ kind: 'kept' });
      },
    );
    keeper.open(folders);
    keeper.note(Uint8Array.of(1));
    await keeper.save();
    fails = false;
    keeper.note(Uint8Array.of(2));
    await keeper.save();
    assert.deepEqual(saved, [1]);
    assert.match(told.join(), /could not be kept: .*disk full/);
  });
});
