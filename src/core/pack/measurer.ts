import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { isCancellation } from '../errors.ts';
import { pacer } from '../pace.ts';
import { createCountTable } from '../tokens/countTable.ts';
import { counterIdOf, o200k, type CounterSource } from '../tokens/counterSource.ts';
import type { OwnTokenizer } from '../tokens/tokenizerFile.ts';
import { createWorkerPool } from '../tokens/workerPool.ts';
import type { InventoryDeps } from '../workspace/inventory.ts';
import type { FileListing } from '../workspace/listFiles.ts';
import { stampsInPart } from '../workspace/stampParts.ts';
import type { ListedFile, Skip, SourceFile, WorkspaceFolder } from '../workspace/types.ts';
import type { ImageSize } from '../workspace/readImage.ts';
import type { ImageReferences } from './imageReferences.ts';
import { keptReferences, type AskReferences } from './keptReferences.ts';
import { keepMeasured } from './measuredKeeper.ts';
import { unpackListing } from './listingWire.ts';
import { unpackFiles } from './measuredWire.ts';
import type { MeasureWorkerBundle } from './measureHandler.ts';
import type {
  Counted,
  CountedFile,
  CountedFiles,
  Images,
  ImageSizes,
  Inspected,
  Listed,
  ListedElsewhere,
  ListRequest,
  Measured,
  MeasureReply,
  MeasureRequest,
  MeasureWorkerData,
  ReadText,
  RedactedText,
  References,
  Rendered,
  RenderFile,
  Stamped,
  WantedImage,
  Warmed,
} from './measureProtocol.ts';
import { createPlanMeasures, type PlanMeasurer } from './planMeasures.ts';
import type { PlanReply } from './planProtocol.ts';
import type { Redacted } from './redact.ts';
import { renderInOrder, type RenderBatch } from './renderInOrder.ts';
import { apart, type Segments } from './segments.ts';

export interface MeasuredFiles {
  readonly files: readonly SourceFile[];
  readonly skips: readonly Skip[];
  /** CPU time over all workers. */
  readonly readMs: number;
  /** Looking for secrets. */
  readonly scanMs: number;
  readonly countMs: number;
}

export interface MeasureOptions {
  readonly maxFileBytes: number;
  /** True: all are read, whatever is known of them by their stamps. */
  readonly afresh?: boolean;
  readonly signal?: AbortSignal;
  /** Files done so far. */
  readonly onProgress?: (done: number) => void;
}

export interface RenderToOptions {
  readonly maxFileBytes: number;
  /** True: the memory is used again for the next when `take` resolves. */
  readonly reuse: boolean;
  readonly signal?: AbortSignal;
}

/** Everything that touches file content, off the calling thread. */
export interface Measurer extends PlanMeasurer {
  /** Also a walk of 100,000 files must not hold the calling thread. The same object where nothing has changed. */
  list(
    folders: readonly WorkspaceFolder[],
    options: ListRequest & { readonly signal?: AbortSignal },
  ): Promise<FileListing>;
  measure(files: readonly ListedFile[], options: MeasureOptions): Promise<MeasuredFiles>;
  /** Counts files as they are, in no frame; in the order given. */
  countFiles(
    files: readonly ListedFile[],
    options: MeasureOptions,
  ): Promise<{ readonly files: readonly CountedFile[]; readonly skips: readonly Skip[] }>;
  /** Segments in order; null where a file is no longer what was planned. */
  render(
    files: readonly RenderFile[],
    options: { maxFileBytes: number; signal?: AbortSignal },
  ): Promise<(Uint8Array | null)[]>;
  /** The same a batch at a time, each made when its turn is near. */
  renderTo(
    files: Iterable<RenderFile>,
    options: RenderToOptions,
    take: (segments: Segments) => Promise<void>,
  ): Promise<void>;
  /** A file as it is now; undefined where it is not there as text. */
  read(
    file: ListedFile,
    options: MeasureOptions,
  ): Promise<{ readonly text: string; readonly hash: string } | undefined>;
  /** A text that is no file of the workspace, with its secrets redacted. */
  redact(title: string, text: string, signal?: AbortSignal): Promise<Redacted>;
  /** What tells, without reading, whether files are what they were: see `stampOf`. */
  stamps: InventoryDeps['stamps'];
  /** Where Markdown files refer to images; of a file that is no text any more, nowhere. In order. */
  references(files: readonly SourceFile[], options: MeasureOptions): Promise<readonly ImageReferences[]>;
  /** What image files are by their headers, in order. */
  imageSizes(absolutePaths: readonly string[], signal?: AbortSignal): Promise<readonly ImageSize[]>;
  /** Whole images in order; null where one is no longer what was looked at. */
  images(images: readonly WantedImage[], signal?: AbortSignal): Promise<readonly (Uint8Array | null)[]>;
  count(text: string, signal?: AbortSignal): Promise<number>;
  /** Counts made since the start that {@link keepCounts} has not written. */
  readonly freshCounts: number;
  /** Writes the cache that outlives the process, where there is one and something is new. Never rejects. */
  keepCounts(): Promise<void>;
  readonly counterId: string;
  /** The same, and what makes the endpoint's tokens of its counts: equal, numbers of the same texts are. */
  readonly countsId: string;
  /** Names all that {@link measure} depends on beside the content. */
  readonly measureId: string;
  /** The same workers and counts, counting with another vocabulary; each worker loads it when it first needs it. */
  withCounter(source: CounterSource): Measurer;
  /** Looks at the user's own tokenizer file, off the calling thread. Throws `bad-settings` with the reason. */
  inspectTokenizer(path: string, signal?: AbortSignal): Promise<OwnTokenizer>;
  dispose(): Promise<void>;
}

