import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

import { LongviewError } from '../errors.ts';
import { loadCounts, saveCounts } from '../tokens/countStore.ts';
import { createCountTable } from '../tokens/countTable.ts';
import type { WorkerReply } from '../tokens/workerPool.ts';
import { listFiles } from '../workspace/listFiles.ts';
import { readSource } from '../workspace/readSource.ts';
import { readImage, readImageSize } from '../workspace/readImage.ts';
import { stampOf } from '../workspace/stamp.ts';
import { imageReferences } from './imageReferences.ts';
import { countFiles, countText, measureFiles } from './measureFiles.ts';
import { codeIdOf, loadMeasured, openMeasured, saveMeasured, type CodeId } from './measuredStore.ts';
import type { MeasureReply, MeasureRequest, MeasureWorkerData } from './measureProtocol.ts';
import type { OutlineParser } from './outlineParser.ts';
import { answerPlan } from './planWorker.ts';
import { redactText } from './redactText.ts';
import { renderFiles } from './renderFiles.ts';
import { createWorkerCounters } from './workerCounters.ts';

// Runs in a worker thread: reads, decodes, hashes, counts and frames files, so that the extension host never does.
const { counts: memory, salt } = workerData as MeasureWorkerData;
const counts = createCountTable(memory);
const counters = createWorkerCounters(__dirname);
let loaded: Promise<OutlineParser> | undefined;
/** Most workers never parse anything, so the parser's code waits until it is needed. */
const parser: OutlineParser = {
  async lines(language, text) {
    loaded ??= import('./outlineParser.ts').then(m => m.createOutlineParser(join(__dirname, 'grammars')));
    return (await loaded).lines(language, text);
  },
};

/** Everything that decides what is found of a file is in this bundle, ranks apart, which counters name. */
const codeId = () => (ownCode ??= codeIdOf(readFileSync(__filename)));
let ownCode: CodeId | undefined;

parentPort?.on('message', (request: MeasureRequest) => void answer(request));

async function answer(request: MeasureRequest): Promise<void> {
  let message: WorkerReply<MeasureReply>;
  const transfer = new Set<ArrayBuffer>();
  try {
    const reply = await handle(request);
    if (reply.kind === 'rendered') {
      for (const segment of reply.segments) if (segment !== null) transfer.add(segment.buffer as ArrayBuffer);
    }
    if (reply.kind === 'images') {
      for (const image of reply.images) if (image !== null) transfer.add(image.buffer);
    }
    message = { kind: 'done', reply };
  } catch (error) {
    const known = error instanceof LongviewError ? { code: error.code, remedy: error.remedy } : undefined;
    message = {
      kind: 'failed',
      message: error instanceof Error ? error.message : String(error),
      ...(known && { known }),
    };
  }
  parentPort?.postMessage(message, [...transfer]);
}

async function handle(request: MeasureRequest): Promise<MeasureReply> {
  switch (request.kind) {
    case 'list':
      return { kind: 'listed', listing: await listFiles(request.folders, request.options) };
    case 'measure':
      return measureFiles(request.files, request.maxFileBytes, {
        counter: counters.lazy(request.counter),
        counts,
        secrets: { salt, allowed: request.allowedSecrets },
        keepFull: request.keepFull,
        ...(request.known && { known: openMeasured(request.known) }),
      });
    case 'countFiles':
      return countFiles(request.files, request.maxFileBytes, {
        counter: counters.get(request.counter),
        counts,
      });
    case 'render':
      return renderFiles(request.files, request.maxFileBytes, { salt, parser });
    case 'count':
      return { kind: 'counted', tokens: countText(counters.lazy(request.counter), request.text, counts) };
    case 'read': {
      const source = readSource(request.file, { maxBytes: request.maxFileBytes });
      return {
        kind: 'read',
        content: source.kind === 'text' ? { text: source.text, hash: source.hash } : null,
      };
    }
    case 'redact': {
      const policy = { salt, allowed: request.allowedSecrets };
      return { kind: 'redacted', ...redactText(request.title, request.text, policy) };
    }
    case 'stamp':
      return { kind: 'stamped', stamps: request.files.map(file => stampOf(file)) };
    case 'references':
      return {
        kind: 'references',
        references: request.files.map(file => {
          const source = readSource(file, { maxBytes: request.maxFileBytes });
          return source.kind === 'text' ? imageReferences(source.text) : null;
        }),
      };
    case 'imageSizes':
      return { kind: 'imageSizes', sizes: request.absolutePaths.map(path => readImageSize(path)) };
    case 'images':
      return {
        kind: 'images',
        images: request.images.map(({ absolutePath, size }) => readImage(absolutePath, size) ?? null),
      };
    case 'countEach':
    case 'outline':
    case 'imports':
    case 'centrality':
      return answerPlan(request, { counterOf: source => counters.get(source), counts, salt, parser });
    case 'inspect':
      return { kind: 'inspected', tokenizer: counters.inspect(request.path) };
    case 'loadMeasured':
      return { kind: 'measuredLoaded', memory: loadMeasured(request.file, codeId()) };
    case 'saveMeasured':
      await saveMeasured(request.file, codeId(), request.used, request.fresh);
      return { kind: 'kept' };
    case 'loadCounts':
      loadCounts(request.file, counts);
      return { kind: 'kept' };
    case 'saveCounts':
      await saveCounts(request.file, counts);
      return { kind: 'kept' };
  }
}
