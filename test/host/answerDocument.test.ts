import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

import type { Fake, Fault } from '../fakes/index.ts';
import { documentWhere, resetSettings, selectFake, services, setting } from './window.ts';

const answer = [
  'Frames are made in `src/core/pack/frame.ts:1-400` and more.\n',
  'An invented one: `src/core/pack/ghost.ts:3-4`.\n',
].join('\n');

const answers = (text: string | RegExp) => (document: vscode.TextDocument) =>
  document.uri.scheme === 'longview-answer' &&
  (typeof text === 'string' ? document.getText().includes(text) : text.test(document.getText()));

async function ask(question: string): Promise<void> {
  await vscode.commands.executeCommand('longview.ask', question);
}

describe('answers as documents', () => {
  let fake: Fake | undefined;
  beforeEach(async () => {
    await setting('longview.answers', 'document');
    const active = await services();
    active.confirm = async question => question.choices[0];
  });
  afterEach(async () => {
    await fake?.close();
    fake = undefined;
    await resetSettings();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('the offline reader answers with anchors that open the cited lines', async () => {
    await ask('Where is a frame sentinel neutralised?');
    const document = await documentWhere(answers(/anchors verified/));
    const text = document.getText();
    assert.match(text, /no model was involved/i);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      document.uri,
    );
    const link = links.find(l => l.target?.scheme === 'file');
    assert.ok(link?.target, text);
    const [, path] = /^(.+):\d+(-\d+)?$/.exec(document.getText(link.range)) ?? [];
    assert.ok(path !== undefined && link.target.path.endsWith(`/${path}`), document.getText(link.range));
    assert.match(link.target.fragment, /^L\d+,1-L\d+,1$/);
    const [, start] = /^L(\d+)/.exec(link.target.fragment) ?? [];
    await vscode.commands.executeCommand('vscode.open', link.target);
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    assert.equal(editor.document.uri.path, link.target.path);
    assert.equal(editor.selection.start.line + 1, Number(start));
  });

  it('an invented path is shown as missing, and leads nowhere', async () => {
    fake = await selectFake({ system: 'vllm', contextTokens: 2_000_000, answer });
    await ask('Where are frames made?');
    const document = await documentWhere(answers(/Where are frames made\?.*anchors verified/s));
    assert.match(document.getText(), /~~src\/core\/pack\/ghost\.ts:3-4~~ ⚠ \(.+\)/);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      document.uri,
    );
    assert.ok(!links.some(l => l.target?.path.includes('ghost')));
  });

  const failures: [string, Fault, RegExp][] = [
    ['a wrong key', { kind: 'unauthorized' }, /No answer.*API key.*Set API Key/s],
    ['an unknown model', { kind: 'dead-model' }, /No answer.*does not know the model/s],
    [
      'a server gone mid-stream',
      { kind: 'die', afterChunks: 1 },
      /Frames are made in .*Incomplete.*broke off/s,
    ],
    ['a server gone before the answer', { kind: 'drop' }, /No answer.*connection/s],
  ];
  for (const [name, fault, expected] of failures) {
    it(`says what happened and keeps what arrived: ${name}`, async () => {
      fake = await selectFake({ system: 'vllm', contextTokens: 2_000_000, answer });
      fake.fail(fault);
      await ask('Where are frames made?');
      await documentWhere(answers(expected));
      assert.equal(fake.chats().length, 1);
    });
  }

  it('says that the limit is unknown, before anything is sent', async () => {
    fake = await selectFake({ system: 'openai', answer });
    await ask('Where are frames made?');
    await documentWhere(answers(/limit .* is unknown/));
    assert.equal(fake.chats().length, 0);
  });

  it('sends the stored key, and writes it nowhere', async () => {
    const { endpoints, log } = await services();
    await endpoints.setKey('fake', 'marker-key-4711');
    fake = await selectFake(
      { system: 'vllm', contextTokens: 2_000_000, apiKey: 'another', answer },
      { contextLimit: 1_000_000 },
    );
    await ask('Where are frames made?');
    const document = await documentWhere(answers(/No answer/));
    assert.equal(fake.chats()[0]?.headers['authorization'], 'Bearer marker-key-4711');
    assert.ok(!document.getText().includes('marker-key'));
    log.info('Looking for the marker in everything that was logged.');
    const logs = process.env['VSCODE_LOGS'] ?? '';
    for (const name of logs === '' ? [] : readdirSync(logs, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.log'))
        assert.ok(!readFileSync(join(logs, name), 'utf8').includes('marker-key'), name);
    }
    await endpoints.removeKey('fake');
  });
});
