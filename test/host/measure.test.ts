import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import type { GaugeState } from '../../src/vscode/gauge.ts';
import { readBudget } from '../../src/vscode/measureBudget.ts';
import type { Question } from '../../src/vscode/prompts.ts';
import type { Fake } from '../fakes/index.ts';
import { gaugeState, resetSettings, selectFake, services } from './window.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;

describe('Measure Real Limit in the editor', () => {
  let fake: Fake;
  const questions: Question[] = [];
  let agree: boolean;

  before(async () => {
    (await services()).confirm = async question => {
      questions.push(question);
      return agree ? question.choices[0] : undefined;
    };
  });
  beforeEach(async () => {
    questions.length = 0;
    agree = true;
    // Its list tells no limit; the user believes in 30,000.
    fake = await selectFake(
      { system: 'openai', contextTokens: 20_000 },
      { contextLimit: 30_000, price: { input: 1, output: 2 } },
    );
  });
  afterEach(async () => {
    await (await services()).store.forget({ baseUrl: fake.baseUrl, model: fake.model });
    await fake.close();
    await resetSettings();
  });

  it('says the worst case, measures, keeps the bracket, and the gauge follows', async () => {
    await vscode.commands.executeCommand('longview.measureLimit', { budget: '500000' });
    const [question] = questions;
    assert.match(question?.title ?? '', /Measure the real context limit of Fake Server/);
    assert.match(
      question?.detail ?? '',
      /Up to 30,000 tokens.*At worst \d+ requests and [\d,]+ tokens; it stops at 500,000.*at most \$\d/s,
    );
    assert.match(question?.detail ?? '', /nothing of this workspace is sent/);
    for (const chat of fake.chats())
      assert.ok(!JSON.stringify(chat.body).includes('@@@@'), 'no source is sent');
    const kept = await (await services()).store.load({ baseUrl: fake.baseUrl, model: fake.model });
    const measured = kept.find(e => e.source === 'measured');
    assert.match(measured?.detail ?? '', /\d+ accepted, \d+ refused \(\d+ requests, \d+ tokens\)/);
    assert.ok(measured !== undefined && measured.tokens <= 20_000 && measured.tokens > 19_700);
    const { survey } = await gaugeState(
      (s): s is Ready =>
        s.kind === 'ready' && s.survey.limit.kind === 'known' && s.survey.limit.tokens <= 20_000,
    );
    assert.ok((survey.budget?.limit ?? Infinity) <= 20_000);
  });

  it('sends nothing where the user does not agree', async () => {
    agree = false;
    await vscode.commands.executeCommand('longview.measureLimit', { budget: '500000' });
    assert.equal(questions.length, 1);
    assert.equal(fake.chats().length, 0);
  });

  it('keeps to a budget of money', async () => {
    await vscode.commands.executeCommand('longview.measureLimit', { budget: '$0.02' });
    assert.match(questions[0]?.detail ?? '', /stops at 10,000 tokens.*at most \$0\.020/s);
    const sent = fake.chats().reduce((sum, chat) => sum + (chat.promptTokens ?? 0), 0);
    assert.ok(sent > 0 && sent <= 10_000, `${sent} tokens were sent`);
  });

  for (const [text, rate, budget] of [
    ['500000', undefined, 500_000],
    ['500,000', undefined, 500_000],
    ['$1', 2e-6, 500_000],
    ['$0.50', 2e-6, 250_000],
    ['$.5', 2e-6, 250_000],
    ['$1', undefined, undefined],
    ['$1', 0, undefined],
    ['1.5', undefined, undefined],
    ['0', undefined, undefined],
    ['-5', undefined, undefined],
    ['', undefined, undefined],
    ['all', undefined, undefined],
  ] as const) {
    it(`reads the budget "${text}"`, () => assert.equal(readBudget(text, rate), budget));
  }
});
