import type { AskEvent } from './askTypes.ts';

/** What the passing of time is told by; tests bring their own. */
export interface SilenceClock {
  readonly now: () => number;
  /** Calls every `ms` until the function it gives is called. */
  readonly every: (ms: number, tick: () => void) => () => void;
}

const systemClock: SilenceClock = {
  now: () => Date.now(),
  every: (ms, tick) => {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
};

/**
 * The events as they are; between the prompt and the first word, which may take half an hour of prefill, `tell` gets
 * every `everyMs` for how long nothing has come, ms.
 */
export async function* tellingSilence(
  events: AsyncIterable<AskEvent>,
  tell: (ms: number) => void,
  everyMs: number,
  clock: SilenceClock = systemClock,
): AsyncGenerator<AskEvent> {
  let since: number | undefined;
  const stop = clock.every(everyMs, () => {
    if (since !== undefined) tell(clock.now() - since);
  });
  try {
    for await (const event of events) {
      if (event.kind === 'prepared') since = clock.now();
      else if (event.kind === 'text' || event.kind === 'anchor' || event.kind === 'done') since = undefined;
      yield event;
    }
  } finally {
    stop();
  }
}
