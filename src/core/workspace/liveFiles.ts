import type { FileListing } from './listFiles.ts';
import { noStamp } from './stamp.ts';
import type { Inventory, LeftOutFile, ListedFile, Skip, SourceFile } from './types.ts';

/** What a look at the workspace says is there. */
export type ListingNews =
  | { readonly kind: 'all'; readonly listing: FileListing }
  /** What stood at or below `gone` is no longer there, unless `listing` has it. */
  | { readonly kind: 'some'; readonly gone: readonly string[]; readonly listing?: FileListing };

/** A file that was just measured, with the stamp it had before. */
export interface Look {
  readonly file: ListedFile;
  readonly stamp: string;
}

interface Entry extends Look {
  /** Exactly one of the two. */
  readonly source?: SourceFile;
  readonly skip?: Skip;
}

/** Everything known of a workspace's files, by path. */
export interface LiveFiles {
  has(path: string): boolean;
  file(path: string): ListedFile | undefined;
  /** Whether what is known of the file was measured from this content. */
  isCurrent(file: ListedFile, stamp: string): boolean;
  /** Takes in a listing and measurements, all at once. Measured paths that nothing lists are passed over. */
  apply(
    news: ListingNews,
    looked: readonly Look[],
    measured: { readonly files: readonly SourceFile[]; readonly skips: readonly Skip[] },
  ): void;
  snapshot(listing: Pick<FileListing, 'folders' | 'listedBy' | 'notes'>): Inventory;
}

export function createLiveFiles(): LiveFiles {
  let entries = new Map<string, Entry>();
  let listSkips = new Map<string, Skip>();
  let leftOut = new Map<string, LeftOutFile>();
  let sorted: Pick<Inventory, 'files' | 'skips' | 'leftOut'> | undefined;

  function inOrder(): Pick<Inventory, 'files' | 'skips' | 'leftOut'> {
    const all = [...entries.values()];
    sorted ??= {
      files: all.flatMap(e => e.source ?? []).sort(byPath),
      skips: [...listSkips.values(), ...all.flatMap(e => e.skip ?? [])].sort(byPath),
      leftOut: [...leftOut.values()].sort(byPath),
    };
    return sorted;
  }

  function remove(gone: readonly string[]): void {
    const before = inOrder();
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

  return {
    has: path => entries.has(path),
    file: path => entries.get(path)?.file,
    isCurrent(file, stamp) {
      const entry = entries.get(file.path);
      if (entry === undefined || entry.file.content !== file.content) return false;
      return file.content !== undefined || (stamp !== noStamp && entry.stamp === stamp);
    },
    apply(news, looked, measured) {
      const fresh = new Map<string, Entry>();
      const sources = new Map(measured.files.map(f => [f.path, f]));
      const skips = new Map(measured.skips.map(s => [s.path, s]));
      for (const look of looked) {
        const source = sources.get(look.file.path);
        const skip = skips.get(look.file.path);
        if (source !== undefined) fresh.set(look.file.path, { ...look, source });
        else if (skip !== undefined) fresh.set(look.file.path, { ...look, skip });
      }
      // What is the same stays the same object: whatever was found out of it holds.
      if (news.kind === 'some' && news.gone.length === 0 && looked.length === 0 && news.listing === undefined)
        return;
      if (news.kind === 'all') {
        const { listing } = news;
        const still = listing.files.flatMap(({ path }) => fresh.get(path) ?? entries.get(path) ?? []);
        entries = new Map(still.map(entry => [entry.file.path, entry]));
        listSkips = new Map(listing.skips.map(skip => [skip.path, skip]));
        leftOut = new Map(listing.leftOut.map(file => [file.path, file]));
      } else {
        if (news.gone.length > 0) remove(news.gone);
        for (const [path, entry] of fresh) entries.set(path, entry);
        for (const skip of news.listing?.skips ?? []) listSkips.set(skip.path, skip);
        for (const file of news.listing?.leftOut ?? []) leftOut.set(file.path, file);
      }
      sorted = undefined;
    },
    snapshot: ({ folders, listedBy, notes }) => ({ folders, listedBy, notes, ...inOrder() }),
  };
}

/** Where a path stands, or would stand, in a sorted list. */
function firstAt(list: readonly { readonly path: string }[], path: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.path ?? '') < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
