import { readFile, stat } from 'node:fs/promises';
import * as vscode from 'vscode';

import { LongviewError } from '../core/errors.ts';
import { untilAborted } from '../core/inParallel.ts';
import { workspacePath } from '../core/workspace/folderPaths.ts';
import { comparePaths } from '../core/workspace/byPath.ts';
import type { InventoryDeps, InventoryOptions } from '../core/workspace/inventory.ts';
import type { FileListing } from '../core/workspace/listFiles.ts';
import { createMirror, type Mirror, type MirrorChange } from '../core/workspace/mirror.ts';
import { joinPath } from '../core/workspace/names.ts';
import type { RemoteFolder, RemoteKind } from '../core/workspace/remoteFolder.ts';
import type { WorkspaceFolder } from '../core/workspace/types.ts';
import { copyAround, keepCopies, removeCopies, removeLeftOvers, uriOf } from './places.ts';

/** The folders of this window that only VS Code can reach: their copies are kept up to date. */
export interface VirtualFolders {
  /** Something happened to a file. False where it is in no such folder. */
  note(uri: vscode.Uri): boolean;
  /** After {@link note}. */
  readonly onDidNote: vscode.Event<void>;
  /** Nothing that is known of them counts any more. */
  distrust(): void;
  /**
   * Makes the copies of these folders current, tells what changed in them, and does the work before anything else
   * touches them. Throws as `Mirror.update`.
   */
  during<T>(
    folders: readonly WorkspaceFolder[],
    options: Pick<InventoryOptions, 'maxFileBytes' | 'signal' | 'onProgress'> & {
      readonly thorough: boolean;
    },
    onChange: (change: MirrorChange) => void,
    work: () => Promise<T>,
  ): Promise<T>;
  /** A listing of the copies also says what could not be copied, and why git did not serve. */
  listing(deps: InventoryDeps): InventoryDeps;
  /** Makes the copy of one file current, whatever rules say of it; nothing for what is on this machine. Throws `io`. */
  fetch(folder: string, path: string): Promise<void>;
  /** Work that writes this one file, into its copy first and then where the folder really is. Throws `io`. */
  writing<T>(folder: string, path: string, work: () => Promise<T>): Promise<T>;
  dispose(): void;
}

export function createVirtualFolders(): VirtualFolders {
  /** By the copy's path. */
  const mirrors = new Map<string, Mirror>();
  const noted = new vscode.EventEmitter<void>();
  const closing = new AbortController();
  let queue: Promise<unknown> = removeLeftOvers();

  function mirrorOf(path: string): Mirror | undefined {
    const uri = uriOf(path);
    if (uri.scheme === 'file') return undefined;
    const known = mirrors.get(path) ?? createMirror(path, uri.toString(true), remoteFolder(uri));
    mirrors.set(path, known);
    return known;
  }

  /** One after the other; who gives up waiting holds up nobody. */
  function inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const done = queue.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    queue = done.catch(() => undefined);
    return untilAborted(done, signal);
  }

  function told(listing: FileListing): FileListing {
    const skips = [...listing.skips];
    const virtual = new Set<string>();
    for (const folder of listing.folders) {
      const mirror = mirrorOf(folder.path);
      if (mirror === undefined) continue;
      const inWorkspace = (path: string) => workspacePath(path, listing.folders) ?? '';
      virtual.add(inWorkspace(folder.path));
      for (const { path, reason } of mirror.skips())
        skips.push({ path: inWorkspace(joinPath(folder.path, path)), reason });
    }
    if (virtual.size === 0) return listing;
    const notes = listing.notes.map(note =>
      virtual.has(note.path) ? { path: note.path, why: 'virtual' as const, detail: '' } : note,
    );
    return { ...listing, skips: skips.sort(comparePaths), notes };
  }

  const folders = vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => {
    for (const { uri } of removed) {
      const around = copyAround(uri);
      if (around?.below === '') mirrors.delete(around.copy.path);
    }
    keepCopies((vscode.workspace.workspaceFolders ?? []).map(folder => folder.uri));
    // One may lie inside another.
    for (const mirror of mirrors.values()) mirror.note('');
  });

  return {
    note(uri) {
      const found = copyAround(uri);
      if (found === undefined) return false;
      mirrors.get(found.copy.path)?.note(found.below);
      noted.fire();
      return true;
    },
    onDidNote: noted.event,
    distrust() {
      for (const mirror of mirrors.values()) mirror.note('');
    },
    during(given, { thorough, maxFileBytes, signal, onProgress }, onChange, work) {
      const all = given.flatMap(({ path }) => mirrorOf(path) ?? []);
      if (all.length === 0) return work();
      const either = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
      return inTurn(async () => {
        onProgress?.({ kind: 'listing' });
        for (const mirror of all) await mirror.update({ maxFileBytes, thorough, signal: either }, onChange);
        return work();
      }, either);
    },
    listing(deps) {
      if (!(vscode.workspace.workspaceFolders ?? []).some(folder => folder.uri.scheme !== 'file'))
        return deps;
      return {
        get measureId() {
          return deps.measureId;
        },
        stamps: (files, known, signal) => deps.stamps(files, known, signal),
        measure: (files, options) => deps.measure(files, options),
        async list(given, options) {
          const listing = told(await deps.list(given, options));
          const { only } = options;
          if (only === undefined) return listing;
          const asked = only.flatMap(path => workspacePath(path, listing.folders) ?? []);
          const isAsked = (path: string) =>
            asked.some(at => at === '' || path === at || path.startsWith(`${at}/`));
          return { ...listing, skips: listing.skips.filter(skip => isAsked(skip.path)) };
        },
      };
    },
    async fetch(folder, path) {
      const mirror = mirrorOf(folder);
      if (mirror !== undefined) await inTurn(() => mirror.fetch(path), closing.signal);
    },
    async writing(folder, path, work) {
      const mirror = mirrorOf(folder);
      if (mirror === undefined) return work();
      checkWritable(uriOf(folder));
      const local = joinPath(folder, path);
      return inTurn(async () => {
        // What stands there is added to.
        await mirror.fetch(path);
        try {
          const done = await work();
          await vscode.workspace.fs
            .writeFile(uriOf(local), await readFile(local))
            .then(undefined, (error: unknown) => {
              throw refused(uriOf(local), error);
            });
          return done;
        } finally {
          mirror.note(path);
          noted.fire();
        }
      }, closing.signal);
    },
    dispose() {
      closing.abort();
      folders.dispose();
      noted.dispose();
      removeCopies();
      // What was just being written is not left either.
      void queue.finally(removeCopies);
    },
  };
}

