import * as vscode from 'vscode';

import type { TakeInventory } from '../core/review/prepare.ts';
import { coalesce, systemTimers, type Timers } from '../core/workspace/coalesce.ts';
import { gitStateFolders } from '../core/workspace/gitFolder.ts';
import { createLiveInventory, type FileEvent } from '../core/workspace/live.ts';
import type { InventoryDeps, InventoryOptions } from '../core/workspace/inventory.ts';
import type { WorkspaceFolder } from '../core/workspace/types.ts';
import { pathOf, uriOf } from './places.ts';
import type { VirtualFolders } from './virtualFolders.ts';
import { openFolders } from './workspace.ts';

/** The files of this window as the user sees them, kept up to date by file and editor events. */
export interface LiveWorkspace {
  /** Fires after changes, many at a time. */
  readonly onDidChange: vscode.Event<void>;
  /** What events told of; for what is drawn all the time. */
  readonly take: TakeInventory;
  /** Trusts no event, for what is sent: looks at every file's stamp. */
  readonly takeThoroughly: TakeInventory;
  /** Forgets that anything is up to date. */
  distrust(): void;
  dispose(): void;
}

/** A burst of events (a save, a checkout, typing) is one change; ms. */
const pace = { quietMs: 250, mostMs: 2000 };

export function createLiveWorkspace(virtual: VirtualFolders, timers: Timers = systemTimers): LiveWorkspace {
  const inventory = createLiveInventory();
  const changed = new vscode.EventEmitter<void>();
  const coalesced = coalesce(() => changed.fire(), pace, timers);
  /** Documents whose text was not looked at since they changed. */
  const touched = new Set<vscode.TextDocument>();

  function note(event: FileEvent): void {
    if (inventory.note(event)) coalesced.call();
  }

  function touch(document: vscode.TextDocument): void {
    if (pathOf(document.uri) === undefined) return;
    touched.add(document);
    coalesced.call();
  }

  /** Texts are copied out of editors once for many keystrokes. */
  function readEditors(): void {
    for (const document of touched) {
      const shown = document.isDirty && !document.isClosed ? document.getText() : undefined;
      const path = pathOf(document.uri);
      if (path !== undefined) inventory.setUnsaved(path, shown);
    }
    touched.clear();
  }

  function happened(kind: FileKind, uri: vscode.Uri): void {
    // The copy of a virtual folder is made current first, and that tells what has changed in it.
    if (!virtual.note(uri) && uri.scheme === 'file') note({ kind, absolutePath: uri.fsPath });
  }

  const watchFiles = (pattern: vscode.GlobPattern, act: (kind: FileKind, uri: vscode.Uri) => void) => {
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    watcher.onDidChange(uri => act('changed', uri));
    watcher.onDidCreate(uri => act('created', uri));
    watcher.onDidDelete(uri => act('deleted', uri));
    return watcher;
  };
  // Git's index and branch, also where they lie outside of the open folders. Without `**` nothing below is watched.
  const watchGit = () =>
    openFolders()
      .flatMap(folder => gitStateFolders(folder.path))
      .map(folder => new vscode.RelativePattern(uriOf(folder), '{index,HEAD}'))
      .map(pattern => watchFiles(pattern, () => note({ kind: 'all' })));

  let gitWatchers = watchGit();
  const listeners = [
    watchFiles('**/*', happened),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      for (const watcher of gitWatchers) watcher.dispose();
      gitWatchers = watchGit();
      for (const document of vscode.workspace.textDocuments) if (document.isDirty) touch(document);
      note({ kind: 'all' });
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0 || !document.isDirty) touch(document);
    }),
    vscode.workspace.onDidSaveTextDocument(document => {
      touch(document);
      // The watcher tells this too, but later, and not of folders that it leaves out.
      happened('changed', document.uri);
    }),
    vscode.workspace.onDidCloseTextDocument(touch),
    virtual.onDidNote(() => coalesced.call()),
  ];
  for (const document of vscode.workspace.textDocuments) if (document.isDirty) touch(document);

  async function take(
    folders: readonly WorkspaceFolder[],
    options: InventoryOptions & { readonly thorough: boolean },
    deps: InventoryDeps,
  ): ReturnType<TakeInventory> {
    return virtual.during(
      folders,
      options,
      change => void inventory.note(change),
      () => {
        readEditors();
        return inventory.take(folders, options, virtual.listing(deps));
      },
    );
  }

  return {
    onDidChange: changed.event,
    take: (folders, options, deps) => take(folders, { ...options, thorough: false }, deps),
    takeThoroughly: (folders, options, deps) => take(folders, { ...options, thorough: true }, deps),
    distrust() {
      virtual.distrust();
      inventory.note({ kind: 'all' });
    },
    dispose() {
      coalesced.dispose();
      for (const listener of [...listeners, ...gitWatchers, changed]) listener.dispose();
    },
  };
}

type FileKind = Exclude<FileEvent['kind'], 'all'>;

/** The text an editor shows of a file, where that is not what is on disk. */
export function unsavedText(absolutePath: string): string | undefined {
  const shows = (document: vscode.TextDocument) => document.isDirty && pathOf(document.uri) === absolutePath;
  return vscode.workspace.textDocuments.find(shows)?.getText();
}
