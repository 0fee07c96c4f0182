import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';

import { readPreset, type PresetId } from '../../src/core/pack/presets.ts';
import { everything } from '../../src/core/pack/selection.ts';
import { contextKeys } from '../../src/vscode/ids.ts';
import type { GaugeState } from '../../src/vscode/gauge.ts';
import { createSteeringChoices, type Choice } from '../../src/vscode/steering.ts';
import { gaugeState, services } from './window.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;
type Failed = Extract<GaugeState, { kind: 'failed' }>;

const preset = (id: PresetId): Choice => ({ selection: { ...everything, preset: id }, from: 'preset' });

describe('what the prompt holds', function () {
  this.timeout(60_000);
  const root = () => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const shared = () => join(root(), '.longview', 'selections.json');
  const fresh = () => join(root(), 'fresh.ts');
  const formOf = (state: GaugeState, path: string) =>
    state.kind === 'ready' ? state.survey.plan.files.find(f => f.path === path) : undefined;

  afterEach(async () => {
    const { steering, selections } = await services();
    await rm(join(root(), '.longview'), { recursive: true, force: true });
    await rm(fresh(), { force: true });
    for (const key of selections.own().usable.keys()) await selections.keep(key, undefined);
    await steering.choose(preset('everything'), new Map());
  });

  it('a preset changes the next prompt, with reasons; a wish on a path wins; everything brings all back', async () => {
    const { steering } = await services();
    await steering.choose(preset('docs'));
    const docs = await gaugeState(
      (s): s is Ready =>
        formOf(s, 'README.md')?.form === 'full' && formOf(s, 'src/cli/args.ts')?.form !== 'full',
    );
    assert.equal(docs.survey.plan.preset, 'docs');
    assert.equal(formOf(docs, 'src/cli/args.ts')?.why, 'not in “Docs”: source');
    await steering.say(['src/cli/args.ts'], 'include');
    await gaugeState((s): s is Ready => formOf(s, 'src/cli/args.ts')?.form === 'full');
    assert.equal(steering.own.get('src/cli/args.ts'), 'include');
    await steering.choose(preset('everything'));
    await gaugeState((s): s is Ready => formOf(s, 'src/cli/main.ts')?.form === 'full');
  });

  it('what changed on the branch: none is told and nothing is packed; a new file is enough', async () => {
    const { steering } = await services();
    await steering.choose(preset('changed'));
    const failed = await gaugeState((s): s is Failed => s.kind === 'failed');
    assert.equal(failed.code, 'nothing-chosen');
    assert.match(failed.message, /^No file here has changed on this branch since /);
    await writeFile(fresh(), "import { usage } from './src/cli/args.ts';\nusage;\n");
    const ready = await gaugeState((s): s is Ready => formOf(s, 'fresh.ts')?.form === 'full');
    assert.equal(formOf(ready, 'src/cli/args.ts')?.choice?.why, 'imported by fresh.ts, which changed');
    assert.notEqual(formOf(ready, 'README.md')?.form, 'full');
  });

  it('is there again in the next session; what cannot be read is told, and means everything', async () => {
    const kept = new Map<string, unknown>();
    const memento = {
      get: (key: string) => kept.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
      keys: () => [...kept.keys()],
    } as vscode.Memento;
    const warned: string[] = [];
    const log = { warn: (text: string) => void warned.push(text) };
    const first = createSteeringChoices(memento, log);
    const selection = {
      name: 'Core',
      preset: 'source',
      wishes: new Map([['src/core', 'pin' as const]]),
    } as const;
    await first.choose({ selection, from: 'own', key: 'Core' });
    await first.say(['src/core/errors.ts'], 'exclude');
    const second = createSteeringChoices(memento, log);
    assert.deepEqual(second.choice, first.choice);
    assert.deepEqual(
      [...second.current],
      [
        ['src/core', 'pin'],
        ['src/core/errors.ts', 'exclude'],
      ],
    );
    assert.deepEqual([...second.own.keys()], ['src/core/errors.ts']);
    assert.deepEqual(warned, []);
    for (const bad of [{ preset: 'future' }, { paths: { '../x': 'pin' } }, { from: 'own', preset: 7 }]) {
      kept.set('chosen', bad);
      assert.deepEqual(createSteeringChoices(memento, log).choice.selection, everything);
    }
    assert.equal(warned.length, 3);
  });

  it('a selection that is shared is moved into the file, followed while the file changes, and outlives it', async () => {
    const { steering, selections } = await services();
    const selection = { name: 'Prose', preset: 'docs', wishes: new Map() } as const;
    await selections.keep('Prose', selection);
    const [folder] = await selections.shared();
    assert.ok(folder !== undefined);
    await selections.share(folder, 'Prose', selection);
    await steering.choose({ selection, from: 'shared', key: 'Prose' });
    const text = await readFile(shared(), 'utf8');
    assert.deepEqual(JSON.parse(text), {
      version: 1,
      selections: { Prose: { preset: 'docs', paths: {} } },
    });
    const followed = new Promise<void>(resolve => {
      const listener = steering.onDidChange(() => {
        if (readPreset(steering.choice.selection.preset) !== 'tests') return;
        listener.dispose();
        resolve();
      });
    });
    await writeFile(shared(), text.replace('"docs"', '"tests"'));
    await followed;
    await writeFile(shared(), '{"version": 2}');
    const [torn] = await selections.shared();
    assert.match(torn?.problem ?? '', /newer Longview/);
    assert.ok(torn !== undefined);
    await assert.rejects(selections.share(torn, 'Other', selection), /newer Longview/);
    assert.equal(await readFile(shared(), 'utf8'), '{"version": 2}');
    assert.equal(steering.choice.selection.preset, 'tests');
  });

  it('what a newer Longview kept for this workspace is not written over', async () => {
    const { selections } = await services();
    await mkdir(join(root(), '.longview'), { recursive: true });
    await writeFile(shared(), '{"selections": {"A": {"preset": "docs"}, "B": {"preset": "later"}}}');
    const [folder] = await selections.shared();
    assert.deepEqual([...(folder?.saved.usable.keys() ?? [])], ['A']);
    assert.match(folder?.saved.unusable[0]?.why ?? '', /"later" is none of/);
    assert.ok(folder !== undefined);
    await selections.share(folder, 'A', undefined);
    assert.deepEqual(JSON.parse(await readFile(shared(), 'utf8')), {
      version: 1,
      selections: { B: { preset: 'later' } },
    });
  });

  it('the steps of Get Started wait for conditions that package.json names', async () => {
    const extension = vscode.extensions.getExtension('longview.longview');
    const { walkthroughs } = (
      extension?.packageJSON as {
        contributes: { walkthroughs: { steps: { completionEvents: string[] }[] }[] };
      }
    ).contributes;
    const events = walkthroughs.flatMap(w => w.steps.flatMap(s => s.completionEvents));
    for (const key of Object.values(contextKeys)) assert.ok(events.includes(`onContext:${key}`), key);
    await vscode.commands.executeCommand('longview.getStarted');
  });
});
