import * as vscode from 'vscode';

import type { PrepareRequest } from '../core/review/prepare.ts';
import type { WorkspaceFolder } from '../core/workspace/types.ts';
import { readSettings } from './settings.ts';

export function openFolders(): WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(folder => folder.uri.scheme === 'file')
    .map(folder => ({ name: folder.name, path: folder.uri.fsPath }));
}

/** What every survey and every ask of this window has in common. */
export function workspaceRequest(): Pick<PrepareRequest, 'folders' | 'trusted' | 'settings'> {
  return { folders: openFolders(), trusted: vscode.workspace.isTrusted, settings: readSettings().prompt };
}

/** An `AbortSignal` that follows VS Code's token. */
export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
