/** Time, as whoever waits needs it; tests bring their own. */
export interface Timers {
  /** ms, from any start. */
  now(): number;
  /** Runs `action` once after `ms`; what it returns takes that back. */
  after(ms: number, action: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

export interface CoalesceOptions {
  /** Runs after this long without a further call, ms. */
  readonly quietMs: number;
  /** And after this long at the latest, ms: somebody who types without a pause gets numbers too. */
  readonly mostMs: number;
}

/** Makes one run of many calls. */
export function coalesce(
  run: () => void,
  { quietMs, mostMs }: CoalesceOptions,
  timers: Timers = systemTimers,
): { call(): void; dispose(): void } {
  let first: number | undefined;
  let stop = () => {};
  return {
    call() {
      const now = timers.now();
      first ??= now;
      stop();
      stop = timers.after(Math.max(0, Math.min(quietMs, first + mostMs - now)), () => {
        first = undefined;
        run();
      });
    },
    dispose: () => stop(),
  };
}
