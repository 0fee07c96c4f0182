import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';

import { counterIdOf, o200k, type CounterSource } from '../tokens/counterSource.ts';
import type { OwnTokenizer } from '../tokens/tokenizerFile.ts';
import { createWorkerPool } from '../tokens/workerPool.ts';
import { languageOf } from '../workspace/language.ts';
import type { FileListing } from '../workspace/listFiles.ts';
import type { ListedFile, Skip, SourceFile, WorkspaceFolder } from '../workspace/types.ts';
import type { Centrality } from './graph.ts';
import { hasImports } from './imports.ts';
import type {
  Central,
  Counted,
  CountedEach,
  CountedFile,
  CountedFiles,
  Imports,
  Inspected,
  Listed,
  ListRequest,
  Measured,
  MeasureReply,
  MeasureRequest,
  MeasureWorkerData,
  Outline,
  Outlined,
  Rendered,
  RenderFile,
} from './measureProtocol.ts';
import { outlineKey } from './measureProtocol.ts';

export interface MeasuredFiles {
  readonly files: readonly SourceFile[];
  readonly skips: readonly Skip[];
  /** CPU time over all workers. */
  readonly readMs: number;
  readonly countMs: number;
}

export interface MeasureOptions {
  readonly maxFileBytes: number;
  readonly signal?: AbortSignal;
  /** Files done so far. */
  readonly onProgress?: (done: number) => void;
}

/** Everything that touches file content, off the calling thread. */
export interface Measurer {
  /** Also a walk of 100,000 files must not hold the calling thread. */
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
  count(text: string, signal?: AbortSignal): Promise<number>;
  /** Many short texts, each by itself; in order. */
  countEach(texts: readonly string[], signal?: AbortSignal): Promise<number[]>;
  /** What outlines of these would take, in order; null where there is nothing to outline. */
  outlines(files: readonly SourceFile[], options: MeasureOptions): Promise<(Outline | null)[]>;
  /** How central files are by what they import of each other; in order. */
  centrality(files: readonly SourceFile[], options: MeasureOptions): Promise<Centrality>;
  /** Counts by key that were made since the start, for a cache that outlives the process. */
  readonly counts: ReadonlyMap<string, number>;
  readonly counterId: string;
  /** The same workers and counts, counting with another vocabulary; each worker loads it when it first needs it. */
  withCounter(source: CounterSource): Measurer;
  /** Looks at the user's own tokenizer file, off the calling thread. Throws `bad-settings` with the reason. */
  inspectTokenizer(path: string, signal?: AbortSignal): Promise<OwnTokenizer>;
  dispose(): Promise<void>;
}

/** Files of one message to a worker: large enough to amortise it, small enough for progress and cancel. */
const batchSize = 64;
/** Parsing is slower. */
const outlineBatchSize = 16;

