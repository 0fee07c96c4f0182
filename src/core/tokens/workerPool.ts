import { Worker } from 'node:worker_threads';

import { LongviewError, type ErrorCode } from '../errors.ts';

export interface WorkerPool<Request, Reply> {
  /**
   * Runs one request on the next free worker. Rejects with the worker's error, or `signal.reason`. Memory in
   * `transfer` is handed over, not copied.
   */
  run(request: Request, signal?: AbortSignal, transfer?: readonly ArrayBuffer[]): Promise<Reply>;
  /** Starts a thread that soon has work, where one more may run. */
  warm(): void;
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
  readonly transfer: readonly ArrayBuffer[];
}

export interface PoolOptions<Request, Reply> {
  /** Threads at most, the calling one included where it takes part. */
  readonly size: number;
  readonly workerData: unknown;
  /**
   * The workers' code for the calling thread: it takes part, and holds the thread as long as a request takes. Where
   * nobody waits for the thread, that saves starting one more, which takes longer than handling a small folder.
   */
  readonly here?: () => (request: Request) => Promise<WorkerReply<Reply>>;
}

/** Requests the calling thread has at once: one may be waiting for another process. */
const mostHere = 2;
/** So many requests must be waiting to be worth a new thread beside the calling one. */
const worthThread = 8;
/** When no more are waiting, whoever is done first takes the next. */
const fewLeft = 4;

/**
 * A pool of worker threads, each handling one request at a time. Workers start when there is work and do not keep
 * the process alive while idle. A job that was cancelled before it started never runs; one already running
 * finishes unseen, because a batch is short and ending a thread costs a new start.
 */
export function createWorkerPool<Request, Reply>(
  script: string,
  { size, workerData, here }: PoolOptions<Request, Reply>,
): WorkerPool<Request, Reply> {
  const threads = here === undefined ? size : size - 1;
  /** Requests of each worker, which answers in this order. */
  const workers = new Map<Worker, Job<Request, Reply>[]>();
  const runningHere = new Set<Job<Request, Reply>>();
  const queue: Job<Request, Reply>[] = [];
  let handle: ((request: Request) => Promise<WorkerReply<Reply>>) | undefined;
  let disposed = false;

  function start(): Worker {
    const worker = new Worker(script, { workerData });
    workers.set(worker, []);
    worker.on('message', (message: WorkerReply<Reply>) => {
      const job = workers.get(worker)?.shift();
      if (job !== undefined) settle(job, message);
      next();
    });
    const end = (error: Error) => {
      for (const job of workers.get(worker) ?? []) job.reject(error);
      if (workers.delete(worker)) next();
    };
    worker.on('error', end);
    worker.on('exit', code => end(new Error(`A worker thread ended with code ${code}.`)));
    return worker;
  }

  function next(): void {
    for (let run = whoIsFree(); run !== undefined; run = whoIsFree()) {
      const job = queue.shift();
      if (job === undefined) break;
      if (job.signal?.aborted === true) job.reject(job.signal.reason);
      else run(job);
    }
    for (const [worker, jobs] of workers) if (jobs.length === 0) worker.unref();
  }

  function whoIsFree(): ((job: Job<Request, Reply>) => void) | undefined {
    const [least] = [...workers].sort(([, a], [, b]) => a.length - b.length);
    if (least?.[1].length === 0) return job => runThere(job, least[0]);
    if (here !== undefined && runningHere.size < mostHere) return runHere;
    if (workers.size < threads && (here === undefined || queue.length >= worthThread))
      return job => runThere(job, start());
    return least !== undefined && least[1].length < depth() ? job => runThere(job, least[0]) : undefined;
  }

  /** Requests a worker has at once: a thread that is busy itself is slow to hand out the next. Few of the last ones. */
  function depth(): number {
    if (here === undefined) return 1;
    return queue.length > fewLeft ? 4 : 2;
  }

  function runThere(job: Job<Request, Reply>, worker: Worker): void {
    workers.get(worker)?.push(job);
    worker.ref();
    worker.postMessage(job.request, job.transfer);
  }

  function runHere(job: Job<Request, Reply>): void {
    runningHere.add(job);
    // In a turn of its own, so that a key press or a worker's reply comes between two requests.
    setImmediate(() => {
      handle ??= here?.();
      void handle?.(job.request).then(message => {
        runningHere.delete(job);
        settle(job, message);
        next();
      });
    });
  }

  return {
    run: (request, signal, transfer = []) =>
      new Promise((resolve, reject) => {
        if (disposed) {
          reject(ended());
          return;
        }
        const forget =
          signal === undefined ? () => false : onAbort(signal, () => reject(signal.reason as Error));
        queue.push({
          request,
          signal,
          transfer,
          resolve: reply => {
            forget();
            resolve(reply);
          },
          reject: error => {
            forget();
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        });
        next();
      }),
    warm() {
      if (!disposed && workers.size < threads) start().unref();
    },
    async dispose() {
      disposed = true;
      const all = [...workers];
      workers.clear();
      for (const job of [...queue.splice(0), ...all.flatMap(([, jobs]) => jobs), ...runningHere])
        job.reject(ended());
      await Promise.all(all.map(([worker]) => worker.terminate()));
    },
  };
}

function settle<Reply>(job: Job<unknown, Reply>, message: WorkerReply<Reply>): void {
  if (message.kind === 'done') job.resolve(message.reply);
  else job.reject(failureOf(message));
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
