import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isCancellation, LongviewError } from '../../../src/core/errors.ts';
import { createWorkerPool, type WorkerReply } from '../../../src/core/tokens/workerPool.ts';

interface Request {
  readonly n: number;
  readonly how?: 'fail' | 'die' | 'wait' | 'hold';
  /** For `hold`: how many other threads have answered, and whether the calling one is away. */
  readonly answered?: SharedArrayBuffer;
  readonly memory?: ArrayBuffer;
}
interface Reply {
  readonly n: number;
  readonly thread: number;
  readonly bytes: number;
}

const script = `
const { parentPort, threadId } = require('node:worker_threads');
exports.handle = async ({ n, how, memory, answered }) => {
  if (how === 'hold') {
    const [count, held] = [new Int32Array(answered, 0, 1), new Int32Array(answered, 4, 1)];
    const end = Date.now() + 10_000;
    if (threadId === 0) {
      // It does not come back before; the others begin when it is away.
      Atomics.store(held, 0, 1);
      Atomics.notify(held, 0);
      while (Atomics.load(count, 0) < 3 && Date.now() < end);
    } else {
      Atomics.wait(held, 0, 0, 10_000);
      Atomics.add(count, 0, 1);
    }
    return { kind: 'done', reply: { n: Atomics.load(count, 0), thread: threadId, bytes: 0 } };
  }
  if (how === 'fail') return { kind: 'failed', message: 'no ' + n, known: { code: 'io', remedy: 'Try.' } };
  if (how === 'die') process.exit(3);
  if (how === 'wait') await new Promise(resolve => setImmediate(resolve));
  return { kind: 'done', reply: { n, thread: threadId, bytes: memory?.byteLength ?? 0 } };
};
let last = Promise.resolve();
parentPort?.on('message', request => {
  last = last.then(async () => parentPort.postMessage(await exports.handle(request)));
});`;

describe('worker pool', () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-pool-'));
    path = join(folder, 'worker.cjs');
    await writeFile(path, script);
  });
  after(() => rm(folder, { recursive: true }));

  type Handle = (request: Request) => Promise<WorkerReply<Reply>>;
  const here = () => (createRequire(path)(path) as { handle: Handle }).handle;
  const open = (size: number, alone: boolean) =>
    createWorkerPool<Request, Reply>(path, { size, workerData: null, ...(alone && { here }) });
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

  for (const alone of [false, true]) {
    describe(alone ? 'in which the calling thread takes part' : 'of other threads', () => {
      it('answers every request with its own reply, whatever order they end in', async () => {
        const pool = open(3, alone);
        const replies = await Promise.all(
          numbers(100).map(n => pool.run({ n, ...(n % 3 === 0 && { how: 'wait' }) })),
        );
        assert.deepEqual(
          replies.map(r => r.n),
          numbers(100),
        );
        const threads = new Set(replies.map(r => r.thread));
        assert.ok(threads.size > 1 && threads.size <= 3, `${threads.size} threads`);
        assert.equal(threads.has(0), alone);
        await pool.dispose();
      });

      it('tells what failed as what it was, and goes on', async () => {
        const pool = open(2, alone);
        await assert.rejects(pool.run({ n: 7, how: 'fail' }), error => {
          assert.ok(error instanceof LongviewError);
          assert.deepEqual([error.code, error.message, error.remedy], ['io', 'no 7', 'Try.']);
          return true;
        });
        assert.equal((await pool.run({ n: 8 })).n, 8);
        await pool.dispose();
      });

      it('hands memory over', async () => {
        const pool = open(2, alone);
        const memory = new ArrayBuffer(1000);
        assert.equal((await pool.run({ n: 1, memory }, undefined, [memory])).bytes, 1000);
        if (!alone) assert.equal(memory.byteLength, 0);
        await pool.dispose();
      });

      it('never runs what was cancelled before it began, and tells of the cancellation at once', async () => {
        const pool = open(2, alone);
        const controller = new AbortController();
        const all = Promise.allSettled(numbers(50).map(n => pool.run({ n }, controller.signal)));
        controller.abort();
        const results = await all;
        assert.ok(results.every(r => r.status === 'rejected' && isCancellation(r.reason)));
        assert.equal((await pool.run({ n: 1 })).n, 1);
        await pool.dispose();
      });

      it('cancels what is under way when it is disposed of', async () => {
        const pool = open(2, alone);
        const all = Promise.allSettled(numbers(50).map(n => pool.run({ n, how: 'wait' })));
        await pool.dispose();
        assert.ok((await all).some(r => r.status === 'rejected' && isCancellation(r.reason)));
        await assert.rejects(pool.run({ n: 1 }), isCancellation);
      });
    });
  }

  it('starts no thread for a few requests that the calling thread can answer', async () => {
    const pool = open(4, true);
    const replies = await Promise.all(numbers(5).map(n => pool.run({ n })));
    assert.deepEqual(new Set(replies.map(r => r.thread)), new Set([0]));
    await pool.dispose();
  });

  it('starts a thread before there is work for it, and then the work goes there', async () => {
    const pool = open(2, true);
    pool.warm();
    const replies = await Promise.all(numbers(4).map(n => pool.run({ n })));
    assert.ok(replies.some(reply => reply.thread !== 0));
    pool.warm();
    await pool.dispose();
    pool.warm();
  });

  it('gives a thread its next requests while the calling one is busy', async () => {
    const pool = open(2, true);
    pool.warm();
    await Promise.all(numbers(4).map(n => pool.run({ n })));
    const answered = new SharedArrayBuffer(8);
    const replies = await Promise.all(numbers(20).map(n => pool.run({ n, how: 'hold', answered })));
    const first = replies.find(reply => reply.thread === 0);
    assert.ok(first !== undefined && first.n >= 3, `${first?.n} answered meanwhile`);
    await pool.dispose();
  });

  it('tells those who waited for a thread that ended, and starts another', async () => {
    const pool = open(1, false);
    await assert.rejects(pool.run({ n: 1, how: 'die' }), /ended with code 3/);
    assert.equal((await pool.run({ n: 2 })).n, 2);
    await pool.dispose();
  });
});
