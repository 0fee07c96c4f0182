import { parentPort, workerData } from 'node:worker_threads';

import { createMeasureHandler, type MeasureHandler } from './measureHandler.ts';
import type { MeasureRequest, MeasureWorkerData, Rendered } from './measureProtocol.ts';

// The bundle of a worker thread, so that the extension host never does what takes long. A process that nobody types
// into loads it as well, and does its share itself: see `createMeasurer`.

export const openHandler = (data: MeasureWorkerData): MeasureHandler =>
  createMeasureHandler(data, { path: __filename, folder: __dirname });

if (parentPort !== null) listen(parentPort, openHandler(workerData as MeasureWorkerData));

function listen(port: NonNullable<typeof parentPort>, handle: MeasureHandler): void {
  let last = Promise.resolve();
  // One after the other: the pool takes replies in the order of its requests.
  port.on('message', (request: MeasureRequest) => (last = last.then(() => answer(request))));

  async function answer(request: MeasureRequest): Promise<void> {
    const message = await handle(request);
    const transfer =
      message.kind === 'done' && message.reply.kind === 'rendered' ? memoryOf(message.reply) : [];
    port.postMessage(message, transfer);
  }
}

/** Handed over, not copied. */
function memoryOf({ segments, blocks = [] }: Rendered): ArrayBuffer[] {
  const all = new Set(blocks);
  for (const segment of segments) if (segment !== null) all.add(segment.buffer as ArrayBuffer);
  return [...all];
}
