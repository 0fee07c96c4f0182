/** Longest stretch of synchronous work, ms: far below the 50 ms at which typing in the editor stutters. */
const stretchMs = 12;

/** Work that says where it may be interrupted. */
export type Pausing<T> = Generator<void, T, void>;

/** Without any pause: for few items, and where nobody waits. */
export function atOnce<T>(work: Pausing<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Lets others have the thread where the work pauses and a turn was long enough. `breathe` is a {@link pacer}'s. */
export async function inTurns<T>(work: Pausing<T>, breathe: () => Promise<void>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await breathe();
  }
}

/** {@link inTurns} for every item, so many without a pause. */
export async function eachInTurns<T>(
  items: readonly T[],
  breathe: () => Promise<void>,
  look: (item: T) => void,
  piece = 1000,
): Promise<void> {
  for (let from = 0; from < items.length; from += piece) {
    const to = Math.min(items.length, from + piece);
    for (let i = from; i < to; i++) look(items[i] as T);
    await breathe();
  }
}

/** When this thread last gave way, whatever it was for: short works in a row hold it as one long one does. */
let turnBegan = performance.now();
/** Works that wait for their turn, in the order in which they came. */
const waiting: (() => void)[] = [];

/** One work a round of the event loop: were all to go on in one, as many turns would hold the thread as one long one. */
function nextTurn(): void {
  const goOn = waiting.shift();
  turnBegan = performance.now();
  goOn?.();
  if (waiting.length > 0) setImmediate(nextTurn);
}

/** Between two long pieces of synchronous work: lets the event loop breathe, throws when cancelled. */
export async function giveWay(signal?: AbortSignal): Promise<void> {
  await new Promise<void>(goOn => {
    waiting.push(goOn);
    // Immediates follow what has just been read, in the same round: the second one follows timers and the next input.
    if (waiting.length === 1) setImmediate(() => setImmediate(nextTurn));
  });
  signal?.throwIfAborted();
}

/** Called between pieces of synchronous work: lets the event loop breathe when due, throws when cancelled. */
export function pacer(signal: AbortSignal | undefined): () => Promise<void> {
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - turnBegan >= stretchMs) await giveWay(signal);
  };
}
