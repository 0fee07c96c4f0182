/**
 * A place where the fake waits for the test instead of sleeping. Open at first; once closed, each passer waits
 * until the test lets it through.
 */
export interface Gate {
  /** From now on passers wait. */
  close(): void;
  /** Lets everybody through, waiting or to come. */
  open(): void;
  /** Lets exactly `count` passers through, the waiting ones first. Default 1. */
  release(count?: number): void;
  /** Resolves when somebody stands at the closed gate. */
  arrived(): Promise<void>;
  /** Used by the server. Rejects with the signal's reason when the client goes away. */
  pass(signal: AbortSignal): Promise<void>;
}

export function createGate(): Gate {
  let closed = false;
  let tickets = 0;
  const waiting: (() => void)[] = [];
  const watchers: (() => void)[] = [];

  function letThrough(count: number): void {
    for (const go of waiting.splice(0, count)) go();
  }

  return {
    close: () => {
      closed = true;
    },
    open: () => {
      closed = false;
      tickets = 0;
      letThrough(waiting.length);
    },
    release: (count = 1) => {
      const now = Math.min(count, waiting.length);
      letThrough(now);
      tickets += count - now;
    },
    arrived: () => (waiting.length > 0 ? Promise.resolve() : new Promise(resolve => watchers.push(resolve))),
    pass: signal => {
      signal.throwIfAborted();
      if (!closed) return Promise.resolve();
      if (tickets > 0) {
        tickets--;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const leave = () => {
          const at = waiting.indexOf(go);
          if (at >= 0) waiting.splice(at, 1);
          reject(signal.reason as Error);
        };
        const go = () => {
          signal.removeEventListener('abort', leave);
          resolve();
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(go);
        for (const watcher of watchers.splice(0)) watcher();
      });
    },
  };
}

/** A queue of events that a test can await one by one, in order, whether they came before or after it asked. */
export interface Mailbox<T> {
  post(item: T): void;
  next(): Promise<T>;
}

export function createMailbox<T>(): Mailbox<T> {
  const items: T[] = [];
  const readers: ((item: T) => void)[] = [];
  return {
    post: item => {
      const reader = readers.shift();
      if (reader === undefined) items.push(item);
      else reader(item);
    },
    next: () => {
      const item = items.shift();
      return item === undefined ? new Promise(resolve => readers.push(resolve)) : Promise.resolve(item);
    },
  };
}
