// Stands in until the real wiring is merged: just enough for the harness to have something to drive.
import * as vscode from 'vscode';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Longview', { log: true });
  context.subscriptions.push(
    log,
    vscode.commands.registerCommand('longview.showLog', () => {
      log.show();
    }),
  );
}
