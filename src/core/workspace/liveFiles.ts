import type { Pausing } from '../pace.ts';
import { comparePaths, findNext, firstAt } from './byPath.ts';
import type { FileListing } from './listFiles.ts';
import { noStamp } from './stamp.ts';
import type { Inventory, LeftOutFile, ListedFile, Skip, SourceFile } from './types.ts';

/** What a look at the workspace says is there. */
export type ListingNews =
  | { readonly kind: 'all'; readonly listing: FileListing }
  /** What stood at or below `gone` is no longer there, unless `listing` has it. */
  | { readonly kind: 'some'; readonly gone: readonly string[]; readonly listing?: FileListing };

/** A file that is measured, with the stamp it had before. What is found of it is entered here: 100,000 times once. */
export interface Look {
  readonly file: ListedFile;
  readonly stamp: string;
  /** Exactly one of the two, once it has been measured; both stay absent where it is gone. */
  source: SourceFile | undefined;
  skip: Skip | undefined;
}

export function lookAt(file: ListedFile, stamp: string): Look {
  return { file, stamp, source: undefined, skip: undefined };
}

type Entry = Readonly<Look>;

type InOrder = Pick<Inventory, 'files' | 'skips' | 'leftOut'>;

/** Everything known of a workspace's files, by path. */
export interface LiveFiles {
  has(path: string): boolean;
  file(path: string): ListedFile | undefined;
  /** Whether what is known of the file was measured from this content. */
  isCurrent(file: ListedFile, stamp: string): boolean;
  /**
   * Takes in a listing and measurements, all at once at its end. Measured paths that nothing lists are passed over.
   * Costs what changed, where no more than contents did.
   */
  apply(
    news: ListingNews,
    looked: readonly Look[],
    measured: { readonly files: readonly SourceFile[]; readonly skips: readonly Skip[] },
  ): Pausing<void>;
  snapshot(listing: Pick<FileListing, 'folders' | 'listedBy' | 'notes'>): Pausing<Inventory>;
}

/** Files looked at without a pause. */
const piece = 1000;

export function createLiveFiles(): LiveFiles {
  let entries = new Map<string, Entry>();
  let listSkips = new Map<string, Skip>();
  let leftOut = new Map<string, LeftOutFile>();
  let sorted: InOrder | undefined;

  function* inOrder(): Pausing<InOrder> {
    if (sorted !== undefined) return sorted;
    const files: SourceFile[] = [];
    const skips = [...listSkips.values()];
    for (const { source, skip } of entries.values()) {
      if (source !== undefined) files.push(source);
      if (skip !== undefined) skips.push(skip);
      if (files.length % piece === 0) yield;
    }
    yield;
    // All but those that came since are in order already.
    files.sort(comparePaths);
    yield;
    sorted = { files, skips: skips.sort(comparePaths), leftOut: [...leftOut.values()].sort(comparePaths) };
    return sorted;
  }

  function remove(gone: readonly string[], before: InOrder): void {
    for (const path of gone) {
      for (const list of [before.files, before.skips, before.leftOut]) {
        for (let i = firstAt(list, path); i < list.length; i++) {
          const found = list[i]?.path ?? '';
          if (found !== path && path !== '' && !found.startsWith(`${path}/`)) {
            // "a-b" stands between "a" and "a/b".
            if (found > `${path}/`) break;
            continue;
          }
          entries.delete(found);
          listSkips.delete(found);
          leftOut.delete(found);
        }
      }
    }
  }

  /** The order with these files in the places of those before them; undefined where one has no place. */
  function replaced(before: InOrder, fresh: ReadonlyMap<string, Entry>): InOrder | undefined {
    // What is the same stays the same object: whatever was found out of it holds.
    if (fresh.size === 0) return before;
    const files = [...before.files];
    for (const [path, { source }] of fresh) {
      const at = firstAt(files, path);
      if (source === undefined || files[at]?.path !== path) return undefined;
      files[at] = source;
    }
    return { ...before, files };
  }

  function* applyAll(listing: FileListing, fresh: ReadonlyMap<string, Entry>): Pausing<void> {
    const still = new Map<string, Entry>();
    let looked = 0;
    for (const { path } of listing.files) {
      const entry = fresh.get(path) ?? entries.get(path);
      if (entry !== undefined) still.set(path, entry);
      if (++looked % piece === 0) yield;
    }
    entries = still;
    listSkips = new Map(listing.skips.map(skip => [skip.path, skip]));
    leftOut = new Map(listing.leftOut.map(file => [file.path, file]));
    sorted = undefined;
  }

  return {
    has: path => entries.has(path),
    file: path => entries.get(path)?.file,
    isCurrent(file, stamp) {
      const entry = entries.get(file.path);
      if (entry === undefined || entry.file.content !== file.content) return false;
      return file.content !== undefined || (stamp !== noStamp && entry.stamp === stamp);
    },
    *apply(news, looked, measured) {
      const fresh = new Map<string, Entry>();
      const sourceAt = findNext(measured.files);
      const skips = new Map(measured.skips.map(s => [s.path, s]));
      yield;
      for (const look of looked) {
        const { path } = look.file;
        look.source = sourceAt(path);
        look.skip = look.source === undefined ? skips.get(path) : undefined;
        if (look.source !== undefined || look.skip !== undefined) fresh.set(path, look);
        if (fresh.size % piece === 0) yield;
      }
      if (news.kind === 'all') return yield* applyAll(news.listing, fresh);
      const { gone, listing } = news;
      const isContentAlone = gone.length === 0 && listing === undefined;
      const order = isContentAlone && sorted !== undefined ? replaced(sorted, fresh) : undefined;
      if (gone.length > 0) remove(gone, yield* inOrder());
      for (const [path, entry] of fresh) entries.set(path, entry);
      for (const skip of listing?.skips ?? []) listSkips.set(skip.path, skip);
      for (const file of listing?.leftOut ?? []) leftOut.set(file.path, file);
      sorted = order;
    },
    *snapshot({ folders, listedBy, notes }) {
      return { folders, listedBy, notes, ...(yield* inOrder()) };
    },
  };
}
