import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

import type { Fake } from '../fakes/index.ts';
import type { Fault } from '../fakes/types.ts';
import { userDataVariable } from '../run/tally.ts';
import { documentWhere, resetSettings, selectFake, services, setting } from './window.ts';

const marker = 'sk-marker-7f3a91c2-never-to-be-written';
/** Parts of it count as well: errors may cut what they quote. */
const needle = Buffer.from('marker-7f3a91c2');

const echo = (status: number): Fault => ({
  kind: 'reply',
  reply: {
    status,
    headers: { 'x-echo': `Bearer ${marker}`, 'content-type': 'application/json' },
    body: { error: { message: `Incorrect API key provided: ${marker}. You can find your key elsewhere.` } },
  },
});

describe('a key', function () {
  this.timeout(90_000);
  let fake: Fake | undefined;
  afterEach(async () => {
    await fake?.close();
    await (await services()).endpoints.removeKey('fake');
    await resetSettings();
  });

  it('is in nothing that is written or shown, whatever an endpoint makes of it', async () => {
    const active = await services();
    active.confirm = async ({ choices }) => choices[0];
    fake = await selectFake({ system: 'vllm', contextTokens: 2_000_000, apiKey: marker, answer: 'Fine.' });
    await active.endpoints.setKey('fake', marker);
    await setting('longview.answers', 'document');
    const faults: Fault[] = [
      echo(401),
      echo(400),
      echo(500),
      { kind: 'stream-error', afterChunks: 1, body: { error: { message: `Bad key ${marker}` } } },
      { kind: 'drop' },
    ];
    for (const [i, fault] of faults.entries()) {
      fake.fail(fault);
      const question = `Question number ${i}?`;
      await vscode.commands.executeCommand('longview.ask', question);
      const document = await documentWhere(
        d =>
          d.uri.scheme === 'longview-answer' && d.getText().includes(question) && d.getText().includes('---'),
      );
      assert.ok(!document.getText().includes('marker-7f3a91c2'), document.getText());
    }
    await vscode.commands.executeCommand('longview.recheckLimit', 'fake');
    await vscode.commands.executeCommand('longview.ask', 'And one that is answered?');
    await documentWhere(d => d.getText().includes('Fine.'));
    fake.configure({ answer: `You sent me ${marker}, and I keep it.` });
    await vscode.commands.executeCommand('longview.ask', 'And one whose answer repeats it?');
    await documentWhere(d => d.getText().includes('You sent me [key], and I keep it.'));
    assert.ok(fake.chats().every(c => c.headers['authorization'] === `Bearer ${marker}`));

    const files = filesBelow(userDataDir());
    assert.ok(
      files.some(f => f.endsWith('settings.json')),
      'the settings were searched',
    );
    assert.ok(
      files.some(f => /longview/i.test(f) && f.endsWith('.log')),
      'the log was searched',
    );
    const found = files.filter(file => readFileSync(file).includes(needle));
    assert.deepEqual(found, []);
  });
});

/** Settings, storage, logs, backups: all that this VS Code writes. */
function userDataDir(): string {
  const found = process.env[userDataVariable];
  assert.ok(found, 'the run names no user-data folder');
  return found;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}
