import { readHistory, type FileHistory } from '../workspace/history.ts';
import type { Inventory } from '../workspace/types.ts';
import type { Measurer } from './measurer.ts';
import { hasImports } from './imports.ts';
import type { RankContext } from './rank.ts';

export interface SignalOptions {
  readonly maxFileBytes: number;
  /** False: git is not asked. */
  readonly trusted?: boolean;
  readonly signal?: AbortSignal;
}

/** What an inventory does not tell of its files, and costs little: their imports of each other, and their history. */
export async function gatherSignals(
  inventory: Inventory,
  options: SignalOptions,
  measurer: Measurer,
): Promise<Pick<RankContext, 'changed' | 'lastChanged' | 'central'>> {
  const [central, history] = await Promise.all([
    centralFiles(inventory, options, measurer),
    historyOf(inventory, options),
  ]);
  return { central, ...history };
}

async function centralFiles(
  { files }: Inventory,
  { maxFileBytes, signal }: SignalOptions,
  measurer: Measurer,
): Promise<NonNullable<RankContext['central']>> {
  const code = files.filter(file => hasImports(file.language));
  const { scores, importers } = await measurer.centrality(code, {
    maxFileBytes,
    ...(signal && { signal }),
  });
  return new Map(
    code.map(({ path }, i) => [path, { score: scores[i] ?? 1, importers: importers[i] ?? 0 }] as const),
  );
}

/** Of each folder, as read last: most plans find the repository in the state it was in. */
const histories = new Map<string, FileHistory>();

async function historyOf(
  { folders, files, listedBy }: Inventory,
  { trusted = false, signal }: SignalOptions,
): Promise<Pick<RankContext, 'changed' | 'lastChanged'>> {
  if (!trusted) return {};
  const found = await Promise.all(
    folders.map(async ({ path }, i) => {
      if (listedBy[i] !== 'git') return undefined;
      const history = await readHistory(path, { signal, known: histories.get(path) });
      if (history !== undefined) histories.set(path, history);
      return history;
    }),
  );
  const changedAbsolute = new Set(found.flatMap(history => [...(history?.changed ?? [])]));
  const changed = new Set<string>();
  const lastChanged = new Map<string, number>();
  for (const { path, absolutePath } of files) {
    if (changedAbsolute.has(absolutePath)) changed.add(path);
    for (const history of found) {
      const ago = history?.lastChanged.get(absolutePath);
      if (ago !== undefined) lastChanged.set(path, Math.min(ago, lastChanged.get(path) ?? Infinity));
    }
  }
  return { changed, lastChanged };
}
