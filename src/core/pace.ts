import { setImmediate } from 'node:timers/promises';

/** Longest stretch of synchronous work, ms: far below the 50 ms at which typing in the editor stutters. */
const stretchMs = 12;

/** Called between pieces of synchronous work: lets the event loop breathe when due, throws when cancelled. */
export function pacer(signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - since < stretchMs) return;
    await setImmediate();
    signal?.throwIfAborted();
    since = performance.now();
  };
}
