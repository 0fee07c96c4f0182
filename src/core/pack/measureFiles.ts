import { performance } from 'node:perf_hooks';

import type { TokenCounter } from '../tokens/counter.ts';
import type { CountTable } from '../tokens/countTable.ts';
import { lettersByScript } from '../tokens/estimate.ts';
import { readSource } from '../workspace/readSource.ts';
import type { ListedFile, Skip, SourceFile } from '../workspace/types.ts';
import { fileSegment } from './frame.ts';
import {
  countKey,
  rawCountKey,
  type CountedFile,
  type CountedFiles,
  type Measured,
  type Rendered,
  type RenderFile,
} from './measureProtocol.ts';

export interface MeasureDeps {
  readonly counter: TokenCounter;
  /** Counts by {@link countKey}; new ones are added. */
  readonly counts: Pick<CountTable, 'get' | 'add'>;
}

/** Reads and counts one batch, synchronously: in a worker that is the fast way (packers.md 2.3). */
export function measureFiles(
  files: readonly ListedFile[],
  maxFileBytes: number,
  deps: MeasureDeps,
): Measured {
  const measured: SourceFile[] = [];
  const skips: Skip[] = [];
  const count = cached(deps);
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
    const tokens = count(key, () => fileSegment(file.path, source.text));
    const letters = lettersByScript(source.text);
    countMs += performance.now() - read;
    const { bytes, lines, language, hash } = source;
    const { path, absolutePath, content } = file;
    measured.push({
      path,
      absolutePath,
      ...(content !== undefined && { content }),
      bytes,
      lines,
      language,
      hash,
      tokens,
      ...(Object.keys(letters).length > 0 && { letters }),
    });
  }
  return { kind: 'measured', files: measured, skips, readMs, countMs };
}

/**
 * Counts files as they are: a byte order mark and CRLF line ends count as what they are. A file in another encoding
 * counts as the text it decodes to, because no endpoint is sent UTF-16.
 */
export function countFiles(
  files: readonly ListedFile[],
  maxFileBytes: number,
  deps: MeasureDeps,
): CountedFiles {
  const all: CountedFile[] = [];
  const skips: Skip[] = [];
  const count = cached(deps);
  for (const file of files) {
    const source = readSource(file, { maxBytes: maxFileBytes });
    if (source.kind === 'skip') {
      skips.push({ path: file.path, reason: source.reason });
      continue;
    }
    const { text, bytes, language, eol, bom, encoding, hash } = source;
    const tokens = count(rawCountKey(deps.counter.id, hash), () =>
      bom && encoding === 'utf-8' ? `\uFEFF${text}` : text,
    );
    const traits = { crlf: eol === 'crlf' || eol === 'mixed', letters: lettersByScript(text) };
    all.push({ path: file.path, language, bytes, tokens, traits });
  }
  return { kind: 'countedFiles', files: all, skips };
}

/** Looks a count up, or makes and keeps it. */
function cached({ counter, counts }: MeasureDeps) {
  return (key: Uint8Array, text: () => string): number => {
    const known = counts.get(key);
    if (known !== undefined) return known;
    const tokens = counter.countText(text());
    counts.add(key, tokens);
    return tokens;
  };
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
