import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

import { root } from '../../tools/paths.ts';
import { startFake, type Fake } from '../fakes/index.ts';
import { cloneCheckout, scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 30_000 };

function response(page: Page): Locator {
  return page.locator('.interactive-response').last();
}

describe('slash commands in a real window', function () {
  this.timeout(240_000);
  let scratch: string;
  let folder: string;
  let line: number;
  let fake: Fake;
  let session: drive.Session | undefined;

  before(async () => {
    scratch = scratchFolder();
    folder = await cloneCheckout(scratch);
    const lines = readFileSync(join(folder, 'src/core/pack/frame.ts'), 'utf8').split('\n');
    line = lines.findIndex(text => text.startsWith('export function neutralise')) + 1;
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));
  beforeEach(async () => {
    fake = await startFake({ system: 'vllm', contextTokens: 2_000_000 });
  });
  afterEach(async () => {
    await session?.close();
    session = undefined;
    await fake.close();
  });

  const question = (n: number) => {
    const { messages } = fake.chats().at(n)?.body as { messages: { content: string }[] };
    const last = messages.at(-1)?.content ?? '';
    return last.slice(last.lastIndexOf('\n@@@@ question\n') + 1);
  };

  it('/where works in Chat, suggests what to ask next, and a suggestion is asked by a click', async () => {
    fake.configure({
      answer: `\`neutralise\` does it: \`src/core/pack/frame.ts:${line}\` "export function neutralise(text: string): string {". See also \`src/core/pack/ghost.ts:7\`.\n`,
    });
    session = await drive.openVSCode({
      folder,
      settings: {
        'longview.endpoints': [{ id: 'fake', name: 'Fake Scout', baseUrl: fake.baseUrl, model: fake.model }],
        'longview.endpoint': 'fake',
      },
    });
    const { page } = session;
    await drive.ask(page, '/where sentinels in content are broken');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send, and Remember');
    await response(page)
      .getByText(/1 of 2 anchors verified/)
      .waitFor(patience);
    assert.match(question(-1), /Where in this workspace is this: sentinels in content are broken\n/);
    const followups = page.locator('.interactive-session-followups');
    await followups.getByText('Check ghost.ts:7').waitFor(patience);
    await followups.getByText('What would a change of neutralise affect?').waitFor(patience);
    for (const theme of ['light', 'high contrast', 'dark'] as const) {
      await drive.setTheme(page, theme);
      await drive.screenshot(page, join(pictures, `followups-${theme.replace(' ', '-')}.png`));
    }
    await followups.getByText('What would a change of neutralise affect?').click(patience);
    await page.locator('.interactive-request').nth(1).waitFor(patience);
    await page
      .locator('.interactive-response')
      .nth(1)
      .getByText(/1 of 2 anchors verified/)
      .waitFor(patience);
    const sent = fake.chats().at(-1)?.body as { messages: { role: string; content: string }[] };
    assert.match(sent.messages.at(-1)?.content ?? '', /What would be affected if this changed: neutralise\n/);
    assert.equal(sent.messages.length, 4, 'it goes on with the conversation');
  });

  it('an empty question gets help, and a command that is not ours is told', async () => {
    session = await drive.openVSCode({ folder });
    const { page } = session;
    await drive.ask(page, 'How is a frame sentinel neutralised?');
    await response(page)
      .getByText(/anchors verified/)
      .waitFor(patience);
    const input = page.locator('.interactive-input-part .monaco-editor').first();
    await input.click(patience);
    // The participant stays: nothing but its name stands in the input.
    await page.keyboard.press('Enter');
    await response(page)
      .getByText(/Review the changes of the current branch/)
      .waitFor(patience);
    await drive.screenshot(page, join(pictures, 'chat-help.png'));
    await response(page).locator('a', { hasText: 'Show the budget' }).click(patience);
    await page.locator('.part.sidebar .pane-header.expanded', { hasText: /budget/i }).waitFor(patience);
    await drive.ask(page, '/help me');
    await page
      .locator('.quick-input-message', { hasText: /no command "\/help"/ })
      .first()
      .waitFor(patience);
    await drive.screenshot(page, join(pictures, 'unknown-command.png'));
  });
});
