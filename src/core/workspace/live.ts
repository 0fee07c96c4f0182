/** An inventory that is kept up to date: events say what changed, and only that is looked at again. */
import { performance } from 'node:perf_hooks';

import { giveWay, inTurns, pacer } from '../pace.ts';
import { workspacePath } from './folderPaths.ts';
import type { InventoryDeps, InventoryOptions, InventoryTimings } from './inventory.ts';
import type { FileListing } from './listFiles.ts';
import { createLiveFiles, lookAt, type ListingNews, type LiveFiles, type Look } from './liveFiles.ts';
import {
  lookAtPart,
  nothingSettled,
  settledBy,
  stampsInPart,
  unsettle,
  type PartLook,
  type Settled,
} from './stampParts.ts';
import type { Inventory, ListedFile, WorkspaceFolder } from './types.ts';
import { noWorkspace } from './skips.ts';

/** What happened to a path; `all` where anything may have. */
export type FileEvent =
  | { readonly kind: 'changed' | 'created' | 'deleted'; readonly absolutePath: string }
  | { readonly kind: 'all' };

export interface LiveInventory {
  /** Notes an event; {@link take} acts on it. False where it cannot concern the inventory. */
  note(event: FileEvent): boolean;
  /** What an editor shows of a file that is not saved; undefined where it shows what is on disk. */
  setUnsaved(absolutePath: string, text: string | undefined): void;
  unsaved(absolutePath: string): string | undefined;
  /**
   * The inventory with all that was noted. `thorough` trusts no event: lists anew, and reads every file whose stamp
   * is not the one it was read at. Signature and errors are `takeInventory`'s; calls wait for each other.
   */
  take(
    folders: readonly WorkspaceFolder[],
    options: LiveOptions,
    deps: InventoryDeps,
  ): Promise<{ readonly inventory: Inventory; readonly timings: InventoryTimings }>;
}

type LiveOptions = InventoryOptions & { readonly thorough?: boolean };

/** More paths than this at once: one listing is cheaper than to ask for each. */
const mostPaths = 200;
/** No file's path. */
const outside = '/';
const ignoreFiles = new Set(['.gitignore', '.ignore', '.longviewignore', '.gitmodules']);
/** Files of git's own folder that decide what is listed: the index, the branch, the rules. */
const gitState =
  /[\\/]\.git(?:$|[\\/](?:(?:modules|worktrees)[\\/].*)?(?:index|HEAD|config|info[\\/]exclude)$)/;

interface State {
  readonly basis: string;
  /** The last one of everything. */
  readonly listing: FileListing;
  readonly files: LiveFiles;
  /** Whether {@link files} are those of {@link listing}: no event has added or removed any since. */
  readonly isAsListed: boolean;
  /** Of {@link listing}; counts where {@link isAsListed}. */
  readonly settled: Settled;
}

type Pending = Map<string, 'changed' | 'created' | 'deleted'>;

