import { performance } from 'node:perf_hooks';

import type { FileListing } from './listFiles.ts';
import { comparePaths } from './byPath.ts';
import type { Inventory, ListedFile, Skip, SourceFile, WorkspaceFolder } from './types.ts';
import { noWorkspace } from './skips.ts';
import type { Settled, StampPart } from './stampParts.ts';

export interface InventoryOptions {
  /** Larger files become skips. Bytes. */
  readonly maxFileBytes: number;
  /** False: git is never called, the walk serves. */
  readonly trusted: boolean;
  /** Absolute paths of files Longview is about to write. */
  readonly ownOutputs?: readonly string[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: InventoryProgress) => void;
}

export type InventoryProgress =
  { readonly kind: 'listing' } | { readonly kind: 'reading'; readonly done: number; readonly total: number };

export interface InventoryTimings {
  readonly list: number;
  /** CPU time over all workers. */
  readonly read: number;
  /** Looking for secrets; CPU time as well. */
  readonly scan: number;
  readonly count: number;
}

/** Everything slow, wherever it runs; in the products that is a worker thread. */
export interface InventoryDeps {
  /** As `listFiles`. */
  list(
    folders: readonly WorkspaceFolder[],
    options: {
      trusted: boolean;
      ownOutputs?: readonly string[];
      only?: readonly string[];
      signal?: AbortSignal;
    },
  ): Promise<FileListing>;
  /** Of every `stampsInPart` files, in order; with the digests that are known of parts. */
  stamps(files: readonly ListedFile[], known: Settled, signal?: AbortSignal): Promise<readonly StampPart[]>;
  /** Names all that a measurement depends on beside the content: what counts, what the user decided. */
  readonly measureId: string;
  /** Reads, classifies, hashes and counts. */
  measure(
    files: readonly ListedFile[],
    options: { maxFileBytes: number; signal?: AbortSignal; onProgress?: (done: number) => void },
  ): Promise<{
    files: readonly SourceFile[];
    skips: readonly Skip[];
    readMs: number;
    scanMs: number;
    countMs: number;
  }>;
}

/** Finds and measures every file of the open folders. Throws `no-workspace`, or `signal.reason`. */
export async function takeInventory(
  folders: readonly WorkspaceFolder[],
  options: InventoryOptions,
  deps: InventoryDeps,
): Promise<{ inventory: Inventory; timings: InventoryTimings }> {
  if (folders.length === 0) {
    throw noWorkspace();
  }
  const { signal, onProgress } = options;
  const start = performance.now();
  onProgress?.({ kind: 'listing' });
  const listed = await deps.list(folders, {
    trusted: options.trusted,
    ...(options.ownOutputs && { ownOutputs: options.ownOutputs }),
    ...(signal && { signal }),
  });
  const list = performance.now() - start;
  const total = listed.files.length;
  const measured = await deps.measure(listed.files, {
    maxFileBytes: options.maxFileBytes,
    ...(signal && { signal }),
    onProgress: done => onProgress?.({ kind: 'reading', done, total }),
  });
  const skips = [...listed.skips, ...measured.skips].sort(comparePaths);
  return {
    inventory: {
      folders: listed.folders,
      files: measured.files,
      skips,
      leftOut: listed.leftOut,
      listedBy: listed.listedBy,
      notes: listed.notes,
    },
    timings: { list, read: measured.readMs, scan: measured.scanMs, count: measured.countMs },
  };
}
