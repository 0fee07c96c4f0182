import assert from 'node:assert/strict';
import type * as vscode from 'vscode';

import type { GaugeState } from '../../src/vscode/gauge.ts';
import { createSteeringChoices } from '../../src/vscode/steering.ts';
import { gaugeState, services } from './window.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;

describe('steering', () => {
  const formOf = (state: GaugeState, path: string) =>
    state.kind === 'ready' ? state.survey.plan.files.find(f => f.path === path) : undefined;
  const path = 'src/core/errors.ts';
  afterEach(async () => (await services()).steering.say([''], undefined));

  it('changes the next prompt, and is kept', async () => {
    const { gauge, steering } = await services();
    gauge.refresh();
    await gaugeState((s): s is Ready => formOf(s, path)?.form === 'full');
    await steering.say(['src'], 'exclude');
    await steering.say([path], 'include');
    await gaugeState(
      (s): s is Ready =>
        formOf(s, 'src/core/pack/frame.ts')?.unwanted === true && formOf(s, path)?.form === 'full',
    );
    await steering.say([''], undefined);
    await gaugeState((s): s is Ready => formOf(s, 'src/core/pack/frame.ts')?.form === 'full');
  });

  it('is there again in the next session; what cannot be read is told and not guessed', async () => {
    const kept = new Map<string, unknown>();
    const memento = {
      get: (key: string) => kept.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
      keys: () => [...kept.keys()],
    } as vscode.Memento;
    const warned: string[] = [];
    const log = { warn: (text: string) => void warned.push(text) };
    const first = createSteeringChoices(memento, log);
    await first.say(['docs'], 'exclude');
    await first.say(['docs/a.md'], 'include');
    const second = createSteeringChoices(memento, log);
    assert.deepEqual(second.current, first.current);
    assert.equal(second.current.get('docs/a.md'), 'include');
    assert.deepEqual(warned, []);
    kept.set('steering', { '../x': 'pin' });
    assert.equal(createSteeringChoices(memento, log).current.size, 0);
    assert.match(warned[0] ?? '', /not a path inside the workspace/);
  });
});