export function createLiveInventory(): LiveInventory {
  let pending: Pending = new Map();
  let relist = true;
  let state: State | undefined;
  let measureId = '';
  const unsaved = new Map<string, string>();
  let queue: Promise<unknown> = Promise.resolve();

  function note(event: FileEvent): boolean {
    if (event.kind === 'all') {
      relist = true;
      return true;
    }
    const path = event.absolutePath;
    const parts = path.split(/[\\/]/);
    if (parts.includes('.git')) {
      if (!gitState.test(path)) return false;
      relist = true;
    } else if (ignoreFiles.has(parts.at(-1) ?? '')) relist = true;
    else if (event.kind === 'changed' && state !== undefined && !isKnown(path)) return false;
    // Created and then changed is still created.
    else if (event.kind !== 'changed' || !pending.has(path)) pending.set(path, event.kind);
    if (pending.size > mostPaths) relist = true;
    return true;
  }

  function isKnown(absolutePath: string): boolean {
    return pending.has(absolutePath) || state?.files.has(pathOf(absolutePath)) === true;
  }

  const pathOf = (absolutePath: string) =>
    workspacePath(absolutePath, state?.listing.folders ?? []) ?? outside;

  const unsavedPaths = () => [...unsaved.keys()].map(pathOf);

  const withContent = (file: ListedFile): ListedFile => {
    const content = unsaved.get(file.absolutePath);
    const { path, absolutePath } = file;
    if (content === undefined && file.content === undefined) return file;
    return content === undefined ? { path, absolutePath } : { path, absolutePath, content };
  };

  async function update(
    folders: readonly WorkspaceFolder[],
    options: LiveOptions,
    deps: InventoryDeps,
  ): Promise<{ inventory: Inventory; timings: InventoryTimings }> {
    if (folders.length === 0) {
      throw noWorkspace();
    }
    const { trusted, maxFileBytes, ownOutputs = [], signal } = options;
    const basis = JSON.stringify([folders, trusted, maxFileBytes, ownOutputs]);
    const known = state?.basis === basis ? state : undefined;
    // Once: what the user decides meanwhile is for the next time.
    const { measureId: nowId } = deps;
    const recount = measureId !== nowId;
    const all = known === undefined || recount || relist || options.thorough === true;
    const taken = pending;
    pending = new Map();
    relist = false;
    try {
      const start = performance.now();
      const breathe = pacer(signal);
      // What no event has added to, or removed from, since it was listed, and nobody has to count anew.
      const kept = all && !recount && known?.isAsListed === true ? known : undefined;
      const settled = unsettle(kept?.settled ?? nothingSettled, kept?.listing.files ?? [], unsavedPaths());
      // What is known is looked at while git lists.
      const early =
        all && known !== undefined ? deps.stamps(known.listing.files, settled, signal) : undefined;
      early?.catch(() => undefined);
      const news = all
        ? await listAll(folders, options, deps)
        : await listSome(known.listing.folders, taken, options, deps);
      const list = performance.now() - start;
      const files = known?.files ?? createLiveFiles();
      const isGone = (path: string) =>
        news.kind === 'some' && news.gone.some(gone => path === gone || path.startsWith(`${gone}/`));
      const edited = all
        ? []
        : [...taken.keys()].flatMap(path => files.file(pathOf(path)) ?? []).filter(f => !isGone(f.path));
      const listed = news.listing?.files ?? [];
      const isListedAgain = known !== undefined && news.listing === known.listing;
      const toLook = all ? listed : onceEach([...edited, ...listed]);
      const stamps =
        isListedAgain && early !== undefined
          ? await early
          : await deps.stamps(toLook, nothingSettled, signal);
      const parts: PartLook[] = [];
      const looked: Look[] = [];
      for (const [i, part] of stamps.entries()) {
        const inPart = toLook.slice(i * stampsInPart, (i + 1) * stampsInPart);
        const look = lookAtPart(part, inPart, (listedFile, stamp) => {
          const file = withContent(listedFile);
          return recount || !files.isCurrent(file, stamp) ? { file, look: lookAt(file, stamp) } : { file };
        });
        parts.push(look);
        for (const one of look.looks) looked.push(one);
        await breathe();
      }
      const measured = await deps.measure(
        looked.map(look => look.file),
        {
          maxFileBytes,
          ...(signal && { signal }),
          onProgress: done => options.onProgress?.({ kind: 'reading', done, total: looked.length }),
        },
      );
      await giveWay(signal);
      // The same listing as before changes nothing but what was looked at, unless events did since.
      const isUntouched = isListedAgain && known.isAsListed;
      const change = isUntouched ? ({ kind: 'some', gone: [] } as const) : news;
      await inTurns(files.apply(change, looked, measured), breathe);
      const listing = news.kind === 'all' ? news.listing : (known?.listing ?? news.listing);
      if (listing === undefined) throw new Error('A workspace that was never listed.');
      const isAsListed =
        news.kind === 'all' || (known?.isAsListed === true && news.gone.length === 0 && !news.listing);
      measureId = nowId;
      const touched = all ? [] : looked.map(look => look.file.path);
      const settledNow = all ? settledBy(parts) : unsettle(known.settled, known.listing.files, touched);
      state = { basis, listing, files, isAsListed, settled: settledNow };
      return {
        inventory: await inTurns(files.snapshot(listing), breathe),
        timings: { list, read: measured.readMs, scan: measured.scanMs, count: measured.countMs },
      };
    } catch (error) {
      // Nothing that was noted is lost where nobody could act on it.
      relist ||= all;
      for (const [path, kind] of taken) if (!pending.has(path)) pending.set(path, kind);
      throw error;
    }
  }

  return {
    note,
    setUnsaved(absolutePath, text) {
      if (unsaved.get(absolutePath) === text) return;
      if (text === undefined) unsaved.delete(absolutePath);
      else unsaved.set(absolutePath, text);
      note({ kind: 'changed', absolutePath });
    },
    unsaved: absolutePath => unsaved.get(absolutePath),
    take(folders, options, deps) {
      const taken = queue.then(() => update(folders, options, deps));
      queue = taken.catch(() => undefined);
      return taken;
    },
  };
}

async function listAll(
  folders: readonly WorkspaceFolder[],
  { trusted, ownOutputs, signal, onProgress }: LiveOptions,
  deps: InventoryDeps,
): Promise<ListingNews> {
  onProgress?.({ kind: 'listing' });
  const options = { trusted, ...(ownOutputs && { ownOutputs }), ...(signal && { signal }) };
  return { kind: 'all', listing: await deps.list(folders, options) };
}

/** The last of each path. */
function onceEach(files: readonly ListedFile[]): ListedFile[] {
  return [...new Map(files.map(file => [file.path, file])).values()];
}

/** Asks of created and deleted paths alone: whether git, or the rules, let them be seen. */
async function listSome(
  folders: readonly WorkspaceFolder[],
  pending: Pending,
  { trusted, ownOutputs, signal }: LiveOptions,
  deps: InventoryDeps,
): Promise<ListingNews> {
  const only = [...pending].flatMap(([path, kind]) => (kind === 'changed' ? [] : [path]));
  if (only.length === 0) return { kind: 'some', gone: [] };
  const options = { trusted, only, ...(ownOutputs && { ownOutputs }), ...(signal && { signal }) };
  const gone = only.flatMap(path => workspacePath(path, folders) ?? []);
  return { kind: 'some', gone, listing: await deps.list(folders, options) };
}
