import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import type { EndpointConfig } from '../../src/core/endpoint/types.ts';
import { replacementFor } from '../../src/vscode/otherModel.ts';
import type { Question } from '../../src/vscode/prompts.ts';
import { dollars } from '../../src/vscode/spending.ts';
import type { Fake } from '../fakes/index.ts';
import { documentWhere, resetSettings, selectFake, services, setting } from './window.ts';

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
    assert.match(questions[0]?.detail ?? '', /earlier turns of this conversation.*No API key is stored/s);
  });
});
