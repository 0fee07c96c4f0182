import { eachInTurns, pacer } from '../pace.ts';
import { findPlaces } from '../workspace/byPath.ts';
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
): Promise<Signals> {
  const [imports, history] = await Promise.all([
    importsOfFiles(inventory, options, measurer),
    historyOf(inventory, options, measurer),
  ]);
  const { code, scores, importers } = imports;
  const before = gathered.get(inventory.files);
  if (before?.scores === scores && before.history === history) return before.signals;
  const { changed, lastChanged } = history;
  const placeOf = findPlaces(code);
  const central = {
    get(path: string) {
      const at = placeOf(path);
      // Nothing is said of a file that nobody imports.
      if (at === undefined || (importers[at] ?? 0) === 0) return undefined;
      return { score: scores[at] ?? 1, importers: importers[at] ?? 0 };
    },
  };
  const signals = { central, ...(changed && { changed }), ...(lastChanged && { lastChanged }) };
  gathered.set(inventory.files, { scores, history, signals });
  return signals;
}

type Signals = Pick<RankContext, 'changed' | 'lastChanged' | 'central'>;

/** By the files of an inventory: the same object while there is no news, so that nothing is ranked again for it. */
const gathered = new WeakMap<
  Inventory['files'],
  { readonly scores: Float64Array; readonly history: WorkspaceHistory; readonly signals: Signals }
>();

/** The files whose imports can be read, and what was found of them, in the order of `code`. */
export async function importsOfFiles(
  { files }: Pick<Inventory, 'files'>,
  { maxFileBytes, signal }: SignalOptions,
  measurer: Pick<Measurer, 'centrality'>,
): Promise<Centrality & { readonly code: readonly SourceFile[] }> {
  let code = codeOf.get(files);
  if (code === undefined) {
    const some: SourceFile[] = [];
    await eachInTurns(files, pacer(signal), file => {
      if (hasImports(file.language)) some.push(file);
    });
    codeOf.set(files, (code = some));
  }
  const found = await measurer.centrality(code, { maxFileBytes, ...(signal && { signal }) });
  return { ...found, code };
}

const codeOf = new WeakMap<Inventory['files'], readonly SourceFile[]>();

/** Of each folder, as read last: most plans find the repository in the state it was in. */
const histories = new Map<string, FileHistory>();

export interface WorkspaceHistory extends Pick<RankContext, 'changed' | 'lastChanged'> {
  /** What the branches are compared with, each once; none where there is but the last commit to compare with. */
  readonly bases: readonly string[];
}

/** The same object each time: see {@link gatherSignals}. */
const noHistory: WorkspaceHistory = { bases: [] };

/** By git, of the folders it knows; nothing is known of `changed` where it knows none. */
export async function historyOf(
  { folders, files, listedBy }: Pick<Inventory, 'folders' | 'files' | 'listedBy'>,
  { trusted = false, roughly = false, signal }: Omit<SignalOptions, 'maxFileBytes'>,
  measurer: Pick<Measurer, 'history'>,
): Promise<WorkspaceHistory> {
  if (!trusted) return noHistory;
  const found = await Promise.all(
    folders.map(async ({ path }, i) => {
      if (listedBy[i] !== 'git') return undefined;
      const known = histories.get(path);
      const history = roughly && known !== undefined ? known : await measurer.history(path, known, signal);
      if (history !== undefined) histories.set(path, history);
      return history;
    }),
  );
  if (found.every(history => history === undefined)) return noHistory;
  const before = told.get(files);
  if (before?.of.length === found.length && before.of.every((history, i) => history === found[i]))
    return before.history;
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
  const history = { changed, lastChanged, bases: [...bases] };
  told.set(files, { of: found, history });
  return history;
}

/** By the files of an inventory. */
const told = new WeakMap<
  Inventory['files'],
  { readonly of: readonly (FileHistory | undefined)[]; readonly history: WorkspaceHistory }
>();
