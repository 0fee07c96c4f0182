import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { LongviewError } from '../errors.ts';
import { loadCounts, saveCounts } from '../tokens/countStore.ts';
import { createCountTable } from '../tokens/countTable.ts';
import type { WorkerReply } from '../tokens/workerPool.ts';
import { listFiles } from '../workspace/listFiles.ts';
import { readSource } from '../workspace/readSource.ts';
import { readImage, readImageSize } from '../workspace/readImage.ts';
import { stampPart } from '../workspace/stampParts.ts';
import { imageReferences } from './imageReferences.ts';
import { countFiles, countText, measureFiles } from './measureFiles.ts';
import { codeIdOf, loadMeasured, openMeasured, saveMeasured, type CodeId } from './measuredStore.ts';
import type { MeasureReply, MeasureRequest, MeasureWorkerData } from './measureProtocol.ts';
import type { OutlineParser } from './outlineParser.ts';
import { answerPlan } from './planWorker.ts';
import { redactText } from './redactText.ts';
import { renderFiles } from './renderFiles.ts';
import { createWorkerCounters } from './workerCounters.ts';

/** Never rejects: a failure is a reply, because its class does not survive the way to another thread or bundle. */
export type MeasureHandler = (request: MeasureRequest) => Promise<WorkerReply<MeasureReply>>;

/** What the bundle `measureWorker.js` exports. */
export interface MeasureWorkerBundle {
  openHandler(data: MeasureWorkerData): MeasureHandler;
}

/**
 * Reads, decodes, hashes, counts and frames files, synchronously for as long as a batch takes. `bundle` is the file
 * this code is in; grammars and ranks lie beside it.
 */
export function createMeasureHandler(
  { counts: memory, salt }: MeasureWorkerData,
  bundle: { readonly path: string; readonly folder: string },
): MeasureHandler {
  const counts = createCountTable(memory);
  const counters = createWorkerCounters(bundle.folder);
  let loaded: Promise<OutlineParser> | undefined;
  /** Most threads never parse anything, so the parser's code waits until it is needed. */
  const parser: OutlineParser = {
    async lines(language, text) {
      loaded ??= import('./outlineParser.ts').then(m =>
        m.createOutlineParser(join(bundle.folder, 'grammars')),
      );
      return (await loaded).lines(language, text);
    },
  };
  const scratch: ArrayBuffer[] = [];
  let ownCode: CodeId | undefined;
  /** Everything that decides what is found of a file is in this bundle, ranks apart, which counters name. */
  const codeId = () => (ownCode ??= codeIdOf(readFileSync(bundle.path)));

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
        return renderFiles(request.files, request.maxFileBytes, {
          ...{ salt, parser, scratch },
          spare: request.spare,
        });
      case 'count':
        return { kind: 'counted', tokens: countText(counters.lazy(request.counter), request.text, counts) };
      case 'warm':
        return { kind: 'warmed', tables: counters.prepare(request.counter, request.tables) };
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
        return { kind: 'stamped', ...stampPart(request.absolutePaths.split('\0'), request.known) };
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
      case 'history':
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

  return async request => {
    try {
      return { kind: 'done', reply: await handle(request) };
    } catch (error) {
      const known = error instanceof LongviewError ? { code: error.code, remedy: error.remedy } : undefined;
      const message = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', message, ...(known && { known }) };
    }
  };
}
