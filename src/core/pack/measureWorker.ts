import { parentPort, workerData } from 'node:worker_threads';

import { giveOthersTheProcessor } from '../tokens/threadPriority.ts';
import { packListing } from './listingWire.ts';
import { createMeasureHandler, type MeasureHandler, type MeasureWorkerBundle } from './measureHandler.ts';
import { packFiles } from './measuredWire.ts';
import type { MeasureReply, MeasureRequest, MeasureWorkerData } from './measureProtocol.ts';

// The bundle of a worker thread, so that the extension host never does what takes long. A process that nobody types
// into loads it as well, and does its share itself: see `createMeasurer`.

export const openHandler: MeasureWorkerBundle['openHandler'] = data =>
  createMeasureHandler(data, { path: __filename, folder: __dirname });

if (parentPort !== null) {
  const data = workerData as MeasureWorkerData;
  if (data.inBackground) giveOthersTheProcessor();
  listen(parentPort, openHandler(data));
}

function listen(port: NonNullable<typeof parentPort>, handle: MeasureHandler): void {
  let last = Promise.resolve();
  // One after the other: the pool takes replies in the order of its requests.
  port.on('message', (request: MeasureRequest) => {
    last = last.then(() => answer(request));
  });

  async function answer(request: MeasureRequest): Promise<void> {
    const message = await handle(request);
    if (message.kind === 'failed') port.postMessage(message);
    else
      port.postMessage({ kind: 'done', reply: forTheWay(message.reply, request) }, memoryOf(message.reply));
  }
}

/** What would take long to copy is packed. */
function forTheWay(reply: MeasureReply, request: MeasureRequest): MeasureReply {
  if (reply.kind === 'listed' && request.kind === 'list')
    return { kind: 'listedElsewhere', listing: packListing(reply.listing, request.known) };
  if (reply.kind === 'measured' && request.kind === 'measure') {
    const { files, ...rest } = reply;
    return { ...rest, kind: 'measuredElsewhere', packed: packFiles(files, request.files) };
  }
  return reply;
}

/** Handed over, not copied. */
function memoryOf(reply: MeasureReply): ArrayBuffer[] {
  if (reply.kind === 'images') return reply.images.flatMap(image => (image === null ? [] : [image.buffer]));
  if (reply.kind !== 'rendered') return [];
  const all = new Set(reply.blocks);
  for (const piece of reply.pieces) all.add(piece.buffer as ArrayBuffer);
  return [...all];
}
