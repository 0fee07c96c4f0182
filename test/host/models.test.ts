import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import type { Question } from '../../src/vscode/prompts.ts';
import type { Fake } from '../fakes/index.ts';
import { resetSettings, selectFake, services, setting } from './window.ts';

const user = (text: string) => [vscode.LanguageModelChatMessage.User(text)];

async function answerOf(model: vscode.LanguageModelChat, text = 'Hello?'): Promise<string> {
  const response = await model.sendRequest(user(text), { justification: 'test' });
  let answer = '';
  for await (const part of response.text) answer += part;
  return answer;
}

async function modelOf(id: string): Promise<vscode.LanguageModelChat> {
  const found = (await vscode.lm.selectChatModels({ vendor: 'longview' })).find(model => model.id === id);
  assert.ok(found, `no model ${id}`);
  return found;
}

describe('our endpoints as language models of VS Code', () => {
  let fake: Fake | undefined;
  const questions: Question[] = [];
  let choice: (question: Question) => string | undefined;

  before(async () => {
    const active = await services();
    active.confirm = async question => {
      questions.push(question);
      return choice(question);
    };
  });
  beforeEach(async () => {
    questions.length = 0;
    choice = () => undefined;
    await (await services()).gates.forget();
  });
  afterEach(async () => {
    await fake?.close();
    fake = undefined;
    await resetSettings();
  });

  it('the offline reader is one, with its real limit, and needs no consent', async () => {
    const model = await modelOf('offline');
    assert.equal(model.maxInputTokens, 1_048_576 - 8192);
    assert.equal(await model.countTokens('<|endoftext|> is text'), 9);
    assert.match(await answerOf(model), /no model was involved/i);
    assert.equal(questions.length, 0);
  });

  it('sends nothing before the user agreed, and tells where it would go', async () => {
    fake = await selectFake({ system: 'vllm', answer: 'never' });
    const model = await modelOf('fake');
    await assert.rejects(async () => answerOf(model), /nothing left this machine/);
    assert.equal(fake.chats().length, 0);
    assert.equal(questions.length, 1);
    assert.match(`${questions[0]?.title} ${questions[0]?.detail}`, /127\.0\.0\.1:\d+.*Fake Server/s);
  });

  it('asks again after "once", and no more after "remember"', async () => {
    fake = await selectFake({ system: 'vllm', answer: 'Fine.' });
    const model = await modelOf('fake');
    choice = q => q.choices.find(c => c.includes('Once'));
    assert.deepEqual([await answerOf(model), await answerOf(model)], ['Fine.', 'Fine.']);
    assert.equal(questions.length, 2);
    choice = q => q.choices.find(c => c.includes('Remember'));
    await answerOf(model);
    await answerOf(model);
    assert.equal(questions.length, 3);
    assert.equal(fake.chats().length, 4);
  });

  it('confirms each prompt that may cost more than the user allows, also where consent is remembered', async () => {
    // 8,192 tokens of answer at a thousand dollars a million.
    fake = await selectFake({ system: 'vllm', answer: 'Fine.' }, { price: { input: 1000, output: 1000 } });
    const model = await modelOf('fake');
    const { spending } = await services();
    const before = spending.today();
    choice = q => q.choices.find(c => c.includes('Remember'));
    await answerOf(model);
    assert.match(questions[0]?.detail ?? '', /^Cost: at most \$8\.\d\d$/m);
    await answerOf(model);
    assert.equal(questions.length, 2, 'above $1, the default');
    await setting('longview.confirmAboveUsd', 100);
    await answerOf(model);
    assert.equal(questions.length, 2, 'below what the user allows');
    await setting('longview.confirmAboveUsd', 5);
    choice = () => undefined;
    await assert.rejects(async () => answerOf(model), /nothing left this machine/);
    assert.deepEqual([questions.length, fake.chats().length], [3, 3]);
    const after = spending.today();
    assert.equal(after.asks - before.asks, 3, 'what others ask through our models is in the day’s sum');
    const tokens = fake.chats().reduce((sum, chat) => sum + (chat.promptTokens ?? 0), 0);
    assert.ok(after.usd - before.usd > (tokens * 1000) / 1e6);
  });

  it('keeps to a limit of the prompt alone, and to the longest answer', async () => {
    fake = await selectFake({
      system: 'tgi',
      contextTokens: 32_768,
      maxInputTokens: 10_000,
      answer: 'Fine.',
    });
    const model = await modelOf('fake');
    assert.ok(model.maxInputTokens <= 10_000 && model.maxInputTokens > 6000, String(model.maxInputTokens));
    choice = q => q.choices[0];
    await assert.rejects(async () => answerOf(model, 'plain words '.repeat(6000)), /at most 10,000 of them/);
    assert.equal(fake.chats().length, 0);
    assert.equal(await answerOf(model), 'Fine.');
    await fake.close();
    fake = await selectFake({ system: 'openrouter', maxOutputTokens: 2000, answer: 'Fine.' });
    assert.equal(await answerOf(await modelOf('fake')), 'Fine.');
    assert.equal((fake.chats()[0]?.body as { max_tokens: number }).max_tokens, 2000);
  });

  it('keeps what a refusal says of the real limit', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 200_000, answer: 'Fine.' });
    choice = q => q.choices[0];
    const { endpoints, store } = await services();
    fake.fail({ kind: 'overflow', limitTokens: 20_000 });
    const model = await modelOf('fake');
    await assert.rejects(async () => answerOf(model, 'plain words '.repeat(15_000)), /20,?000/);
    const { config } = endpoints.selected();
    const known = await store.load(config);
    assert.ok(
      known.some(({ source, tokens }) => source === 'refused' && tokens === 20_000),
      JSON.stringify(known),
    );
  });

  it('remembers consent for one destination, not for an id that moves', async () => {
    fake = await selectFake({ system: 'vllm', answer: 'Fine.' });
    choice = q => q.choices.find(c => c.includes('Remember'));
    await answerOf(await modelOf('fake'));
    await fake.close();
    fake = await selectFake({ system: 'vllm', answer: 'Elsewhere.' });
    await answerOf(await modelOf('fake'));
    assert.equal(questions.length, 2);
  });

  it('a workspace’s settings cannot redirect source or key', async () => {
    const evil = [{ id: 'evil', baseUrl: 'http://127.0.0.1:9/v1', model: 'm' }];
    const configuration = vscode.workspace.getConfiguration();
    // VS Code refuses to write an application setting there, so the file is written as a repository would ship it.
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    const file = vscode.Uri.joinPath(folder, '.vscode', 'settings.json');
    const text = JSON.stringify({ 'longview.endpoints': evil, 'longview.endpoint': 'evil' });
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
    try {
      await vscode.commands.executeCommand('longview.refresh');
      const { endpoints } = await services();
      assert.equal(endpoints.selected().config.id, 'offline');
      assert.equal(endpoints.byId('evil'), undefined);
      assert.ok(configuration);
    } finally {
      await vscode.workspace.fs.delete(file);
    }
  });
});
