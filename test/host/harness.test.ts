import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the test host', () => {
  it('is a VS Code with our extension and a folder open', async () => {
    const extension = vscode.extensions.getExtension('longview.longview');
    assert.ok(extension);
    await extension.activate();
    assert.ok((await vscode.commands.getCommands(true)).includes('longview.showLog'));
    assert.equal(vscode.workspace.workspaceFolders?.length, 1);
  });
});
