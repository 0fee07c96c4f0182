import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

import { root } from '../../tools/paths.ts';
import { startFake, type Fake } from '../fakes/index.ts';
import { cloneCheckout, scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 30_000 };

describe('the history in a real window', function () {
  this.timeout(240_000);
  let scratch: string;
  let folder: string;
  let fake: Fake;
  let session: drive.Session | undefined;
  let line: number;

  before(async () => {
    scratch = scratchFolder();
    folder = await cloneCheckout(scratch);
    const lines = readFileSync(join(folder, 'src/core/pack/frame.ts'), 'utf8').split('\n');
    line = lines.findIndex(text => text.startsWith('export const sentinel')) + 1;
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

  const toFake = () => ({
    'longview.endpoints': [{ id: 'fake', name: 'Fake Scout', baseUrl: fake.baseUrl, model: fake.model }],
    'longview.endpoint': 'fake',
    'longview.answers': 'document',
  });

  const row = (page: Page, text: string | RegExp) =>
    page.locator('.pane-body .monaco-list-row', { hasText: text }).first();

  it('an answer is there again after a restart, and its anchor lands on the line after an edit', async () => {
    fake.configure({
      answer: [
        `The sentinel is set in \`src/core/pack/frame.ts:${line}\` \`export const sentinel = '@@@@';\`, and nowhere else.`,
        'It opens each file of the pack; content that holds it is broken up before, see `src/core/pack/escape.ts:7`.\n',
      ].join('\n\n'),
    });
    session = await drive.openVSCode({ folder, settings: toFake() });
    const { page } = session;
    await drive.ask(page, 'Where is the frame sentinel set?');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send, and Remember');
    await page
      .locator('.view-line', { hasText: /1\sof\s2\sanchors/ })
      .first()
      .waitFor(patience);
    await page.reload();
    await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
    // The tab may be there again: that is up to when VS Code last wrote its state. The history always is.
    await drive.runCommand(page, 'Longview: Search History');
    await drive.quickInput(page).locator('input').first().fill('frame sentinel');
    await drive
      .quickInput(page)
      .locator('.monaco-list-row.focused', { hasText: 'Where is the frame sentinel set?' })
      .first()
      .waitFor(patience);
    await page.keyboard.press('Enter');
    await page
      .locator('.view-line', { hasText: /1\sof\s2\sanchors/ })
      .first()
      .waitFor({ timeout: 60_000 });
    const file = join(folder, 'src/core/pack/frame.ts');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `// one\n// two\n// three\n${text}`);
    try {
      await drive.runCommand(page, 'View: Close All Editors');
      await drive.runCommand(page, 'Longview: Focus on History View');
      await row(page, 'Where is the frame sentinel').click(patience);
      const lens = page.locator('.codelens-decoration a', { hasText: `frame.ts:${line + 3}` }).first();
      await lens.waitFor(patience);
      for (const theme of ['dark', 'light', 'high contrast', 'high contrast light'] as const) {
        await drive.setTheme(page, theme);
        await page
          .locator('.view-line', { hasText: /nowhere\selse/ })
          .first()
          .waitFor(patience);
        await row(page, 'Where is the frame sentinel').hover(patience);
        await drive.screenshot(page, join(pictures, `history-${theme.replaceAll(' ', '-')}.png`));
      }
      await page.locator('.view-line .detected-link', { hasText: 'frame.ts' }).first().hover(patience);
      await page.locator('.monaco-hover', { hasText: 'The answer quotes' }).first().waitFor(patience);
      await drive.screenshot(page, join(pictures, 'history-hover.png'));
      await page.keyboard.press('Escape');
      await lens.click(patience);
      await page.locator('.tab.active[data-resource-name="frame.ts"]').waitFor(patience);
      // The whole line is selected, with the cursor behind it.
      await page
        .locator('[id="status.editor.selection"]', { hasText: `Ln ${line + 4}, Col 1 (` })
        .waitFor(patience);
    } finally {
      writeFileSync(file, text);
    }
    assert.equal(fake.chats().length, 1, 'nothing was asked again');
  });

  it('with the keyboard only: search, open, go to an anchor', async () => {
    fake.configure({
      answer: `See \`src/core/pack/frame.ts:${line}\` \`export const sentinel = '@@@@';\`.\n`,
    });
    session = await drive.openVSCode({ folder, settings: toFake() });
    const { page } = session;
    await drive.ask(page, 'Keyboard question?');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send, and Remember');
    await page
      .locator('.view-line', { hasText: /1\sof\s1\sanchors\sverified/ })
      .first()
      .waitFor(patience);
    await drive.runCommand(page, 'View: Close All Editors');
    await drive.runCommand(page, 'Longview: Search History');
    await drive.quickInput(page).locator('input').first().fill('sentinel keyboard');
    await drive
      .quickInput(page)
      .locator('.monaco-list-row.focused', { hasText: 'Keyboard question?' })
      .first()
      .waitFor(patience);
    await drive.screenshot(page, join(pictures, 'history-search.png'));
    await page.keyboard.press('Enter');
    await page.locator('.tab.active[data-resource-name="Keyboard question.md"]').waitFor(patience);
    await drive.runCommand(page, 'Longview: Go to Anchor in Answer');
    await drive
      .quickInput(page)
      .locator('.monaco-list-row.focused', { hasText: 'frame.ts' })
      .first()
      .waitFor(patience);
    await drive.quickInput(page).locator('input').first().press('Enter');
    await page.locator('.tab.active[data-resource-name="frame.ts"]').waitFor(patience);
    await page
      .locator('[id="status.editor.selection"]', { hasText: `Ln ${line + 1}, Col 1 (` })
      .waitFor(patience);
  });

  it('another window on the same workspace shows the ask, and opens it', async () => {
    fake.configure({ answer: 'Nothing to cite here.\n' });
    session = await drive.openVSCode({ folder, settings: toFake() });
    const { page } = session;
    const other = await page.context().newPage();
    await other.goto(session.url, { timeout: 60_000 });
    await drive.runCommand(other, 'Longview: Focus on History View');
    await drive.ask(page, 'Seen in two windows?');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send, and Remember');
    const there = row(other, 'Seen in two windows?');
    await there
      .waitFor({ timeout: 60_000 })
      .finally(() => drive.screenshot(other, join(pictures, 'history-other-window.png')));
    await page
      .locator('.view-line', { hasText: /cites\sno\sfile/ })
      .first()
      .waitFor(patience);
    await there.click(patience);
    await other
      .locator('.view-line', { hasText: /Nothing\sto\scite/ })
      .first()
      .waitFor({ timeout: 60_000 });
    await other.close();
  });

  it('Chat fetches no image, makes no HTML, and runs nothing that an answer holds', async () => {
    const remote = `${fake.baseUrl.replace(/\/v1$/, '')}/image-of-the-answer.png`;
    fake.configure({
      answer: `Look: ![x](${remote}) <img src="${remote}"> [run](command:workbench.action.closeAllEditors) end.\n`,
    });
    session = await drive.openVSCode({ folder, settings: { ...toFake(), 'longview.answers': 'chat' } });
    const { page } = session;
    await drive.ask(page, 'Show me an image.');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send, and Remember');
    const response = page.locator('.interactive-response').last();
    await response.getByText(/cites no file/).waitFor(patience);
    await drive.screenshot(page, join(pictures, 'hostile-chat.png'));
    assert.equal(await response.locator(`img[src*="image-of"]`).count(), 0);
    assert.equal(await response.locator('a[data-href^="command:"], a[href^="command:"]').count(), 0);
    assert.ok(!fake.requests.some(r => r.path.includes('image-of-the-answer')));
  });
});
