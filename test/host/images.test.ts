import assert from 'node:assert/strict';

import type { GaugeState } from '../../src/vscode/gauge.ts';
import { budgetRows } from '../../src/vscode/gaugeRows.ts';
import { gaugeTooltip } from '../../src/vscode/gaugeTooltip.ts';
import type { Fake } from '../fakes/index.ts';
import { gaugeState, resetSettings, selectFake, services, setting } from './window.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;
const readyWith = (test: (state: Ready) => boolean) =>
  gaugeState((state): state is Ready => state.kind === 'ready' && test(state));

describe('longview.images', () => {
  let fake: Fake | undefined;
  afterEach(async () => {
    await fake?.close();
    fake = undefined;
    await resetSettings();
  });

  it('is off; on, the gauge counts and names the pictures of this README, and the rows add up', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 2_000_000 });
    const off = await readyWith(s => s.survey.budget?.limit === 2_000_000);
    assert.equal(off.survey.images, undefined);
    await setting('longview.images', true);
    const { survey, endpoint } = await readyWith(s => (s.survey.images?.chosen.length ?? 0) > 0);
    assert.ok(survey.images?.chosen.some(image => image.path === 'media/readme/answer.png'));
    const rows = budgetRows(survey);
    assert.equal(
      rows.reduce((sum, row) => sum + row.tokens, 0),
      2_000_000,
    );
    assert.ok(rows.some(row => row.label.startsWith('Images (') && row.tokens === survey.images?.tokens));
    const { value } = gaugeTooltip({ endpoint, survey, conversation: 0 });
    assert.match(value, /images are sent/);
  });

  it('the consent dialog names the images, and asks again for them', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 100_000 });
    const active = await services();
    await active.gates.forget();
    const asked: string[] = [];
    active.confirm = async question => {
      asked.push(question.detail);
      return question.choices.find(choice => choice.includes('Remember'));
    };
    const endpoint = active.endpoints.byId('fake') ?? assert.fail();
    const { signal } = new AbortController();
    await active.gates.pass({ endpoint, files: 3, tokens: 1000 }, signal);
    await active.gates.pass({ endpoint, files: 3, tokens: 1000 }, signal);
    assert.equal(asked.length, 1);
    const images = { count: 2, bytes: 345_000 };
    await active.gates.pass({ endpoint, files: 3, tokens: 1000, images }, signal);
    assert.equal(asked.length, 2);
    assert.match(asked[1] ?? '', /Images that Markdown files refer to: 2, 345 kB/);
    await active.gates.forget();
  });
});
