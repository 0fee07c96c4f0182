import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';

import { LongviewError } from '../core/errors.ts';
import { workspacePath } from '../core/workspace/folderPaths.ts';
import type { InventoryDeps, InventoryOptions } from '../core/workspace/inventory.ts';
import type { FileListing } from '../core/workspace/listFiles.ts';
import type { FileEvent } from '../core/workspace/live.ts';
import { createMirror, type Mirror } from '../core/workspace/mirror.ts';
import type { RemoteFolder, RemoteKind } from '../core/workspace/remoteFolder.ts';
import { joinPath } from '../core/workspace/names.ts';
import type { WorkspaceFolder } from '../core/workspace/types.ts';
import { copyAround, removeCopies, uriOf } from './places.ts';

/** The folders of this window that only VS Code can reach: their copies are kept up to date. */
export interface VirtualFolders {
  /** Something happened to a file. False where it is in no such folder. */
  note(uri: vscode.Uri): boolean;
  /** Makes the copies of these folders current, and tells what changed in them. Throws as `Mirror.update`. */
  update(
    folders: readonly WorkspaceFolder[],
    options: Pick<InventoryOptions, 'maxFileBytes' | 'signal' | 'onProgress'> & {
      readonly thorough: boolean;
    },
    onChange: (event: FileEvent) => void,
  ): Promise<void>;
  /** A listing of the copies also says what could not be copied, and why git did not serve. */
  listing(deps: InventoryDeps): InventoryDeps;
  dispose(): void;
}

export function createVirtualFolders(): VirtualFolders {
  /** By the copy's path. */
  const mirrors = new Map<string, Mirror>();
  let queue: Promise<unknown> = Promise.resolve();

  const mirrorOf = ({ path }: WorkspaceFolder): Mirror | undefined => {
    const uri = uriOf(path);
    if (uri.scheme === 'file') return undefined;
    const known = mirrors.get(path) ?? createMirror(path, remoteFolder(uri));
    mirrors.set(path, known);
    return known;
  };

  function told(listing: FileListing): FileListing {
    const skips = [...listing.skips];
    const virtual = new Set<string>();
    for (const folder of listing.folders) {
      const mirror = mirrorOf(folder);
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
    return { ...listing, skips: skips.sort((a, b) => (a.path < b.path ? -1 : 1)), notes };
  }

  return {
    note(uri) {
      const found = copyAround(uri);
      if (found !== undefined) mirrors.get(found.copy.path)?.note(found.below);
      return found !== undefined;
    },
    update(folders, { thorough, maxFileBytes, signal, onProgress }, onChange) {
      const all = folders.flatMap(folder => mirrorOf(folder) ?? []);
      if (all.length === 0) return Promise.resolve();
      const work = async () => {
        onProgress?.({ kind: 'listing' });
        try {
          for (const mirror of all) await mirror.update({ maxFileBytes, thorough, signal }, onChange);
        } catch (error) {
          // What was copied before is told by a listing of everything.
          onChange({ kind: 'all' });
          throw error;
        }
      };
      const done = queue.then(work);
      queue = done.catch(() => undefined);
      return done;
    },
    listing(deps) {
      if (!(vscode.workspace.workspaceFolders ?? []).some(folder => folder.uri.scheme !== 'file'))
        return deps;
      return {
        get measureId() {
          return deps.measureId;
        },
        stamps: (files, signal) => deps.stamps(files, signal),
        measure: (files, options) => deps.measure(files, options),
        async list(folders, options) {
          const listing = told(await deps.list(folders, options));
          const { only } = options;
          if (only === undefined) return listing;
          const asked = only.flatMap(path => workspacePath(path, listing.folders) ?? []);
          const isAsked = (path: string) =>
            asked.some(at => at === '' || path === at || path.startsWith(`${at}/`));
          return { ...listing, skips: listing.skips.filter(skip => isAsked(skip.path)) };
        },
      };
    },
    dispose: removeCopies,
  };
}

function remoteFolder(folder: vscode.Uri): RemoteFolder {
  const { fs } = vscode.workspace;
  const at = (path: string) => (path === '' ? folder : vscode.Uri.joinPath(folder, path));
  return {
    list: async path =>
      (await fs.readDirectory(at(path))).map(([name, type]) => [name, kindOf(type)] as const),
    async stat(path) {
      const { type, size, mtime } = await fs.stat(at(path));
      return { kind: kindOf(type), size, mtime };
    },
    read: path => Promise.resolve(fs.readFile(at(path))),
    isGone: error => error instanceof vscode.FileSystemError && error.code === 'FileNotFound',
  };
}

function kindOf(type: vscode.FileType): RemoteKind {
  if ((type & vscode.FileType.SymbolicLink) !== 0) return 'link';
  if ((type & vscode.FileType.Directory) !== 0) return 'folder';
  return (type & vscode.FileType.File) !== 0 ? 'file' : 'other';
}

/** Throws `io` where nothing can be written into the folder of this path. */
export function checkWritable(path: string): void {
  const { scheme } = uriOf(path);
  if (vscode.workspace.fs.isWritableFileSystem(scheme) !== false) return;
  throw new LongviewError(
    'io',
    vscode.l10n.t('Nothing can be written into this folder: its file system is read-only.'),
    vscode.l10n.t('Exclude files instead, or keep the selection to yourself: that is kept in VS Code.'),
  );
}

/** Takes what was written into a copy to where the folder really is. Throws `io` where that is refused. */
export async function publish(path: string, virtual: Pick<VirtualFolders, 'note'>): Promise<void> {
  const uri = uriOf(path);
  if (uri.scheme === 'file') return;
  try {
    await vscode.workspace.fs.writeFile(uri, await readFile(path));
  } catch (error) {
    throw new LongviewError(
      'io',
      vscode.l10n.t('{0} could not be written: {1}', uri.toString(true), String(error)),
      vscode.l10n.t('Exclude files instead, or keep the selection to yourself: that is kept in VS Code.'),
      error,
    );
  } finally {
    virtual.note(uri);
  }
}
