import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import type { Fake } from '../fakes/index.ts';
import { resetSettings, selectFake, services } from './window.ts';

describe('Amazon Bedrock in the editor', () => {
  let fake: Fake | undefined;
  afterEach(async () => {
    await (await services()).endpoints.removeKey('fake');
    await fake?.close();
    await resetSettings();
  });

  it('is spoken to by AWS’s own client, loaded when asked, with the stored key', async () => {
    fake = await selectFake(
      { system: 'bedrock', answer: 'From Bedrock.' },
      {
        provider: 'bedrock',
        contextLimit: 100_000,
      },
    );
    const active = await services();
    await active.endpoints.setKey('fake', 'bedrock-key');
    active.confirm = async question => question.choices.find(c => c.includes('Once'));
    const found = await vscode.lm.selectChatModels({ vendor: 'longview' });
    const model = found.find(m => m.id === 'fake');
    assert.ok(model, `only ${found.map(m => m.id).join(', ')}`);
    const response = await model.sendRequest([vscode.LanguageModelChatMessage.User('Hello?')]);
    let answer = '';
    for await (const part of response.text) answer += part;
    assert.equal(answer, 'From Bedrock.');
    assert.equal(fake.chats()[0]?.headers['authorization'], 'Bearer bedrock-key');
  });
});
