import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import { readReferences } from '../../src/vscode/attachments.ts';

const uriOf = (path: string) =>
  vscode.Uri.joinPath(vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/'), path);

describe('what Chat attaches', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('a file and a selection are named in the question and pointed at', async () => {
    const prompt = 'How does #file:frame.ts use #sym?';
    const range = new vscode.Range(9, 3, 19, 0);
    const read = await readReferences({
      prompt,
      references: [
        { id: 'sym', range: [28, 32], value: new vscode.Location(uriOf('src/core/pack/plan.ts'), range) },
        { id: 'file', range: [9, 23], value: uriOf('src/core/pack/frame.ts') },
        { id: 'vscode.implicit.viewport', value: uriOf('README.md') },
      ],
    });
    assert.equal(read.text, 'How does `src/core/pack/frame.ts` use `src/core/pack/plan.ts:10-19`?');
    assert.deepEqual(read.attachments, [
      { kind: 'file', file: uriOf('src/core/pack/frame.ts').fsPath },
      { kind: 'file', file: uriOf('src/core/pack/plan.ts').fsPath, startLine: 10, endLine: 19 },
    ]);
  });

  it('folders, pasted text, unsaved documents, and what it cannot read', async () => {
    const untitled = await vscode.workspace.openTextDocument({ content: 'one\ntwo\nthree\n' });
    const read = await readReferences({
      prompt: 'Why?',
      references: [
        { id: 'folder', value: uriOf('src/core') },
        { id: 'log', value: 'it broke', modelDescription: 'the log' },
        { id: 'sel', value: new vscode.Location(untitled.uri, new vscode.Range(1, 1, 1, 2)) },
        { id: 'image', value: { data: new Uint8Array() } },
      ],
    });
    assert.deepEqual([...read.attachments].reverse(), [
      { kind: 'folder', folder: uriOf('src/core').fsPath },
      { kind: 'text', title: 'the log', text: 'it broke' },
      { kind: 'text', title: untitled.fileName, text: 'two' },
      { kind: 'unknown', title: 'image' },
    ]);
  });
});
