import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import { dollars } from '../../src/core/endpoint/cost.ts';
import type { EndpointConfig } from '../../src/core/endpoint/types.ts';
import { replacementFor } from '../../src/vscode/otherModel.ts';
import type { Question } from '../../src/vscode/prompts.ts';
import type { GaugeState } from '../../src/vscode/gauge.ts';
import { gaugeTooltip } from '../../src/vscode/gaugeTooltip.ts';
import { createSpending, describeSpent } from '../../src/vscode/spending.ts';
import type { Fake } from '../fakes/index.ts';
import { documentWhere, gaugeState, resetSettings, selectFake, services, setting } from './window.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;

const configured = () =>
  vscode.workspace.getConfiguration().get<readonly EndpointConfig[]>('longview.endpoints') ?? [];

describe('endpoints in the editor', () => {
  let fake: Fake;
  const questions: Question[] = [];
  let choose: (question: Question) => string | undefined;

  before(async () => {
    (await services()).confirm = async question => {
      questions.push(question);
      return choose(question);
    };
  });
  beforeEach(() => {
    questions.length = 0;
    choose = q => q.choices[0];
  });
  afterEach(async () => {
    await (await services()).gates.forget();
    await fake.close();
    await resetSettings();
  });

  it('a model that has gone: its provider’s other long-context models are found, and one command switches', async () => {
    fake = await selectFake(
      {
        system: 'groq',
        model: 'meta-llama/llama-4-scout-17b-16e-instruct',
        models: [
          { id: 'openai/gpt-oss-120b', contextTokens: 131_072 },
          { id: 'small/one', contextTokens: 8192 },
        ],
      },
      { provider: 'groq', name: 'llama-4-scout-17b-16e-instruct (Groq)', contextLimit: 100_000 },
    );
    fake.configure({ model: 'openai/gpt-oss-120b', models: [{ id: 'small/one', contextTokens: 8192 }] });
    const active = await services();
    const { why, models } = await replacementFor(active.endpoints.selected(), active);
    assert.match(why, /does not serve .*scout.* any more since 2026-07-17/);
    assert.deepEqual(
      models.map(m => m.id),
      ['openai/gpt-oss-120b'],
    );
    await vscode.commands.executeCommand('longview.useModel', {
      endpoint: 'fake',
      model: 'openai/gpt-oss-120b',
    });
    const [config] = configured();
    assert.equal(config?.model, 'openai/gpt-oss-120b');
    assert.equal(config.name, 'gpt-oss-120b (Groq)');
    assert.equal(config.contextLimit, undefined, 'the limit was the old model’s');
  });

  it('the licence of Llama 4 is told once, with its link', async () => {
    fake = await selectFake({ system: 'vllm', models: [{ id: 'llama-4-scout', contextTokens: 100_000 }] });
    const active = await services();
    await active.memento.update('longview.licencesRead', undefined);
    const use = async (model: string) =>
      vscode.commands.executeCommand('longview.useModel', { endpoint: 'fake', model });
    choose = () => undefined;
    await use('llama-4-scout');
    assert.notEqual(configured()[0]?.model, 'llama-4-scout', 'refused, so not chosen');
    choose = q => q.choices[0];
    await use('llama-4-scout');
    await use('llama-4-maverick');
    assert.deepEqual([configured()[0]?.model, questions.length], ['llama-4-maverick', 2]);
    assert.match(
      questions[1]?.detail ?? '',
      /European Union.*700 million.*Built with Llama.*https:\/\/www\.llama\.com/s,
    );
    await active.memento.update('longview.licencesRead', undefined);
  });

  it('removing asks, and takes the key along', async () => {
    fake = await selectFake({ system: 'vllm' });
    const { endpoints } = await services();
    await endpoints.setKey('fake', 'secret');
    choose = () => undefined;
    await vscode.commands.executeCommand('longview.removeEndpoint', 'fake');
    assert.equal(configured().length, 1);
    choose = q => q.choices[0];
    const endpoint = endpoints.byId('fake');
    await vscode.commands.executeCommand('longview.removeEndpoint', 'fake');
    assert.deepEqual([configured().length, await endpoint?.apiKey()], [0, undefined]);
    assert.equal(endpoints.selected().config.id, 'offline');
  });

  it('re-checking asks the endpoint although what is remembered is fresh', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 40_000 });
    const { store } = await services();
    await vscode.commands.executeCommand('longview.recheckLimit', 'fake');
    fake.configure({ contextTokens: 50_000 });
    await vscode.commands.executeCommand('longview.recheckLimit', 'fake');
    const kept = await store.load({ baseUrl: fake.baseUrl, model: fake.model });
    assert.equal(kept.find(e => e.source === 'served')?.tokens, 50_000);
  });

  it('waits for a rate limit as long as longview.maxWaitSeconds says, and no longer', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 40_000, answer: 'Fine.' });
    await setting('longview.answers', 'document');
    await setting('longview.maxWaitSeconds', 0);
    fake.fail({ kind: 'rate', retryAfterSeconds: 1 });
    await vscode.commands.executeCommand('longview.ask', 'Is there no time?');
    await documentWhere(d => d.getText().includes('no time?') && /No answer/.test(d.getText()));
    assert.equal(fake.chats().length, 1, 'not sent again');
    await setting('longview.maxWaitSeconds', 5);
    fake.fail({ kind: 'rate', retryAfterSeconds: 1 });
    await vscode.commands.executeCommand('longview.ask', 'Is there a second?');
    await documentWhere(d => d.getText().includes('a second?') && d.getText().includes('Fine.'));
    assert.equal(fake.chats().length, 3);
  });

  it('what an ask cost stands below the answer and in the day’s sum; earlier turns are named before sending', async () => {
    fake = await selectFake(
      {
        system: 'openrouter',
        contextTokens: 40_000,
        price: { input: 1, output: 2 },
        answer: 'Fine.',
      },
      { provider: 'openrouter' },
    );
    const { spending } = await services();
    const before = spending.today();
    await setting('longview.answers', 'document');
    await vscode.commands.executeCommand('longview.ask', 'What does it cost?');
    const document = await documentWhere(
      d => d.getText().includes('What does it cost?') && d.getText().includes('prompt tokens'),
    );
    const [chat] = fake.chats();
    const after = spending.today();
    const cost = after.usd - before.usd;
    assert.ok(cost > 0 && after.asks === before.asks + 1);
    assert.ok(document.getText().includes(dollars(cost)), document.getText());
    assert.ok(Math.abs(cost - (chat?.promptTokens ?? 0) / 1e6) < 1e-4);
    const state = await gaugeState((s): s is Ready => s.kind === 'ready' && s.endpoint.config.id === 'fake');
    assert.ok(
      gaugeTooltip(state, after).value.includes(`Spent here today: ${describeSpent(after) ?? 'nothing'}.`),
      gaugeTooltip(state, after).value,
    );
    assert.ok(!gaugeTooltip(state, { usd: 0, asks: 0, unpriced: 0 }).value.includes('Spent'));
    assert.match(questions[0]?.detail ?? '', /earlier turns of this conversation.*No API key is stored/s);
  });
});

