import type { Rendered, RenderFile } from './measureProtocol.ts';

/** Batches under way at once: enough to keep all threads busy while one is written. */
const ahead = 6;

/** Frames one batch in memory that was used before; `Rendered.blocks` gives that back. */
export type RenderBatch = (files: readonly RenderFile[], spare: readonly ArrayBuffer[]) => Promise<Rendered>;

/**
 * Frames batches of files in order, at most {@link ahead} beyond the one that `take` has: a pack of any size needs the
 * memory of a few batches, and the same again and again. What `take` is given is written over when it is done.
 */
export async function renderInOrder(
  batches: readonly (readonly RenderFile[])[],
  render: RenderBatch,
  take: (segments: readonly (Uint8Array | null)[]) => Promise<void>,
): Promise<void> {
  const spare: ArrayBuffer[] = [];
  const pending: Promise<Rendered>[] = [];
  let asked = 0;
  const askAhead = () => {
    for (; asked < batches.length && pending.length < ahead; asked++) {
      // A batch gives back all that it took: were it lent one block, every other would be new for ever.
      const lent = spare.splice(0, Math.ceil(spare.length / (ahead - pending.length)));
      const batch = render(batches[asked] ?? [], lent);
      // Whoever waits for an earlier one is told of the first failure; the others fail unheard.
      batch.catch(() => undefined);
      pending.push(batch);
    }
  };
  askAhead();
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { segments, blocks = [] } = await next;
    await take(segments);
    spare.push(...blocks);
    askAhead();
  }
}
