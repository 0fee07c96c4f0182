import assert from 'node:assert/strict';

import { everything } from '../../src/core/pack/selection.ts';
import type { GaugeState } from '../../src/vscode/gauge.ts';
import { budgetRows, folderRows, healthOf, isOver, wantedTokens } from '../../src/vscode/gaugeRows.ts';
import { cell, gaugeTooltip } from '../../src/vscode/gaugeTooltip.ts';
import { draw, isRecheckDue } from '../../src/vscode/statusBar.ts';
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

  /** What the status bar shows of a state. */
  const shown = (state: GaugeState) => {
    const item: Parameters<typeof draw>[0] = {
      ...{ text: '', tooltip: undefined, command: undefined },
      ...{ backgroundColor: undefined, accessibilityInformation: undefined },
    };
    draw(item, state, { usd: 0, asks: 0, unpriced: 0 }, { selection: everything, from: 'preset' });
    const colour = item.backgroundColor as { readonly id: string } | undefined;
    return { colour: colour?.id.replace('statusBarItem.', ''), said: item.accessibilityInformation?.label };
  };

  it('has a colour for states to act on, in this order, and says each in words', async () => {
    (await services()).gauge.refresh();
    const state = await readyWith(s => s.survey.budget?.limit === 1_048_576);
    const { survey } = state;
    assert.ok(survey.budget?.room != null);
    const plan = { ...survey.plan, fits: true, tokens: 1000 };
    const well: Ready = { ...state, survey: { ...survey, plan } };
    assert.deepEqual([healthOf(well), shown(well).colour], ['well', undefined]);
    const near: Ready = {
      ...well,
      survey: { ...survey, plan: { ...plan, tokens: survey.budget.room - 1000 } },
    };
    const over: Ready = { ...near, survey: { ...near.survey, plan: { ...near.survey.plan, fits: false } } };
    const usage = { promptTokens: 900, cachedTokens: 300, completionTokens: 5 };
    const truncation = { sent: 2000, read: 900 };
    const truncated: Ready = { ...over, last: { conversation: 0, overlay: 0, usage, truncation } };
    const unknown: Ready = { ...truncated, survey: { ...survey, budget: null } };
    const states: [Ready, string, RegExp, RegExp][] = [
      [near, 'warningBackground', /nearly full/, /Nearly full/],
      [over, 'warningBackground', /over budget/, /not every file is there in full|files are left out/],
      [truncated, 'errorBackground', /cut silently/, /2,000 tokens, the endpoint read only 900/],
      [unknown, 'errorBackground', /limit unknown/, /\*\*unknown\*\*/],
    ];
    for (const [given, colour, said, tooltip] of states) {
      assert.equal(shown(given).colour, colour);
      assert.match(shown(given).said ?? '', said);
      assert.match(gaugeTooltip(given).value, tooltip);
    }
  });

  it('itemises the prompt: folders of the pack, what changed, the conversation; and adds up', async () => {
    (await services()).gauge.refresh();
    const state = await readyWith(s => s.survey.budget?.limit === 1_048_576);
    const folders = folderRows(state.survey, 3);
    assert.equal(
      folders.reduce((sum, row) => sum + row.tokens, 0),
      state.survey.plan.tokens,
    );
    assert.ok(folders.some(row => row.label === 'src/'));
    assert.match(folders.at(-1)?.label ?? '', /others/);
    const rows = budgetRows(state.survey, 5000, 2000);
    assert.equal(
      rows.reduce((sum, row) => sum + row.tokens, 0),
      1_048_576,
    );
    const row = (label: string) => rows.find(r => r.label === label)?.tokens;
    assert.deepEqual([row('Changed files'), row('Conversation so far')], [2000, 3000]);
    const usage = { promptTokens: 1000, cachedTokens: 870, completionTokens: 5 };
    const price = { input: 1, output: 2, cachedInput: 0.1, source: 'test' };
    const last = { conversation: 5000, overlay: 2000, usage };
    const { value } = gaugeTooltip({ ...state, conversation: 5000, last, price });
    for (const part of [
      /&nbsp;&nbsp;src\/ \|/,
      /Changed files/,
      /costs \$[\d.]+ at most, \$[\d.]+ where/,
      /87 % came from/,
    ])
      assert.match(value, part);
  });

  it('keeps names in their cell', () => {
    for (const name of ['a|b', '[x](command:y)', '<b>', '**', 'a\nb', '`', '$(error)'])
      assert.doesNotMatch(cell(name), /(?<!\\)[[*`]|[|<\n]/, name);
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
