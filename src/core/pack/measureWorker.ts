import { parentPort, workerData } from 'node:worker_threads';

import { gptCounter } from '../tokens/gptCounter.ts';
import type { WorkerReply } from '../tokens/workerPool.ts';
import { measureFiles, renderFiles } from './measureFiles.ts';
import type { MeasureReply, MeasureRequest, MeasureWorkerData } from './measureProtocol.ts';

// Runs in a worker thread: reads, decodes, hashes, counts and frames files, so that the extension host never does.
const { known } = workerData as MeasureWorkerData;
const counts = new Map(known);

parentPort?.on('message', (request: MeasureRequest) => {
  let message: WorkerReply<MeasureReply>;
  const transfer: ArrayBuffer[] = [];
  try {
    const reply = handle(request);
    if (reply.kind === 'rendered') {
      for (const segment of reply.segments)
        if (segment !== null) transfer.push(segment.buffer as ArrayBuffer);
    }
    message = { kind: 'done', reply };
  } catch (error) {
    message = { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(message, transfer);
});

function handle(request: MeasureRequest): MeasureReply {
  switch (request.kind) {
    case 'measure':
      return measureFiles(request.files, request.maxFileBytes, { counter: gptCounter, counts });
    case 'render':
      return renderFiles(request.files, request.maxFileBytes);
    case 'count':
      return { kind: 'counted', tokens: gptCounter.countText(request.text) };
  }
}
