import { eachInTurns, pacer } from '../pace.ts';
import type { FileHistory } from '../workspace/history.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import type { Centrality } from './graph.ts';
import type { Measurer } from './measurer.ts';
import { hasImports } from './imports.ts';
import type { RankContext } from './rank.ts';

export interface SignalOptions {
  readonly maxFileBytes: number;
  /** False: git is not asked. */
  readonly trusted?: boolean;
  /** What git told last will do, where it told anything. */
  readonly roughly?: boolean;
  readonly signal?: AbortSignal;
}

/** What an inventory does not tell of its files, and costs little: their imports of each other, and their history. */
export async function gatherSignals(
  inventory: Inventory,
  options: SignalOptions,
  measurer: Measurer,
): Promise<Pick<RankContext, 'changed' | 'lastChanged' | 'central'>> {
  const [{ code, scores, importers }, { changed, lastChanged }] = await Promise.all([
    importsOfFiles(inventory, options, measurer),
    historyOf(inventory, options, measurer),
  ]);
  const central = new Map<string, { readonly score: number; readonly importers: number }>();
  let at = 0;
  await eachInTurns(code, pacer(options.signal), ({ path }) => {
    const found = { score: scores[at] ?? 1, importers: importers[at] ?? 0 };
    at++;
    // Nothing is said of a file that nobody imports.
    if (found.importers > 0) central.set(path, found);
  });
  return { central, ...(changed && { changed }), ...(lastChanged && { lastChanged }) };
}

/** The files whose imports can be read, and what was found of them, in the order of `code`. */
export async function importsOfFiles(
  { files }: Pick<Inventory, 'files'>,
  { maxFileBytes, signal }: SignalOptions,
  measurer: Pick<Measurer, 'centrality'>,
): Promise<Centrality & { readonly code: readonly SourceFile[] }> {
  const code: SourceFile[] = [];
  await eachInTurns(files, pacer(signal), file => {
    if (hasImports(file.language)) code.push(file);
  });
  const found = await measurer.centrality(code, { maxFileBytes, ...(signal && { signal }) });
  return { ...found, code };
}

/** Of each folder, as read last: most plans find the repository in the state it was in. */
const histories = new Map<string, FileHistory>();

export interface WorkspaceHistory extends Pick<RankContext, 'changed' | 'lastChanged'> {
  /** What the branches are compared with, each once; none where there is but the last commit to compare with. */
  readonly bases: readonly string[];
}

/** By git, of the folders it knows; nothing is known of `changed` where it knows none. */
export async function historyOf(
  { folders, files, listedBy }: Pick<Inventory, 'folders' | 'files' | 'listedBy'>,
  { trusted = false, roughly = false, signal }: Omit<SignalOptions, 'maxFileBytes'>,
  measurer: Pick<Measurer, 'history'>,
): Promise<WorkspaceHistory> {
  if (!trusted) return { bases: [] };
  const found = await Promise.all(
    folders.map(async ({ path }, i) => {
      if (listedBy[i] !== 'git') return undefined;
      const known = histories.get(path);
      const history = roughly && known !== undefined ? known : await measurer.history(path, known, signal);
      if (history !== undefined) histories.set(path, history);
      return history;
    }),
  );
  if (found.every(history => history === undefined)) return { bases: [] };
  const changedAbsolute = new Set(found.flatMap(history => [...(history?.changed ?? [])]));
  const changed = new Set<string>();
  const lastChanged = new Map<string, number>();
  await eachInTurns(files, pacer(signal), ({ path, absolutePath, content }) => {
    // What an editor shows and has not saved is a change that git cannot see.
    if (content !== undefined || changedAbsolute.has(absolutePath)) changed.add(path);
    for (const history of found) {
      const ago = history?.lastChanged.get(absolutePath);
      if (ago !== undefined) lastChanged.set(path, Math.min(ago, lastChanged.get(path) ?? Infinity));
    }
  });
  const bases = new Set(found.flatMap(history => history?.base ?? []));
  return { changed, lastChanged, bases: [...bases] };
}
