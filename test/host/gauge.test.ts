import assert from 'node:assert/strict';

import type { GaugeState } from '../../src/vscode/gauge.ts';
import { budgetRows, gaugeTooltip, isOver, wantedTokens } from '../../src/vscode/gaugeRows.ts';
import { isRecheckDue } from '../../src/vscode/statusBar.ts';
import type { Fake } from '../fakes/index.ts';
import { gaugeState, resetSettings, selectFake, services, setting } from './window.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;
const readyWith = (test: (state: Ready) => boolean) =>
  gaugeState((state): state is Ready => state.kind === 'ready' && test(state));

describe('gauge', () => {
  let fake: Fake | undefined;
  afterEach(async () => {
    await fake?.close();
    fake = undefined;
    await resetSettings();
  });

  it('shows the next prompt against the offline reader’s limit, and the rows add up to it', async () => {
    (await services()).gauge.refresh();
    const { survey, endpoint } = await readyWith(s => s.survey.budget?.limit === 1_048_576);
    assert.equal(endpoint.config.id, 'offline');
    assert.equal(
      budgetRows(survey).reduce((sum, row) => sum + row.tokens, 0),
      1_048_576,
    );
    assert.ok(survey.inventory.files.some(f => f.path === 'src/core/pack/frame.ts'));
    assert.deepEqual(survey.inventory.listedBy, ['git']);
  });

  it('shows over budget before anything is sent', async () => {
    await setting('longview.offlineReader.contextLimit', 20_000);
    const { survey, endpoint } = await readyWith(s => s.survey.budget?.limit === 20_000);
    assert.ok(isOver(survey));
    assert.ok(wantedTokens(survey) > 20_000);
    assert.ok(survey.plan.tokens <= (survey.budget?.room ?? 0));
    assert.match(gaugeTooltip({ endpoint, survey, conversation: 0 }).value, /files are left out/);
  });

  it('tells the limit’s source', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 131_072 });
    const { survey, endpoint } = await readyWith(s => s.survey.budget?.limit === 131_072);
    assert.match(gaugeTooltip({ endpoint, survey, conversation: 0 }).value, /131,072.*served/);
  });

  it('asks for a stale limit again, once an hour', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 40_960 });
    const state = await readyWith(s => s.survey.budget?.limit === 40_960);
    const served = state.survey.limit.evidence.find(e => e.source === 'served');
    const at = Date.parse(served?.at ?? '');
    const hour = 60 * 60_000;
    const due = (age: number, sinceLast: number) =>
      isRecheckDue(state, new Date(at + age), at + age - sinceLast);
    assert.deepEqual(
      [due(hour / 2, 1000 * hour), due(1000 * hour, hour - 1), due(1000 * hour, hour)],
      [false, false, true],
    );

    // What it then does: the gauge asks again, because what is remembered is too old.
    const { store, gauge } = await services();
    const key = { baseUrl: fake.baseUrl, model: fake.model };
    await store.forget(key);
    await store.add(key, [{ source: 'served', tokens: 40_960, at: '2026-01-01T00:00:00.000Z', detail: 'x' }]);
    fake.configure({ contextTokens: 50_048 });
    gauge.refresh();
    await readyWith(s => s.survey.budget?.limit === 50_048);
  });

  it('has no number for an unknown limit', async () => {
    fake = await selectFake({ system: 'openai' });
    const { survey, endpoint } = await readyWith(s => s.endpoint.config.id === 'fake');
    assert.equal(survey.budget, null);
    assert.deepEqual(
      budgetRows(survey).map(row => row.label.replace(/ .*/, '')),
      ['Files', 'Instructions'],
    );
    assert.match(gaugeTooltip({ endpoint, survey, conversation: 0 }).value, /unknown/);
  });

  it('says what is wrong with the settings', async () => {
    await setting('longview.endpoints', [{ id: 'x', baseUrl: 'nonsense', model: 'm' }]);
    await setting('longview.endpoint', 'x');
    const failed = await gaugeState(
      (s): s is Extract<GaugeState, { kind: 'failed' }> =>
        s.kind === 'failed' && s.message.includes('nonsense'),
    );
    assert.match(failed.message, /not a URL/);
  });
});
