import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import { findTool } from '../../src/core/review/tools.ts';
import type { GaugeState } from '../../src/vscode/gauge.ts';
import { createTool } from '../../src/vscode/tools.ts';
import type { Fake } from '../fakes/index.ts';
import { documentWhere, gaugeState, resetSettings, selectFake, services, setting } from './window.ts';

const none = new vscode.CancellationTokenSource().token;

async function invoke(name: string, input: object): Promise<string> {
  const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined }, none);
  return result.content
    .map(part => (part instanceof vscode.LanguageModelTextPart ? part.value : ''))
    .join('');
}

describe('language-model tools', () => {
  let fake: Fake | undefined;
  before(() => services());
  afterEach(async () => {
    await fake?.close();
    fake = undefined;
    await resetSettings();
  });

  it('are offered to every agent of this window', () => {
    const ours = vscode.lm.tools.filter(tool => tool.name.startsWith('longview_')).map(tool => tool.name);
    assert.deepEqual(ours.sort(), [
      'longview_askRepository',
      'longview_budget',
      'longview_locate',
      'longview_verifyAnchors',
    ]);
  });

  it('locate finds a declaration, verifyAnchors checks a citation', async () => {
    const located = await invoke('longview_locate', { query: 'neutralise sentinel', limit: 3 });
    assert.match(located, /`src\/core\/pack\/frame\.ts:\d+-\d+`/);
    const checked = await invoke('longview_verifyAnchors', {
      text: 'See `src/core/pack/frame.ts:1` "export const markerEvery = 10;" and `src/ghost.ts:4`.',
    });
    assert.match(checked, /- relocated: `src\/core\/pack\/frame\.ts:\d+`/);
    assert.match(checked, /- missing: `src\/ghost\.ts:4`/);
  });

  it('budget tells what the gauge tells', async () => {
    const ready = (state: GaugeState): state is Extract<GaugeState, { kind: 'ready' }> =>
      state.kind === 'ready' && state.endpoint.kind === 'offline';
    const state = await gaugeState(ready);
    const report = JSON.parse(await invoke('longview_budget', {})) as { files: number; wantedTokens: number };
    assert.deepEqual(
      [report.files, report.wantedTokens],
      [state.survey.plan.files.length, state.survey.plan.wantedTokens],
    );
  });

  it('the offline reader is asked without a confirmation, for nothing leaves', async () => {
    const answer = await invoke('longview_askRepository', {
      question: 'Where is a frame sentinel neutralised?',
    });
    assert.match(answer, /no model was involved/i);
    assert.match(answer, /Anchors: \d+ of \d+ verified/);
  });

  it('what an agent asked, and what came of it, is in the history', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 2_000_000, answer: 'See `src/ghost.ts:4`.' });
    const active = await services();
    active.confirm = question => Promise.resolve(question.choices[0]);
    await invoke('longview_askRepository', { question: 'What does an agent want to know?' });
    const kept = await active.history.store.list();
    const head = kept.entries.find(entry => entry.title === 'What does an agent want to know?');
    assert.deepEqual([head?.surface, head?.state, head?.anchors.total], ['tool', 'done', 1]);
    fake.failAlways({ kind: 'dead-model' });
    const asked = invoke('longview_askRepository', { question: 'And when it fails?' });
    await assert.rejects(asked, /does not know the model/);
    const failed = (await active.history.store.list()).entries.find(e => e.title === 'And when it fails?');
    assert.deepEqual([failed?.surface, failed?.state], ['tool', 'failed']);
  });

  it('input that is wrong is refused in words a model can use', async () => {
    await assert.rejects(invoke('longview_locate', { query: 'frame', folder: '/' }), /folder/);
  });

  it('says host, tokens and cost before anything may leave, and sends nothing unconfirmed', async () => {
    fake = await selectFake(
      { system: 'vllm', contextTokens: 2_000_000, answer: 'Yes.' },
      { price: { input: 2, output: 4 } },
    );
    const tool = findTool('longview_askRepository');
    assert.ok(tool);
    const input = { question: 'Where is [x](command:y)?' };
    const prepared = await createTool(tool, await services()).prepareInvocation({ input }, none);
    const said = prepared?.confirmationMessages;
    const message = said?.message;
    assert.ok(said !== undefined && message instanceof vscode.MarkdownString);
    assert.match(said.title, /Send this workspace to Fake Server/);
    const shown = message.value.replaceAll('&nbsp;', ' ');
    assert.match(shown, /127\.0\.0\.1/);
    assert.match(shown, /[\d,]+ files, [\d,]+ tokens; at most \\?\$\d/);
    assert.ok(!message.value.includes('](command:'), 'the question is text, not Markdown');
    // A window under test accepts every confirmation by itself, so here it is the gate that holds.
    (await services()).confirm = () => Promise.resolve(undefined);
    await assert.rejects(invoke('longview_askRepository', input), /You chose not to send/);
    assert.equal(fake.chats().length, 0);
  });

  it('an agent that skips the confirmation still meets the gates', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 2_000_000, answer: 'Yes.' });
    const active = await services();
    const tool = findTool('longview_askRepository');
    assert.ok(tool);
    const run = async () =>
      createTool(tool, active).invoke({ input: { question: 'What?' }, toolInvocationToken: undefined }, none);
    active.confirm = () => Promise.resolve(undefined);
    await assert.rejects(run, /You chose not to send/);
    assert.equal(fake.chats().length, 0);
    active.confirm = question => Promise.resolve(question.choices[0]);
    const result = await run();
    assert.ok(result);
    assert.match(
      result.content.map(part => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join(''),
      /Yes\./,
    );
    assert.equal(fake.chats().length, 1);
  });
});

describe('slash commands outside of Chat', () => {
  let fake: Fake | undefined;
  beforeEach(() => setting('longview.answers', 'document'));
  afterEach(async () => {
    await fake?.close();
    await resetSettings();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('/where in the command is worded as in Chat, and so is what travels', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 2_000_000, answer: 'Here.' });
    const active = await services();
    active.confirm = question => Promise.resolve(question.choices[0]);
    await vscode.commands.executeCommand('longview.ask', '/where frames are made');
    await documentWhere(
      document => document.uri.scheme === 'longview-answer' && /Here\./.test(document.getText()),
    );
    const { messages } = fake.chats().at(-1)?.body as { messages: { content: string }[] };
    const prompt = messages.at(-1)?.content ?? '';
    const question = prompt.slice(prompt.lastIndexOf('\n@@@@ question\n'));
    assert.match(question, /^\n@@@@ question\nWhere in this workspace is this: frames are made\n/);
    assert.doesNotMatch(question, /\/where/);
  });
});
