import { relative, sep } from 'node:path';
import * as vscode from 'vscode';

import type { AskRequest } from '../core/review/ask.ts';
import { uniqueNames } from '../core/workspace/listFiles.ts';
import type { WorkspaceFolder } from '../core/workspace/types.ts';
import { folderPath, pathOf } from './places.ts';
import { readSettings } from './settings.ts';
import type { SteeringChoices } from './steering.ts';

export function openFolders(): WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).map(folder => ({
    name: folder.name,
    path: folderPath(folder.uri),
  }));
}

/** What every survey and every ask of this window has in common. */
export function workspaceRequest({
  current: steering,
  choice: { selection },
}: Pick<SteeringChoices, 'current' | 'choice'>): Pick<
  AskRequest,
  'folders' | 'trusted' | 'steering' | 'selection' | 'settings' | 'maxWaitMs' | 'open'
> {
  const { prompt, maxWaitMs } = readSettings();
  const folders = openFolders();
  const { isTrusted: trusted } = vscode.workspace;
  const open = openPaths(folders);
  return { folders, trusted, steering, selection, settings: prompt, maxWaitMs, open };
}

/** The files in editors, by the paths an inventory gives them: where not everything fits, they are wanted more. */
function openPaths(folders: readonly WorkspaceFolder[]): Set<string> {
  const names = uniqueNames(folders.map(folder => folder.name));
  const open = new Set<string>();
  for (const { input } of vscode.window.tabGroups.all.flatMap(group => group.tabs)) {
    const path = input instanceof vscode.TabInputText ? pathOf(input.uri) : undefined;
    if (path === undefined) continue;
    folders.forEach((folder, i) => {
      const inside = relative(folder.path, path).split(sep);
      if (inside[0] === '..' || inside[0] === '') return;
      open.add([...(folders.length > 1 ? [names[i]] : []), ...inside].join('/'));
    });
  }
  return open;
}

/** An `AbortSignal` that follows VS Code's token; declared with `using`, it listens no longer than its block. */
export function signalOf(token: vscode.CancellationToken): AbortSignal & Disposable {
  const controller = new AbortController();
  const listener = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  return Object.assign(controller.signal, { [Symbol.dispose]: () => void listener.dispose() });
}