function remoteFolder(folder: vscode.Uri): RemoteFolder {
  const { fs } = vscode.workspace;
  const at = (path: string) => (path === '' ? folder : vscode.Uri.joinPath(folder, path));
  /** A folder that is open itself is not listed a second time as part of another. */
  const isOpen = (uri: vscode.Uri) =>
    vscode.workspace.workspaceFolders?.some(open => open.uri.toString() === uri.toString()) === true;
  return {
    list: async path =>
      (await fs.readDirectory(at(path)))
        .filter(([name]) => name === '' || !isOpen(vscode.Uri.joinPath(at(path), name)))
        .map(([name, type]) => [name, kindOf(type)] as const),
    async stat(path) {
      const { type, size, mtime } = await fs.stat(at(path));
      return { kind: kindOf(type), size, mtime };
    },
    read: async path => fs.readFile(at(path)),
    isGone: error => error instanceof vscode.FileSystemError && error.code === 'FileNotFound',
  };
}

function kindOf(type: vscode.FileType): RemoteKind {
  if ((type & vscode.FileType.SymbolicLink) !== 0) return 'link';
  if ((type & vscode.FileType.Directory) !== 0) return 'folder';
  return (type & vscode.FileType.File) !== 0 ? 'file' : 'other';
}

const keepElsewhere = () =>
  vscode.l10n.t('Exclude files instead, or keep the selection to yourself: that is kept in VS Code.');

function checkWritable({ scheme }: vscode.Uri): void {
  if (vscode.workspace.fs.isWritableFileSystem(scheme) !== false) return;
  const what = vscode.l10n.t('Nothing can be written into this folder: its file system is read-only.');
  throw new LongviewError('io', what, keepElsewhere());
}

function refused(uri: vscode.Uri, error: unknown): LongviewError {
  const what = vscode.l10n.t('{0} could not be written: {1}', uri.toString(true), String(error));
  return new LongviewError('io', what, keepElsewhere(), error);
}

/** The bytes of a file where it really is; undefined where there are more than that. Rejects where it is not. */
export async function readFrom(uri: vscode.Uri, mostBytes: number): Promise<Uint8Array | undefined> {
  const { size } = await (uri.scheme === 'file' ? stat(uri.fsPath) : vscode.workspace.fs.stat(uri));
  return size > mostBytes ? undefined : vscode.workspace.fs.readFile(uri);
}
