import type { Rendered, RenderFile } from './measureProtocol.ts';
import type { Segments } from './segments.ts';

/** Batches under way at once: enough to keep all threads busy while some are written. */
export const ahead = 12;

/** Frames one batch in memory that was used before; `Rendered.blocks` gives that back. */
export type RenderBatch = (files: readonly RenderFile[], spare: readonly ArrayBuffer[]) => Promise<Rendered>;

/**
 * Frames batches of files in order, at most `most` under way: a pack of any size needs the memory of a few batches, and
 * the same again and again. What `take` is given is written over when it is done, where blocks come back.
 */
export async function renderInOrder(
  batches: Iterable<readonly RenderFile[]>,
  render: RenderBatch,
  take: (segments: Segments) => Promise<void>,
  most = ahead,
): Promise<void> {
  const spare: ArrayBuffer[] = [];
  const pending: Promise<Rendered>[] = [];
  const left = batches[Symbol.iterator]();
  const askAhead = () => {
    while (pending.length < most) {
      const next = left.next();
      if (next.done === true) return;
      // A batch gives back all that it took: were it lent one block, every other would be new for ever.
      const lent = spare.splice(0, Math.ceil(spare.length / (most - pending.length)));
      const batch = render(next.value, lent);
      // Whoever waits for an earlier one is told of the first failure; the others fail unheard.
      batch.catch(() => undefined);
      pending.push(batch);
    }
  };
  askAhead();
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { pieces, lengths, blocks = [] } = await next;
    await take({ pieces, lengths });
    spare.push(...blocks);
    askAhead();
  }
}
