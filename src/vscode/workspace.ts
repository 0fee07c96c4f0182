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

/** Runs work under a signal that follows VS Code's token, and listens no longer than that. */
export async function withSignal<T>(
  token: vscode.CancellationToken,
  work: (signal: AbortSignal) => PromiseLike<T>,
): Promise<T> {
  const controller = new AbortController();
  const listener = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  try {
    return await work(controller.signal);
  } finally {
    listener.dispose();
  }
}
