import * as vscode from 'vscode';

import type { Steering } from '../core/pack/steering.ts';
import type { AskRequest } from '../core/review/ask.ts';
import type { WorkspaceFolder } from '../core/workspace/types.ts';
import { readSettings } from './settings.ts';

export function openFolders(): WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(folder => folder.uri.scheme === 'file')
    .map(folder => ({ name: folder.name, path: folder.uri.fsPath }));
}

/** What every survey and every ask of this window has in common. */
export function workspaceRequest(
  steering: Steering,
): Pick<AskRequest, 'folders' | 'trusted' | 'steering' | 'settings' | 'maxWaitMs'> {
  const { prompt, maxWaitMs } = readSettings();
  const { isTrusted: trusted } = vscode.workspace;
  return { folders: openFolders(), trusted, steering, settings: prompt, maxWaitMs };
}

/** An `AbortSignal` that follows VS Code's token; declared with `using`, it listens no longer than its block. */
export function signalOf(token: vscode.CancellationToken): AbortSignal & Disposable {
  const controller = new AbortController();
  const listener = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  return Object.assign(controller.signal, { [Symbol.dispose]: () => void listener.dispose() });
}
