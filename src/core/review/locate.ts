import { pacer } from '../pace.ts';
import { countingMeasurer } from '../pack/countingMeasurer.ts';
import type { Measurer } from '../pack/measurer.ts';
import { takeInventory } from '../workspace/inventory.ts';
import type { Inventory } from '../workspace/types.ts';
import { countingFor } from './counting.ts';
import type { PrepareRequest } from './prepareTypes.ts';

/** A file as a pack frames it, without its frame line. */
interface FramedFile {
  readonly path: string;
  readonly body: string;
}

interface Found {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly quote?: string;
  readonly symbol?: string;
  readonly lines: readonly string[];
}

/** The offline reader's search; hosts wire it in. */
export type Search = (
  files: readonly FramedFile[],
  query: string,
  count: number,
  signal: AbortSignal,
) => Promise<{ readonly passages: readonly Found[]; readonly words: readonly string[] }>;

/** Where the files of a workspace speak of something. Best first; lines are 1-based, inclusive. */
export interface Located {
  readonly passages: readonly Found[];
  /** Paths that hold the query as it is written. */
  readonly paths: readonly string[];
  readonly words: readonly string[];
  readonly searchedFiles: number;
}

export type WorkspaceRequest = Pick<PrepareRequest, 'folders' | 'trusted' | 'settings' | 'takeInventory'>;

const mostPaths = 20;
/** Files framed at a time, so that a large workspace does not stand in memory twice. */
const batch = 500;

/** Searches today's files by words, names and paths. No model, no network. Throws as `takeInventory` does. */
export async function locate(
  query: string,
  count: number,
  request: WorkspaceRequest,
  signal: AbortSignal,
  { measurer, search }: { readonly measurer: Measurer; readonly search: Search },
): Promise<Located> {
  const inventory = await inventoryOf(request, signal, measurer);
  const { maxFileBytes } = request.settings;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const breathe = pacer(signal);
  const files: FramedFile[] = [];
  for (let from = 0; from < inventory.files.length; from += batch) {
    const some = inventory.files.slice(from, from + batch);
    const segments = await measurer.render(some, { maxFileBytes, signal });
    for (const [i, segment] of segments.entries()) {
      const path = some[i]?.path;
      // Changed or gone since it was measured: the next call finds it as it is then.
      if (segment === null || path === undefined) continue;
      const text = decoder.decode(segment);
      files.push({ path, body: text.slice(text.indexOf('\n') + 1) });
      await breathe();
    }
  }
  const { passages, words } = await search(files, query, count, signal);
  const wanted = query.trim().toLowerCase();
  const paths = inventory.files
    .map(f => f.path)
    .filter(path => path.toLowerCase().includes(wanted))
    .slice(0, mostPaths);
  return { passages, paths, words, searchedFiles: files.length };
}

export async function inventoryOf(
  { folders, trusted, settings, takeInventory: take = takeInventory }: WorkspaceRequest,
  signal: AbortSignal,
  measurer: Measurer,
): Promise<Inventory> {
  const options = { maxFileBytes: settings.maxFileBytes, trusted, signal };
  const counted = countingMeasurer(measurer, countingFor(null));
  return (await take(folders, options, counted)).inventory;
}