describe('the day’s sum', () => {
  for (const [spent, text] of [
    [{ usd: 0.5, asks: 2, unpriced: 0 }, '$0.500 for 2 asks'],
    [{ usd: 0.5, asks: 2, unpriced: 1 }, '$0.500 for 1 ask, and 1 of unknown cost'],
    [{ usd: 0, asks: 1, unpriced: 1 }, 'unknown, for 1 ask without a price'],
    [{ usd: 0, asks: 2, unpriced: 2 }, 'unknown, for 2 asks without a price'],
  ] as const) {
    it(`reads "${text}"`, () => assert.equal(describeSpent(spent), text));
  }

  it('is of one workspace and one day, and outlives a restart', async () => {
    let today = new Date(2026, 0, 31, 23, 59);
    const values = new Map<string, unknown>();
    const workspace: vscode.Memento = {
      keys: () => [...values.keys()],
      get: <T>(key: string, other?: T) => (values.get(key) ?? other) as T,
      update: async (key, value) => void values.set(key, value),
    };
    const usage = { promptTokens: 1_000_000, cachedTokens: null, completionTokens: 0 };
    const price = { input: 2, output: 2, source: 'entered' } as const;
    await createSpending(workspace, () => today).add(price, usage);
    const restarted = createSpending(workspace, () => today);
    assert.deepEqual(restarted.today(), { usd: 2, asks: 1, unpriced: 0 });
    today = new Date(2026, 1, 1);
    assert.equal(restarted.today().asks, 0);
  });
});
