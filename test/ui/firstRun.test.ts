import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';

import { root } from '../../tools/paths.ts';
import { cloneCheckout, scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 30_000 };
const themes = ['dark', 'light', 'high contrast', 'high contrast light'] as const;
const steps = ['offline', 'endpoint', 'limit', 'ask', 'audit', 'lab'];
const chooseCommand = 'Longview: Choose What the Prompt Holds';

describe('first run and choosing, in a real window', function () {
  this.timeout(300_000);
  let scratch: string;
  let session: drive.Session;
  /** `LONGVIEW_PICTURES=1`: all themes, to be looked at. */
  const shown = process.env['LONGVIEW_PICTURES'] === undefined ? (['dark'] as const) : themes;

  const gauge = (): Locator =>
    session.page.locator('.statusbar-item', { hasText: /[\d.]+[kM]? \/ / }).first();
  const gaugeTokens = async () => (await gauge().innerText(patience)).split('/')[0]?.trim() ?? '';

  before(async () => {
    scratch = scratchFolder();
    const folder = await cloneCheckout(scratch);
    mkdirSync(join(folder, '.longview'));
    writeFileSync(
      join(folder, '.longview', 'selections.json'),
      JSON.stringify({
        version: 1,
        selections: {
          'Core without its tests': {
            preset: 'source',
            paths: { 'src/core': 'pin', 'src/webview': 'exclude' },
          },
          'Of a later version': { preset: 'recent' },
        },
      }),
    );
    // VS Code shows a walkthrough's pictures only where there is room for them.
    session = await drive.openVSCode({ folder, viewport: { width: 1800, height: 900 } });
  });
  after(async () => {
    await session.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const row = (label: string) =>
    drive.quickInput(session.page).locator('.monaco-list-row', { hasText: label }).first();

  it('a preset chosen in the list changes the gauge; the list says what each would take', async () => {
    const { page } = session;
    await drive.runCommand(page, 'Longview: Show Budget');
    await gauge().waitFor({ timeout: 90_000 });
    const before = await gaugeTokens();
    await drive.runCommand(page, chooseCommand);
    await row('Docs')
      .getByText(/[\d.]+k? tokens · [\d.]+ % of the limit · \d+ files/)
      .waitFor({ timeout: 60_000 });
    await row('Of a later version').getByText('cannot be used').waitFor(patience);
    for (const theme of shown) {
      if (theme !== 'dark') {
        await page.keyboard.press('Escape');
        await drive.setTheme(page, theme);
        await drive.runCommand(page, chooseCommand);
        await row('Docs')
          .getByText(/% of the limit/)
          .waitFor(patience);
      }
      await drive.screenshot(page, join(pictures, `choose ${theme}.png`));
    }
    await drive.pick(page, 'Docs');
    await page.locator('.statusbar-item[aria-label*="holds: Docs"]').waitFor(patience);
    assert.notEqual(await gaugeTokens(), before);
    const holds = page.locator('.monaco-list-row[aria-label*="Prompt holds: Docs"]');
    await holds.waitFor(patience);
    await holds.click();
    await drive.pick(page, 'Core without its tests');
    await page.locator('.statusbar-item[aria-label*="holds: Core without its tests"]').waitFor(patience);
  });

  it('saves what the prompt holds under a name', async () => {
    const { page } = session;
    await drive.runCommand(page, chooseCommand);
    await drive.pick(page, 'Save What the Prompt Holds Now');
    await drive.quickInput(page).locator('input').first().fill('Mine $(trash)', patience);
    await page.keyboard.press('Enter');
    await page.locator('.statusbar-item[aria-label*="holds: Mine $ (trash)"]').waitFor(patience);
    await drive.runCommand(page, chooseCommand);
    await row('Mine $ (trash)')
      .getByText(/tokens · /)
      .waitFor(patience);
    await drive.screenshot(page, join(pictures, 'choose saved.png'));
    await drive.pick(page, 'Everything');
    await page.locator('.statusbar-item[aria-label*="holds: Everything"]').waitFor(patience);
  });

  it('Get Started opens the walkthrough, and its steps complete when they are done', async () => {
    const { page } = session;
    await drive.runCommand(page, 'View: Close All Editors');
    await drive.runCommand(page, 'Longview: Get Started');
    const walkthrough = page.locator('.gettingStartedContainer');
    await walkthrough.getByText('Get Started with Longview').first().waitFor(patience);
    const step = (id: string) =>
      walkthrough.locator(`[data-step-id="longview.longview#longview.start#${id}"]`);
    const done = (id: string) => step(id).locator('[data-done-step-id][aria-checked="true"]');
    await step('limit').click(patience);
    await drive.clickButton(step('limit'), 'Show Budget');
    await done('limit').waitFor(patience);
    assert.equal(await done('offline').count(), 0);
    await step('offline').click(patience);
    await drive.clickButton(step('offline'), 'Ask a Question');
    await drive.quickInput(page).locator('input').first().fill('Where is the gauge drawn?', patience);
    await page.keyboard.press('Enter');
    await done('offline').waitFor({ timeout: 60_000 });
    await step('lab').click(patience);
    await drive.clickButton(step('lab'), 'Show Budget Map');
    // The map stands in front of the walkthrough then.
    await page.locator('.tab.active', { hasText: 'Budget Map' }).waitFor(patience);
    await drive.runCommand(page, 'Longview: Get Started');
    await done('lab').waitFor(patience);
  });

  it('every step has its picture, in every theme', async () => {
    const { page } = session;
    for (const theme of shown) {
      await drive.setTheme(page, theme);
      await drive.runCommand(page, 'View: Close All Editors');
      await drive.runCommand(page, 'Longview: Get Started');
      for (const id of steps) {
        await page.locator(`[data-step-id="longview.longview#longview.start#${id}"]`).click(patience);
        const picture = page
          .frameLocator('.getting-started-media iframe')
          .frameLocator('#active-frame')
          .locator('svg');
        await picture.waitFor(patience);
        await drive.screenshot(page, join(pictures, `walkthrough ${id} ${theme}.png`));
      }
    }
  });
});

describe('a window without a folder', function () {
  this.timeout(240_000);
  let session: drive.Session;
  let scratch: string;
  before(async () => {
    scratch = scratchFolder();
    const workspace = join(scratch, 'none.code-workspace');
    writeFileSync(workspace, '{"folders": []}');
    session = await drive.openVSCode({ folder: workspace });
  });
  after(async () => {
    await session.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('says what to do, and leads to the first steps', async () => {
    const { page } = session;
    await drive.runCommand(page, 'Longview: Show Budget');
    const welcome = page.locator('.welcome-view-content').first();
    await welcome.getByRole('button', { name: 'Open Folder' }).waitFor(patience);
    for (const theme of process.env['LONGVIEW_PICTURES'] === undefined ? (['dark'] as const) : themes) {
      await drive.setTheme(page, theme);
      await drive.screenshot(page, join(pictures, `welcome ${theme}.png`));
    }
    await welcome.locator('a', { hasText: 'See how it works' }).click(patience);
    await page
      .locator('.gettingStartedContainer')
      .getByText('Ask without an account')
      .first()
      .waitFor(patience);
  });
});
