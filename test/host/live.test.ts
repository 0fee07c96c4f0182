import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

import type { GaugeState } from '../../src/vscode/gauge.ts';
import { gaugeState, resetSettings, services } from './window.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;
const readyWith = (
  test: (paths: ReadonlyMap<string, Ready['survey']['inventory']['files'][number]>) => boolean,
) =>
  gaugeState(
    (state): state is Ready =>
      state.kind === 'ready' && test(new Map(state.survey.inventory.files.map(f => [f.path, f]))),
  );

describe('the gauge follows the workspace', () => {
  const root = () => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  before(async () => {
    await resetSettings();
    (await services()).gauge.refresh();
    await readyWith(files => files.has('package.json'));
  });

  it('a file that another program writes, and one that git ignores', async () => {
    mkdirSync(join(root(), 'dist'), { recursive: true });
    writeFileSync(join(root(), 'dist/ignored-by-git.js'), 'x');
    writeFileSync(join(root(), 'written-outside.ts'), 'export const outside = 1;\n');
    const state = await readyWith(files => files.has('written-outside.ts'));
    assert.ok(!state.survey.inventory.files.some(f => f.path === 'dist/ignored-by-git.js'));
    writeFileSync(join(root(), 'written-outside.ts'), 'export const outside = 22;\n');
    await readyWith(files => files.get('written-outside.ts')?.bytes === 27);
    rmSync(join(root(), 'written-outside.ts'));
    await readyWith(files => !files.has('written-outside.ts'));
  });

  it('what an editor shows counts, saved or not', async () => {
    const uri = vscode.Uri.file(join(root(), 'README.md'));
    const document = await vscode.workspace.openTextDocument(uri);
    const saved = await readyWith(files => files.get('README.md')?.content === undefined);
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit(edit => edit.insert(new vscode.Position(0, 0), 'Typed, and not saved.\n'));
    const typed = await readyWith(files => files.get('README.md')?.content !== undefined);
    const tokensOf = ({ survey }: Ready) => survey.inventory.files.find(f => f.path === 'README.md')?.tokens;
    assert.ok((tokensOf(typed) ?? 0) > (tokensOf(saved) ?? 0));
    assert.ok(typed.survey.plan.wantedTokens > saved.survey.plan.wantedTokens);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    const reverted = await readyWith(files => files.get('README.md')?.content === undefined);
    assert.equal(tokensOf(reverted), tokensOf(saved));
  });
});