/** `script` is the bundled `measureWorker.js`; `known` are counts of an earlier run. */
export function createMeasurer(script: string, known: ReadonlyMap<string, number> = new Map()): Measurer {
  const data: MeasureWorkerData = { known };
  const size = Math.max(1, Math.min(4, availableParallelism()));
  const pool = createWorkerPool<MeasureRequest, MeasureReply>(script, size, data);
  const counts = new Map(known);
  // Content that was parsed or searched once in this process need not be again.
  const linesByContent = new Map<string, readonly number[]>();
  const importsByContent = new Map<string, string>();
  const tokensOfText = new Map<string, number>();
  let lastGraph: { paths: readonly string[]; imports: readonly string[]; centrality: Centrality } | undefined;

  function withLines(file: RenderFile): RenderFile {
    const outline = linesByContent.get(contentKey({ ...file, language: languageOf(file.path) }));
    return outline === undefined ? file : { ...file, outline };
  }

  /** Runs `ask` for each batch, keeping the counts that were made and telling progress. */
  async function countAll<Reply extends Measured | CountedFiles>(
    files: readonly ListedFile[],
    { maxFileBytes, signal, onProgress }: MeasureOptions,
    counter: CounterSource,
    kind: 'measure' | 'countFiles',
  ): Promise<Reply[]> {
    let done = 0;
    return Promise.all(
      batches(files).map(async batch => {
        const reply = (await pool.run({ kind, files: batch, maxFileBytes, counter }, signal)) as Reply;
        for (const [key, tokens] of reply.counted) counts.set(key, tokens);
        onProgress?.((done += batch.length));
        return reply;
      }),
    );
  }

  const measurerWith = (counter: CounterSource): Measurer => ({
    counts,
    counterId: counterIdOf(counter),
    withCounter: measurerWith,
    async inspectTokenizer(path, signal) {
      return ((await pool.run({ kind: 'inspect', path }, signal)) as Inspected).tokenizer;
    },
    async list(folders, { signal, ...options }) {
      return ((await pool.run({ kind: 'list', folders, options }, signal)) as Listed).listing;
    },
    async measure(files, options) {
      const results = await countAll<Measured>(files, options, counter, 'measure');
      return {
        files: results.flatMap(r => r.files),
        skips: results.flatMap(r => r.skips),
        readMs: sum(results.map(r => r.readMs)),
        countMs: sum(results.map(r => r.countMs)),
      };
    },
    async countFiles(files, options) {
      const results = await countAll<CountedFiles>(files, options, counter, 'countFiles');
      return { files: results.flatMap(r => r.files), skips: results.flatMap(r => r.skips) };
    },
    async render(files, { maxFileBytes, signal }) {
      if (signal !== undefined) setMaxListeners(0, signal);
      const known = files.map(file => (file.form === 'outline' ? withLines(file) : file));
      const results = await Promise.all(
        batches(known).map(
          async batch => (await pool.run({ kind: 'render', files: batch, maxFileBytes }, signal)) as Rendered,
        ),
      );
      return results.flatMap(r => r.segments);
    },
    async count(text, signal) {
      return ((await pool.run({ kind: 'count', text, counter }, signal)) as Counted).tokens;
    },
    async countEach(texts, signal) {
      const id = counterIdOf(counter);
      const unknown = texts.filter(text => !tokensOfText.has(`${id} ${text}`));
      await Promise.all(
        batches(unknown, 4096).map(async batch => {
          const reply = await pool.run({ kind: 'countEach', texts: batch, counter }, signal);
          const { tokens } = reply as CountedEach;
          batch.forEach((text, i) => remember(tokensOfText, `${id} ${text}`, tokens[i] ?? NaN));
        }),
      );
      return texts.map(text => tokensOfText.get(`${id} ${text}`) ?? NaN);
    },
    async outlines(files, { maxFileBytes, signal }) {
      if (signal !== undefined) setMaxListeners(0, signal);
      const id = counterIdOf(counter);
      const keys = files.map(file => outlineKey(id, file.path, file.hash));
      const unknown = files.filter((_, i) => !counts.has(keys[i] ?? ''));
      await Promise.all(
        batches(unknown, outlineBatchSize).map(async batch => {
          const request = { kind: 'outline', files: batch.map(planned), maxFileBytes, counter } as const;
          const { outlines, counted } = (await pool.run(request, signal)) as Outlined;
          for (const [key, tokens] of counted) counts.set(key, tokens);
          batch.forEach((file, i) => {
            const lines = outlines[i]?.lines;
            if (lines !== undefined) remember(linesByContent, contentKey(file), lines);
          });
        }),
      );
      // Still unknown are files that are no longer there as they were.
      return keys.map(key => {
        const tokens = counts.get(key) ?? 0;
        return tokens === 0 ? null : { tokens };
      });
    },
    async centrality(files, { maxFileBytes, signal }) {
      if (signal !== undefined) setMaxListeners(0, signal);
      const asked = files.filter(
        file => hasImports(file.language) && !importsByContent.has(contentKey(file)),
      );
      await Promise.all(
        batches(asked).map(async batch => {
          const request = { kind: 'imports', files: batch.map(planned), maxFileBytes } as const;
          const { imports } = (await pool.run(request, signal)) as Imports;
          batch.forEach((file, i) => remember(importsByContent, contentKey(file), imports[i] ?? ''));
        }),
      );
      const imports = files.map(file => importsByContent.get(contentKey(file)) ?? '');
      const paths = files.map(file => file.path);
      if (
        lastGraph === undefined ||
        !sameItems(lastGraph.paths, paths) ||
        !sameItems(lastGraph.imports, imports)
      ) {
        const { centrality } = (await pool.run({ kind: 'centrality', paths, imports }, signal)) as Central;
        lastGraph = { paths, imports, centrality };
      }
      return lastGraph.centrality;
    },
    dispose: () => pool.dispose(),
  });
  return measurerWith(o200k);
}

function batches<T>(items: readonly T[], size = batchSize): T[][] {
  const all: T[][] = [];
  for (let i = 0; i < items.length; i += size) all.push(items.slice(i, i + size));
  return all;
}

/** What a worker needs of a file; the rest would only be copied. */
function planned({ path, absolutePath, hash }: RenderFile): RenderFile {
  return { path, absolutePath, hash };
}

/** What a file's language makes of its content. */
function contentKey({ hash, language }: { readonly hash: string; readonly language: string }): string {
  return `${language} ${hash}`;
}

const mostRemembered = 200_000;

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size > mostRemembered) map.delete(map.keys().next().value ?? '');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
