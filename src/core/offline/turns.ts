/**
 * Long work on the extension host's only thread, cut into turns: whoever works asks {@link Turns.due} often and
 * awaits {@link Turns.next} when it says so.
 */
export interface Turns {
  /** True once this turn has lasted as long as it may. */
  due(): boolean;
  /** Gives the thread back once; throws `signal.reason` when the request was cancelled. */
  next(): Promise<void>;
}

/** `yieldMs`: the longest turn, in ms. */
export function createTurns(yieldMs: number, signal: AbortSignal): Turns {
  let started = performance.now();
  return {
    due: () => performance.now() - started >= yieldMs,
    async next() {
      // setImmediate and not a promise: only a macrotask lets input and other requests in.
      await new Promise<void>(resolve => setImmediate(resolve));
      signal.throwIfAborted();
      started = performance.now();
    },
  };
}
