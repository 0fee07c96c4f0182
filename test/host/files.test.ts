import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

import { reasonOf } from '../../src/core/pack/describeFile.ts';
import { tickOf, type FilesNode } from '../../src/core/pack/filesTree.ts';
import type { GaugeState } from '../../src/vscode/gauge.ts';
import { commands } from '../../src/vscode/ids.ts';
import { createSteeringChoices } from '../../src/vscode/steering.ts';
import { caseOf } from '../../src/vscode/whyFile.ts';
import { gaugeState, resetSettings, services, setting } from './window.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;

describe('files view', () => {
  const folder = () => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const uri = (path: string) => vscode.Uri.file(join(folder(), path));
  const planned = (state: GaugeState, path: string) =>
    state.kind === 'ready' ? state.survey.plan.files.find(f => f.path === path) : undefined;
  const when = (test: (state: Ready) => boolean) =>
    gaugeState((state): state is Ready => state.kind === 'ready' && test(state));
  async function node(path: string): Promise<FilesNode> {
    const found = (await (await services()).files.current())?.nodes.get(path);
    assert.ok(found, path);
    return found;
  }
  const path = 'src/core/errors.ts';

  before(async () => {
    (await services()).gauge.refresh();
    await when(state => planned(state, path)?.form === 'full');
  });
  afterEach(async () => {
    await (await services()).steering.say([''], undefined);
    await resetSettings();
  });

  it('takes folders out and puts files back by its commands, in the next prompt and in the view', async () => {
    await vscode.commands.executeCommand(commands.excludeFiles, await node('src'));
    await when(state => planned(state, path)?.unwanted === true);
    assert.equal(tickOf(await node('src')), 'off');
    await vscode.commands.executeCommand(commands.includeFiles, await node(path));
    await when(state => planned(state, path)?.form === 'full');
    assert.equal(tickOf(await node('src')), 'partly');
    await vscode.commands.executeCommand(commands.resetFiles, await node('src'));
    await when(state => planned(state, 'src/core/pack/frame.ts')?.form === 'full');
    assert.equal((await services()).steering.current.size, 0);
  });

  it('acts on all that is selected, at once, and not on what rules decide', async () => {
    const { steering } = await services();
    const changes: number[] = [];
    const listener = steering.onDidChange(now => changes.push(now.size));
    const selected = [await node('src/core'), await node('README.md')];
    await vscode.commands.executeCommand(commands.pinFiles, selected[0], selected);
    assert.deepEqual(changes, [2]);
    await vscode.commands.executeCommand(commands.outlineFiles, await node('media'), selected);
    listener.dispose();
    assert.deepEqual([...steering.current].sort(), [
      ['README.md', 'pin'],
      ['media', 'outline'],
      ['src/core', 'pin'],
    ]);
    const image = await node('media/icon.png');
    assert.ok(image.kind === 'file' && image.standing.kind === 'skipped');
    await vscode.commands.executeCommand(commands.excludeFiles, image);
    assert.equal(steering.current.has('media/icon.png'), false);
  });

  it('sends data whole, and takes that back', async () => {
    writeFileSync(uri('rows.csv').fsPath, Array.from({ length: 3000 }, (_, i) => `${i},row ${i}\n`).join(''));
    try {
      await when(state => planned(state, 'rows.csv')?.form === 'shortened');
      await vscode.commands.executeCommand(commands.sendWhole, await node('rows.csv'));
      await when(state => planned(state, 'rows.csv')?.form === 'full');
      await vscode.commands.executeCommand(commands.resetFiles, await node('rows.csv'));
      await when(state => planned(state, 'rows.csv')?.form === 'shortened');
    } finally {
      rmSync(uri('rows.csv').fsPath);
      await when(state => planned(state, 'rows.csv') === undefined);
    }
  });

  it('writes a rule into .longviewignore, once, and shows it', async () => {
    const file = uri('.longviewignore').fsPath;
    try {
      await vscode.commands.executeCommand(commands.ignoreFiles, await node('media'));
      await vscode.commands.executeCommand(commands.ignoreFiles, await node('media'));
      assert.match(readFileSync(file, 'utf8'), /(^|\n)\/media\/\n$/);
      assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, file);
      await when(state => {
        const found = planned(state, 'media/map.css');
        return found !== undefined && reasonOf(found)?.includes('/media/') === true;
      });
      const { known } = await caseOf(uri('media/map.css'), await services());
      assert.ok(known.kind === 'left-out' && known.file === file);
    } finally {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      rmSync(file, { force: true });
      await when(state => planned(state, 'media/map.css')?.unwanted !== true);
    }
  });

  it('writes nothing under an editor that has changes of its own', async () => {
    const file = uri('.longviewignore').fsPath;
    writeFileSync(file, '# mine\n');
    try {
      const document = await vscode.workspace.openTextDocument(file);
      await vscode.window.showTextDocument(document);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(1, 0), 'x\n');
      // Refused, or undone, where VS Code is just reading anew what the test before has deleted.
      for (let tries = 0; !document.isDirty && tries < 100; tries++) await vscode.workspace.applyEdit(edit);
      assert.ok(document.isDirty);
      await vscode.commands.executeCommand(commands.ignoreFiles, await node('media'));
      assert.equal(readFileSync(file, 'utf8'), '# mine\n');
    } finally {
      // Else it is saved again a second later.
      await vscode.commands.executeCommand('workbench.action.files.revert');
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      rmSync(file, { force: true });
    }
  });

  it('knows why, of any file', async () => {
    const all = await services();
    const kindOf = async (target: vscode.Uri) => (await caseOf(target, all)).known;
    writeFileSync(uri('made.log').fsPath, '');
    writeFileSync(uri('.git/info/exclude').fsPath, '*.log\n');
    try {
      const ignored = await kindOf(uri('made.log'));
      assert.ok(ignored.kind === 'ignored');
      assert.equal(ignored.by.rule, '*.log');
      assert.equal(ignored.by.line, 1);
    } finally {
      rmSync(uri('made.log').fsPath);
    }
    assert.equal((await kindOf(uri(path))).kind, 'planned');
    assert.equal((await kindOf(uri('media/icon.png'))).kind, 'skipped');
    assert.equal((await kindOf(uri('.git/HEAD'))).kind, 'git-internal');
    assert.equal((await kindOf(uri('nowhere.ts'))).kind, 'gone');
    assert.equal((await kindOf(vscode.Uri.file('/etc/hostname'))).kind, 'outside');
    assert.equal((await kindOf(vscode.Uri.parse('untitled:Untitled-1'))).kind, 'no-file');
    await all.steering.say(['src'], 'exclude');
    await when(state => planned(state, path)?.unwanted === true);
    const excluded = await kindOf(uri(path));
    assert.ok(excluded.kind === 'excluded' && excluded.of === 'src');
  });

  it('shows a rough plan within the room at once where not everything fits, and then the plan', async function () {
    this.timeout(120_000);
    await setting('longview.offlineReader.contextLimit', 150_000);
    await when(state => state.survey.budget?.limit === 150_000);
    const { gauge, steering } = await services();
    const seen: Ready[] = [];
    const isOut = ({ survey }: Ready) =>
      survey.plan.files.every(f => !f.path.startsWith('src/core/endpoint/') || f.unwanted === true);
    const listener = gauge.onDidChange(state => {
      if (state.kind === 'ready' && isOut(state)) seen.push(state);
    });
    try {
      await steering.say(['src/core/endpoint'], 'exclude');
      await when(() => seen.length >= 2);
      for (const { survey } of seen) {
        assert.ok(!survey.plan.fits);
        assert.ok(survey.plan.tokens <= (survey.budget?.room ?? 0));
      }
    } finally {
      listener.dispose();
    }
  });

  it('changes many wishes in one step, which is kept', async () => {
    const kept = new Map<string, unknown>();
    const memento = {
      get: (key: string) => kept.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
      keys: () => [...kept.keys()],
    } as vscode.Memento;
    const log = { warn: () => undefined };
    await createSteeringChoices(memento, log).change(
      () => new Map([['a', 'pin'] as const, ['b', 'exclude'] as const]),
    );
    assert.deepEqual(Object.fromEntries(createSteeringChoices(memento, log).current), {
      a: 'pin',
      b: 'exclude',
    });
  });
});
