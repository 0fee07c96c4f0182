import { Worker } from 'node:worker_threads';

import { LongviewError, type ErrorCode } from '../errors.ts';

export interface WorkerPool<Request, Reply> {
  /** Runs one request on the next free worker. Rejects with the worker's error, or `signal.reason`. */
  run(request: Request, signal?: AbortSignal): Promise<Reply>;
  dispose(): Promise<void>;
}

/** What a worker of the pool posts back. */
export type WorkerReply<Reply> =
  | { readonly kind: 'done'; readonly reply: Reply }
  | { readonly kind: 'failed'; readonly message: string; readonly known?: KnownFailure };

/** What a `LongviewError` is besides its message; the class does not survive the way between threads. */
export interface KnownFailure {
  readonly code: ErrorCode;
  readonly remedy: string;
}

interface Job<Request, Reply> {
  readonly request: Request;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * A pool of worker threads, each handling one request at a time. Workers start when there is work and do not keep
 * the process alive while idle. A job that was cancelled before it started never runs; one already running
 * finishes unseen, because a batch is short and ending a thread costs a new start.
 */
export function createWorkerPool<Request, Reply>(
  script: string,
  size: number,
  workerData: unknown,
): WorkerPool<Request, Reply> {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const running = new Map<Worker, Job<Request, Reply>>();
  const queue: Job<Request, Reply>[] = [];
  let disposed = false;

  function start(): Worker {
    const worker = new Worker(script, { workerData });
    all.add(worker);
    worker.on('message', (message: WorkerReply<Reply>) => {
      const job = running.get(worker);
      running.delete(worker);
      idle.push(worker);
      if (message.kind === 'done') job?.resolve(message.reply);
      else job?.reject(failureOf(message));
      next();
    });
    const end = (error: Error) => {
      if (!all.delete(worker)) return;
      const place = idle.indexOf(worker);
      if (place >= 0) idle.splice(place, 1);
      running.get(worker)?.reject(error);
      running.delete(worker);
      next();
    };
    worker.on('error', end);
    worker.on('exit', code => end(new Error(`A worker thread ended with code ${code}.`)));
    return worker;
  }

  function next(): void {
    while (queue.length > 0 && (idle.length > 0 || all.size < size)) {
      const job = queue.shift();
      if (job === undefined) return;
      if (job.signal?.aborted === true) {
        job.reject(job.signal.reason);
        continue;
      }
      const worker = idle.pop() ?? start();
      running.set(worker, job);
      worker.ref();
      worker.postMessage(job.request);
    }
    for (const worker of idle) worker.unref();
  }

  return {
    run: (request, signal) =>
      new Promise((resolve, reject) => {
        if (disposed) {
          reject(ended());
          return;
        }
        const settle =
          signal === undefined ? () => false : onAbort(signal, () => reject(signal.reason as Error));
        queue.push({
          request,
          signal,
          resolve: reply => {
            settle();
            resolve(reply);
          },
          reject: error => {
            settle();
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        });
        next();
      }),
    async dispose() {
      disposed = true;
      const workers = [...all];
      all.clear();
      for (const job of [...queue.splice(0), ...running.values()]) job.reject(ended());
      running.clear();
      await Promise.all(workers.map(worker => worker.terminate()));
    },
  };
}

/** Nobody waits for an answer when everything ends: it is a cancellation. */
function ended(): Error {
  return new DOMException('The workers were stopped.', 'AbortError');
}

/** What waits for a signal. One listener for all of it: thousands of batches wait for the same cancellation. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Runs `action` when the signal is aborted, unless the function it returns was called before. */
function onAbort(signal: AbortSignal, action: () => void): () => boolean {
  const actions = waiting.get(signal) ?? new Set();
  if (!waiting.has(signal)) {
    waiting.set(signal, actions);
    const runAll = () => {
      for (const waiter of actions) waiter();
    };
    signal.addEventListener('abort', runAll, { once: true });
  }
  actions.add(action);
  return () => actions.delete(action);
}

function failureOf({ message, known }: Extract<WorkerReply<unknown>, { kind: 'failed' }>): Error {
  return known === undefined ? new Error(message) : new LongviewError(known.code, message, known.remedy);
}
