import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

import { root } from '../../tools/paths.ts';
import { startFake, type Fake } from '../fakes/index.ts';
import { cloneCheckout, scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 30_000 };
const themes = ['dark', 'light', 'high contrast', 'high contrast light'] as const;

const response = (page: Page): Locator => page.locator('.interactive-response').last();

/** The status bar tells the line of the cursor and that something is selected. */
const selected = (page: Page, line: number): Locator =>
  page.locator('[id="status.editor.selection"]', { hasText: new RegExp(`^Ln ${line}, Col 1 \\(`) });

describe('Chat in a real window', function () {
  this.timeout(300_000);
  let scratch: string;
  let folder: string;
  let fake: Fake;
  let session: drive.Session | undefined;

  beforeEach(() => {
    scratch = scratchFolder();
  });
  afterEach(async () => {
    await session?.close();
    session = undefined;
    await fake.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const toFake = () => ({
    'longview.endpoints': [{ id: 'fake', name: 'Fake Scout', baseUrl: fake.baseUrl, model: fake.model }],
    'longview.endpoint': 'fake',
    'longview.answers': 'chat',
  });

  it('an anchor leads to its line after the file was edited, by hand and by a program', async () => {
    folder = await cloneCheckout(scratch);
    const file = join(folder, 'src/core/pack/frame.ts');
    const text = readFileSync(file, 'utf8');
    const line = text.split('\n').findIndex(l => l.startsWith('export const sentinel')) + 1;
    fake = await startFake({
      system: 'vllm',
      contextTokens: 2_000_000,
      answer: `The sentinel is set in \`src/core/pack/frame.ts:${line}\` \`export const sentinel = '@@@@';\`.\n\nSee also \`src/core/pack/ghost.ts:7\`.\n`,
    });
    session = await drive.openVSCode({ folder, settings: toFake() });
    const { page } = session;
    await drive.ask(page, 'Where is the sentinel set?');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send, and Remember');
    await response(page)
      .getByText(/1 of 2 anchors verified/)
      .waitFor(patience);
    for (const theme of themes) {
      await drive.setTheme(page, theme);
      await drive.screenshot(page, join(pictures, `chat-answer-${theme.replaceAll(' ', '-')}.png`));
    }
    const anchor = response(page).locator('a.chat-inline-anchor-widget', { hasText: 'frame.ts' }).first();
    await drive.clickInChat(anchor);
    await page.locator('.tab.active[data-resource-name="frame.ts"]').waitFor(patience);
    assert.equal((await drive.cursorPosition(page)).line, line, 'nothing has moved yet');

    await page.keyboard.press('Control+Home');
    await page.keyboard.type('// one\n// two\n');
    await drive.clickInChat(anchor);
    await selected(page, line + 2).waitFor(patience);
    await page.getByText(`Line ${line} of the answer is line ${line + 2} today`).waitFor(patience);
    await drive.screenshot(page, join(pictures, 'chat-anchor-moved.png'));
    await page.keyboard.press('Control+Home');
    await drive.clickInChat(anchor);
    await selected(page, line + 2).waitFor(patience);

    await drive.runCommand(page, 'File: Revert File');
    await drive.runCommand(page, 'View: Close All Editors');
    writeFileSync(file, `${'// by a program\n'.repeat(5)}${text}`);
    await drive.clickInChat(anchor);
    await selected(page, line + 5).waitFor(patience);
  });

  it('in a workspace of two folders an anchor names its folder, and leads into it', async () => {
    for (const name of ['alpha', 'beta']) {
      mkdirSync(join(scratch, name));
      const lines = Array.from({ length: 40 }, (_, i) => `export const ${name}${i} = ${i};\n`);
      writeFileSync(join(scratch, name, 'main.ts'), lines.join(''));
    }
    folder = join(scratch, 'both.code-workspace');
    writeFileSync(folder, JSON.stringify({ folders: [{ path: 'alpha' }, { path: 'beta' }] }));
    fake = await startFake({
      system: 'vllm',
      contextTokens: 100_000,
      answer: 'It is in `beta/main.ts:30` `export const beta29 = 29;`, not in `gamma/main.ts:2`.\n',
    });
    session = await drive.openVSCode({ folder, settings: toFake() });
    const { page } = session;
    await drive.ask(page, 'Where is 29?');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send, and Remember');
    await response(page)
      .getByText(/1 of 2 anchors verified, 1 missing/)
      .waitFor(patience);
    const anchor = response(page).locator('a.chat-inline-anchor-widget', { hasText: 'main.ts' }).first();
    await drive.clickInChat(anchor);
    await page.locator('.view-line', { hasText: /beta29/ }).waitFor(patience);
    assert.equal((await drive.cursorPosition(page)).line, 30);
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('// one\n');
    await drive.clickInChat(anchor);
    await selected(page, 31).waitFor(patience);
  });

  describe('when the conversation is full', () => {
    const long = (of: string) => `${of}: ${'many words '.repeat(800)}\n`;
    beforeEach(async () => {
      folder = join(scratch, 'project');
      mkdirSync(folder);
      // Many small files fill the window to the brim.
      for (let n = 0; n < 60; n++)
        writeFileSync(
          join(folder, `file${n}.ts`),
          Array.from({ length: 25 }, (_, i) => `export const name${n}of${i} = compute(${i});\n`).join(''),
        );
      let answers = 0;
      fake = await startFake({
        system: 'vllm',
        contextTokens: 8000,
        answer: () => long(`Answer ${++answers}`),
      });
    });

    const settings = () => ({ ...toFake(), 'longview.answerTokens': 2000 });
    /** Roles and first words of what was sent last. */
    const sent = (): string[] => {
      const { messages } = fake.chats().at(-1)?.body as { messages: { content: string }[] };
      return messages.slice(2).map(({ content }) => content.slice(0, 200));
    };

    it('the choices are reached and taken by keyboard, in Chat', async () => {
      session = await drive.openVSCode({ folder, settings: settings() });
      const { page } = session;
      await drive.ask(page, 'Question one?');
      await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send, and Remember');
      await response(page)
        .getByText(/cites no file/)
        .waitFor(patience);
      const choose = async (question: string, choice: string, picture: string) => {
        const asked = fake.chats().length;
        await drive.ask(page, question);
        const offered = page.locator('.interactive-session-followups').getByText(choice);
        await offered.waitFor(patience);
        await response(page)
          .getByText(/With this conversation the prompt takes/)
          .waitFor(patience);
        assert.equal(fake.chats().length, asked, 'nothing is sent before the user chooses');
        await drive.screenshot(page, join(pictures, picture));
        await drive.focusBy('Shift+Tab', offered.locator('xpath=ancestor-or-self::a').first());
        await page.keyboard.press('Enter');
        await page
          .getByText(`Answer ${asked + 1}`)
          .first()
          .waitFor(patience);
        await response(page)
          .getByText(/cites no file/)
          .waitFor(patience);
      };
      await choose('Question two?', 'Ask without the oldest turns', 'chat-full-shorten.png');
      assert.deepEqual(sent(), [], 'the first turn is gone');
      await choose('Question three?', 'Pack anew, with less room for files', 'chat-full-repack.png');
      assert.match(sent().join('\n'), /Answer 2: many words/);
      assert.match(sent().at(-1) ?? '', /Question three\?/);
    });

    it('and from the notification of a document', async () => {
      session = await drive.openVSCode({
        folder,
        settings: { ...settings(), 'longview.answers': 'document' },
      });
      const { page } = session;
      await drive.ask(page, 'Question one?');
      await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send, and Remember');
      // The lens is there when the answer is whole; its end is below what the editor shows.
      await page.locator('.codelens-decoration a', { hasText: 'Check Again' }).first().waitFor(patience);
      await drive.runCommand(page, 'Longview: Ask a Follow-Up');
      const input = drive.quickInput(page).locator('input').first();
      await input.fill('Question two?');
      await input.press('Enter');
      const toast = await drive.waitForNotification(page, /With this conversation the prompt takes/);
      await drive.screenshot(page, join(pictures, 'document-full.png'));
      assert.equal(fake.chats().length, 1);
      await drive.runCommand(page, 'Notifications: Focus Notification Toast');
      await drive.focusBy('Tab', toast.locator('.monaco-button', { hasText: 'Pack anew' }));
      fake.chunkGate.close();
      await page.keyboard.press('Enter');
      await fake.chunkGate.arrived();
      fake.chunkGate.open();
      assert.match(sent().join('\n'), /Answer 1: many words/);
    });
  });

  describe('an error offers what its remedy says, by keyboard', () => {
    beforeEach(async () => {
      folder = join(scratch, 'project');
      mkdirSync(folder);
      writeFileSync(join(folder, 'a.ts'), 'export const a = 1;\n');
    });

    for (const [name, start, button, leads] of [
      ['a key that is refused', { apiKey: 'right-key' }, 'Set API Key', /API key/i],
      ['nobody there', {}, 'Select Endpoint', /Offline reader/i],
    ] as const) {
      it(name, async () => {
        fake = await startFake({ system: 'vllm', contextTokens: 100_000, answer: 'Yes.', ...start });
        const endpoint = { id: 'fake', baseUrl: fake.baseUrl, model: fake.model, contextLimit: 50_000 };
        if (name === 'nobody there') {
          const gone = await startFake({ system: 'vllm' });
          await gone.close();
          endpoint.baseUrl = gone.baseUrl;
        }
        session = await drive.openVSCode({
          folder,
          settings: { ...toFake(), 'longview.endpoints': [endpoint] },
        });
        const { page } = session;
        await drive.ask(page, 'Is somebody there?');
        await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send Once');
        const remedy = response(page).locator('.monaco-button', { hasText: button });
        await remedy.waitFor(patience);
        await drive.screenshot(page, join(pictures, `chat-${name.replaceAll(' ', '-')}.png`));
        await drive.focusBy('Shift+Tab', remedy);
        await page.keyboard.press('Enter');
        await drive.quickInput(page).getByText(leads).first().waitFor(patience);
      });
    }
  });
});
