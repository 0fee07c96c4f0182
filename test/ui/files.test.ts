import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

import { root } from '../../tools/paths.ts';
import { cloneCheckout, scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 30_000 };

describe('the files view in a real window', function () {
  this.timeout(240_000);
  let scratch: string;
  let session: drive.Session;

  before(async () => {
    scratch = scratchFolder();
    session = await drive.openVSCode({
      folder: await cloneCheckout(scratch),
      viewport: { width: 1400, height: 1000 },
      settings: { 'longview.offlineReader.contextLimit': 250_000, 'workbench.sideBar.location': 'left' },
    });
    await drive.runCommand(session.page, 'Longview: Focus on Files View');
    // What is scrolled out of sight is not in the page.
    for (const name of ['Budget', 'History'])
      await session.page.locator('.pane-header.expanded', { hasText: name }).click(patience);
  });
  after(async () => {
    await session.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const pane = (page: Page): Locator =>
    page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Files' }) });
  const row = (page: Page, name: string): Locator =>
    pane(page)
      .locator('.monaco-list-row')
      .filter({
        has: page.locator('.label-name', { hasText: new RegExp(`^${name.replaceAll('.', '\\.')}$`) }),
      })
      .first();
  const gauge = (page: Page) => page.locator('.statusbar-item', { hasText: '/ 250k' });
  /** A click on a row that VS Code is just drawing anew is lost. */
  async function toggle(page: Page, name: string, isExcluded: boolean): Promise<void> {
    const excluded = row(page, name).getByText('excluded');
    for (let attempt = 1; ; attempt++) {
      await row(page, name).locator('.custom-view-tree-node-item-checkbox').click(patience);
      try {
        await excluded.waitFor({ timeout: 10_000, state: isExcluded ? 'visible' : 'detached' });
        return;
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
  }
  async function menu(page: Page, on: Locator, label: string): Promise<void> {
    await on.click({ button: 'right' });
    // VS Code's menus live in a shadow tree, and take no click in their first moments.
    const item = page.locator('.monaco-menu .action-label', { hasText: label }).first();
    await item.hover(patience);
    await page.keyboard.press('Enter');
    await item.waitFor({ ...patience, state: 'detached' });
  }

  it('takes folders out with their checkboxes, and the gauge follows', async () => {
    const { page } = session;
    await row(page, 'src').getByText(/%/).first().waitFor({ timeout: 90_000 });
    const before = (await gauge(page).innerText()).trim();
    for (const name of ['src', 'test']) await toggle(page, name, true);
    await gauge(page).filter({ hasNotText: before }).waitFor(patience);
    await toggle(page, 'src', false);
    await drive.screenshot(page, join(pictures, 'files.png'));
    await toggle(page, 'test', false);
    await gauge(page).filter({ hasText: before }).waitFor(patience);
  });

  it('pins by the menu', async () => {
    const { page } = session;
    await menu(page, row(page, 'package-lock.json'), 'Pin');
    await row(page, 'package-lock.json')
      .getByText(/^pinned/)
      .waitFor(patience);
    await menu(page, row(page, 'package-lock.json'), 'Back to Automatic');
    await row(page, 'package-lock.json')
      .getByText(/^pinned/)
      .waitFor({ ...patience, state: 'detached' });
  });

  it('finds a file by words and shows it', async () => {
    const { page } = session;
    await drive.runCommand(page, 'Longview: Find a File of the Prompt');
    await drive.quickInput(page).locator('input').first().fill('errors core');
    await drive.pick(page, 'errors.ts');
    await row(page, 'errors.ts').waitFor(patience);
    assert.match((await row(page, 'errors.ts').getAttribute('class')) ?? '', /selected/);
  });

  it('says why, from the explorer’s menu', async () => {
    const { page } = session;
    await drive.runCommand(page, 'Explorer: Focus on Folders View');
    const file = page
      .locator('.explorer-folders-view .monaco-list-row', { hasText: 'package-lock.json' })
      .first();
    await menu(page, file, 'Why Is This File Not in the Prompt?');
    await drive
      .quickInput(page)
      .getByText(/no room: it needs/)
      .first()
      .waitFor(patience);
    await drive
      .quickInput(page)
      .getByText(/of \d+ files by value per token/)
      .waitFor(patience);
    await drive.screenshot(page, join(pictures, 'files why.png'));
    await drive.pick(page, 'Exclude');
    await drive.runCommand(page, 'Longview: Focus on Files View');
    await pane(page).locator('.pane-header').hover();
    await pane(page).getByRole('button', { name: 'Collapse All' }).click(patience);
    await row(page, 'package-lock.json').getByText('excluded').waitFor(patience);
  });
});
