import { performance } from 'node:perf_hooks';

import type { TokenCounter } from '../tokens/counter.ts';
import { readSource } from '../workspace/readSource.ts';
import type { ListedFile, Skip, SourceFile } from '../workspace/types.ts';
import { fileSegment } from './frame.ts';
import { countKey, type Measured, type Rendered, type RenderFile } from './measureProtocol.ts';

export interface MeasureDeps {
  readonly counter: TokenCounter;
  /** Counts by {@link countKey}; new ones are added. */
  readonly counts: Map<string, number>;
}

/** Reads and counts one batch, synchronously: in a worker that is the fast way (packers.md 2.3). */
export function measureFiles(
  files: readonly ListedFile[],
  maxFileBytes: number,
  deps: MeasureDeps,
): Measured {
  const measured: SourceFile[] = [];
  const skips: Skip[] = [];
  const counted: [string, number][] = [];
  let readMs = 0;
  let countMs = 0;
  for (const file of files) {
    const start = performance.now();
    const source = readSource(file, { maxBytes: maxFileBytes });
    const read = performance.now();
    readMs += read - start;
    if (source.kind === 'skip') {
      skips.push({ path: file.path, reason: source.reason });
      continue;
    }
    const key = countKey(deps.counter.id, file.path, source.hash);
    let tokens = deps.counts.get(key);
    if (tokens === undefined) {
      tokens = deps.counter.countText(fileSegment(file.path, source.text));
      deps.counts.set(key, tokens);
      counted.push([key, tokens]);
    }
    countMs += performance.now() - read;
    const { bytes, lines, language, hash } = source;
    measured.push({ path: file.path, absolutePath: file.absolutePath, bytes, lines, language, hash, tokens });
  }
  return { kind: 'measured', files: measured, skips, readMs, countMs, counted };
}

/** Frames one batch. A file that changed since it was planned comes back as null, never with other content. */
export function renderFiles(files: readonly RenderFile[], maxFileBytes: number): Rendered {
  const encoder = new TextEncoder();
  return {
    kind: 'rendered',
    segments: files.map(file => {
      const source = readSource(file, { maxBytes: maxFileBytes });
      if (source.kind === 'skip' || source.hash !== file.hash) return null;
      return encoder.encode(fileSegment(file.path, source.text));
    }),
  };
}