/** Files of one message to a worker: large enough to amortise it, small enough for progress and cancel. */
const batchSize = 64;
/** Batches of a pack under way that is kept: a turn of the calling thread is longer than a few take. */
const keptAhead = 24;
/** Bytes of what is known of a thousand files. */
const worthWarming = 200_000;
/** Bytes of a thousand files in git's index. */
const manyEntries = 100_000;

/** Of git's indexes, where they are in their usual place: tells how much there is to do where nothing is known yet. */
async function indexBytes(folders: readonly WorkspaceFolder[]): Promise<number> {
  const sizes = folders.map(({ path }) =>
    stat(join(path, '.git', 'index')).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return sum(await Promise.all(sizes));
}

/** Which secrets the user allows, asked anew for every survey. */
export interface AllowedSecrets {
  /** See `secretId`; random, and the same as long as ids shall be. */
  readonly salt: string;
  ids(): readonly string[];
}

/** What the user decides about single files, asked anew for every survey. */
export interface FileChoices extends AllowedSecrets {
  /** Files and folders that are never shortened. */
  keepFull?(): readonly string[];
}

const noneAllowed = (): AllowedSecrets => ({ salt: randomUUID(), ids: () => [] });

/** Where counts, and what else was found of files, outlive the process. */
export interface CountCache {
  readonly file: string;
  /** Of its own, for what is known of files that have not changed; absent, every process reads all files. */
  readonly measuredFolder?: string;
  /** Told that the file could not be read or written; files are counted again then. */
  readonly warn: (message: string) => void;
}

/**
 * `script` is the bundled `measureWorker.js`. `alone`: nobody waits for the calling thread, which does its share of the
 * work, a batch at a time. `inBackground`: somebody types into the process meanwhile.
 */
export function createMeasurer(
  script: string,
  cache?: CountCache,
  choices: FileChoices = noneAllowed(),
  { alone = false, inBackground = false } = {},
): Measurer {
  const table = createCountTable();
  const workerData: MeasureWorkerData = { counts: table.memory, salt: choices.salt, inBackground };
  const size = threadsFor(availableParallelism(), inBackground);
  const here = () => (createRequire(script)(script) as MeasureWorkerBundle).openHandler(workerData);
  const pool = createWorkerPool<MeasureRequest, MeasureReply>(script, {
    size,
    workerData,
    ...(alone && { here }),
  });
  const forPlans = createPlanMeasures(
    async (request, signal) => (await pool.run(request, signal)) as PlanReply,
    table,
  );
  const keeper =
    cache?.measuredFolder === undefined
      ? undefined
      : keepMeasured(cache.measuredFolder, cache.warn, request => pool.run(request));
  let loaded: Promise<unknown> | undefined;
  function* inBatches(files: Iterable<RenderFile>): Generator<readonly RenderFile[]> {
    let batch: RenderFile[] = [];
    for (const file of files) {
      batch.push(forPlans.withOutline(file));
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  let lastListing:
    { readonly key: string; readonly digest: string; readonly listing: FileListing } | undefined;

  /** Once, before anything is counted, by a worker: indexing 400,000 counts would hold the calling thread. */
  async function load(): Promise<void> {
    if (cache === undefined) return;
    loaded ??= pool.run({ kind: 'loadCounts', file: cache.file }).catch((error: unknown) => {
      // A job that failed at once stops the workers while they still read.
      if (isCancellation(error)) return;
      cache.warn(`The token cache could not be read, so files are counted again: ${String(error)}`);
    });
    await loaded;
  }

  /** In a large workspace every thread has work as soon as git has answered. */
  async function warm(
    folders: readonly WorkspaceFolder[],
    known: SharedArrayBuffer | undefined,
    counter: CounterSource,
  ): Promise<void> {
    if ((known?.byteLength ?? 0) > worthWarming) pool.warm();
    if (known !== undefined || (await indexBytes(folders)) < manyEntries) return;
    // By the calling thread, which waits for git, while the other starts. What is wrong will be told when it counts.
    const warmed = pool.run({ kind: 'warm', counter }).catch(() => undefined);
    pool.warm();
    const { tables } = ((await warmed) ?? {}) as Partial<Warmed>;
    if (tables !== undefined) void pool.run({ kind: 'warm', counter, tables }).catch(() => undefined);
  }

  /** One request for each batch, telling progress. */
  async function countAll<Reply extends MeasureReply>(
    files: readonly ListedFile[],
    { maxFileBytes, afresh = false, signal, onProgress }: MeasureOptions,
    counter: CounterSource,
    kind: 'measure' | 'countFiles',
    take: (reply: MeasureReply, batch: readonly ListedFile[]) => Reply,
  ): Promise<Reply[]> {
    let done = 0;
    await load();
    const known = afresh || kind !== 'measure' ? undefined : await keeper?.memory();
    const what =
      kind === 'measure'
        ? { kind, allowedSecrets: choices.ids(), keepFull: choices.keepFull?.() ?? [], known }
        : { kind };
    return Promise.all(
      batches(files).map(async batch => {
        const reply = take(await pool.run({ ...what, files: batch, maxFileBytes, counter }, signal), batch);
        onProgress?.((done += batch.length));
        return reply;
      }),
    );
  }

  const askReferences: AskReferences = async (files, { maxFileBytes, signal }) => {
    const results = await Promise.all(
      batches(files).map(
        async batch =>
          (await pool.run({ kind: 'references', files: batch, maxFileBytes }, signal)) as References,
      ),
    );
    return results.flatMap(r => r.references);
  };

  const measurerWith = (counter: CounterSource): Measurer => ({
    ...forPlans.measuresWith(counter),
    get freshCounts() {
      return table.fresh;
    },
    async keepCounts() {
      await keeper?.save();
      if (cache === undefined || table.fresh === 0) return;
      await pool.run({ kind: 'saveCounts', file: cache.file }).catch((error: unknown) => {
        if (!isCancellation(error)) cache.warn(`The token cache could not be written: ${String(error)}`);
      });
    },
    counterId: counterIdOf(counter),
    countsId: counterIdOf(counter),
    get measureId() {
      return JSON.stringify([counterIdOf(counter), choices.ids(), choices.keepFull?.() ?? []]);
    },
    withCounter: measurerWith,
    async inspectTokenizer(path, signal) {
      return ((await pool.run({ kind: 'inspect', path }, signal)) as Inspected).tokenizer;
    },
    async list(folders, { signal, ...options }) {
      const key = JSON.stringify([folders, options]);
      const known = lastListing?.key === key ? lastListing : undefined;
      const listed = pool.run({ kind: 'list', folders, options, known: known?.digest }, signal);
      // Both while git lists.
      keeper?.open(folders);
      void load();
      if (alone) void keeper?.memory().then(known => warm(folders, known, counter));
      const reply = (await listed) as Listed | ListedElsewhere;
      if (reply.kind === 'listed') return reply.listing;
      const { digest, content } = reply.listing;
      if (content === undefined && known?.digest === digest) return known.listing;
      if (content === undefined) throw new Error('A listing that nobody knows.');
      const listing = await unpackListing(content, signal);
      // Of a few files another is asked each time.
      if (options.only === undefined) lastListing = { key, digest, listing };
      return listing;
    },
    async measure(files, options) {
      const results = await countAll(files, options, counter, 'measure', measuredOf);
      for (const { fresh } of results) if (fresh !== undefined) keeper?.note(fresh);
      // A thread that is free does it while the pack is made; in the end everybody would wait for it.
      if (alone) void keeper?.save();
      return {
        files: results.flatMap(r => r.files),
        skips: results.flatMap(r => r.skips),
        readMs: sum(results.map(r => r.readMs)),
        scanMs: sum(results.map(r => r.scanMs)),
        countMs: sum(results.map(r => r.countMs)),
      };
    },
    async countFiles(files, options) {
      const results = await countAll(files, options, counter, 'countFiles', reply => reply as CountedFiles);
      return { files: results.flatMap(r => r.files), skips: results.flatMap(r => r.skips) };
    },
    async render(files, { maxFileBytes, signal }) {
      if (signal !== undefined) setMaxListeners(0, signal);
      const results = await Promise.all(
        batches(files.map(file => forPlans.withOutline(file))).map(
          async batch => (await pool.run({ kind: 'render', files: batch, maxFileBytes }, signal)) as Rendered,
        ),
      );
      return results.flatMap(apart);
    },
    async renderTo(files, { maxFileBytes, reuse, signal }, take) {
      if (signal !== undefined) setMaxListeners(0, signal);
      const render: RenderBatch = async (batch, spare) => {
        const request: MeasureRequest = {
          kind: 'render',
          files: batch,
          maxFileBytes,
          ...(reuse && { spare }),
        };
        return (await pool.run(request, signal, spare)) as Rendered;
      };
      await renderInOrder(inBatches(files), render, take, reuse ? undefined : keptAhead);
    },
    async read(file, { maxFileBytes, signal }) {
      const reply = (await pool.run({ kind: 'read', file, maxFileBytes }, signal)) as ReadText;
      return reply.content ?? undefined;
    },
    async redact(title, text, signal) {
      const allowedSecrets = choices.ids();
      return (await pool.run({ kind: 'redact', title, text, allowedSecrets }, signal)) as RedactedText;
    },
    async stamps(files, known, signal) {
      const breathe = pacer(signal);
      const asked: Promise<MeasureReply>[] = [];
      for (const [i, batch] of batches(files, stampsInPart).entries()) {
        const absolutePaths = batch.map(f => f.absolutePath).join('\0');
        asked.push(pool.run({ kind: 'stamp', absolutePaths, known: known.get(i) }, signal));
        await breathe();
      }
      return (await Promise.all(asked)) as Stamped[];
    },
    references: async (files, options) => keptReferences(files, options, askReferences),
    async imageSizes(absolutePaths, signal) {
      const results = await Promise.all(
        batches(absolutePaths).map(
          async batch => (await pool.run({ kind: 'imageSizes', absolutePaths: batch }, signal)) as ImageSizes,
        ),
      );
      return results.flatMap(r => r.sizes);
    },
    async images(images, signal) {
      // Some megabytes each: a worker reads few at a time.
      const results = await Promise.all(
        batches(images, 4).map(
          async batch => (await pool.run({ kind: 'images', images: batch }, signal)) as Images,
        ),
      );
      return results.flatMap(r => r.images);
    },
    async count(text, signal) {
      return ((await pool.run({ kind: 'count', text, counter }, signal)) as Counted).tokens;
    },
    dispose: () => pool.dispose(),
  });
  return measurerWith(o200k);
}

/** Of what was measured in this thread, or in another. */
function measuredOf(reply: MeasureReply, batch: readonly ListedFile[]): Measured {
  if (reply.kind !== 'measuredElsewhere') return reply as Measured;
  const { packed, ...rest } = reply;
  return { ...rest, kind: 'measured', files: unpackFiles(packed, batch) };
}

/** Of more than two processors one is left to who types, whatever the system makes of priorities. */
function threadsFor(processors: number, inBackground: boolean): number {
  return Math.max(1, Math.min(4, inBackground && processors > 2 ? processors - 1 : processors));
}

function batches<T>(items: readonly T[], size = batchSize): T[][] {
  const all: T[][] = [];
  for (let i = 0; i < items.length; i += size) all.push(items.slice(i, i + size));
  return all;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
