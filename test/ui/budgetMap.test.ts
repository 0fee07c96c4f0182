import type { AxeResults } from 'axe-core';
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';

import { root } from '../../tools/paths.ts';
import { writeManyFiles } from '../run/manyFiles.ts';
import { scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 60_000 };
const themes = ['light', 'high contrast', 'high contrast light', 'dark'] as const;
const shown = process.env['LONGVIEW_PICTURES'] === undefined ? (['dark'] as const) : themes;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const files = 20_000;

/** The map's own page, inside of the frames VS Code puts around it, once the map is drawn. */
async function mapFrame(page: Page): Promise<Frame> {
  const inner = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await inner.locator('body:not(.empty) #gauge[role=meter]').waitFor({ timeout: 180_000 });
  const handle = await inner.locator('body').elementHandle();
  const frame = await handle?.ownerFrame();
  assert.ok(frame);
  return frame;
}

/** Until the picture is made: it is `aria-busy` while it zooms. */
const still = (frame: Frame) => frame.locator('#canvas[aria-busy=false]').waitFor(patience);

/** Injected by the debugger, which the page's policy does not bind. */
async function violations(frame: Frame): Promise<string[]> {
  await frame.evaluate(axe);
  const found = await frame.evaluate<AxeResults>('axe.run(document)');
  assert.ok(found.passes.length > 10, 'axe looked at next to nothing');
  return found.violations.map(
    v => `${v.id}: ${v.help}: ${v.nodes.map(n => `${n.html} ${n.failureSummary ?? ''}`).join(' | ')}`,
  );
}

/** Presses the toolbar's button as a user does. */
async function asTable(frame: Frame, wanted: boolean): Promise<void> {
  const button = frame.getByRole('switch', { name: 'Table' });
  if ((await button.getAttribute('aria-checked')) !== String(wanted)) await button.click();
  await frame.locator(wanted ? '#table table' : '#canvas').waitFor(patience);
}

describe('the budget map of 20,000 files in a real window', function () {
  this.timeout(400_000);
  let scratch: string;
  let session: drive.Session;
  const live = (frame: Frame) => frame.locator('#live');

  before(async () => {
    scratch = scratchFolder();
    const folder = join(scratch, 'many');
    writeManyFiles(folder, files);
    session = await drive.openVSCode({
      folder,
      viewport: { width: 1400, height: 900 },
      settings: { 'longview.offlineReader.contextLimit': 1_500_000 },
    });
    await drive.runCommand(session.page, 'Longview: Show Budget Map');
  });
  after(async () => {
    await session.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  for (const theme of ['dark', 'light', 'high contrast', 'high contrast light'] as const)
    it(`draws them without a fault that axe knows, ${theme}`, async () => {
      const { page } = session;
      await drive.setTheme(page, theme);
      const frame = await mapFrame(page);
      await still(frame);
      await drive.screenshot(page, join(pictures, `map ${theme}.png`));
      assert.deepEqual(await violations(frame), [], theme);
      await asTable(frame, true);
      await drive.screenshot(page, join(pictures, `map table ${theme}.png`));
      assert.deepEqual(await violations(frame), [], `${theme}, as a table`);
      await asTable(frame, false);
    });

  it('is a gauge that says in words what it shows', async () => {
    const frame = await mapFrame(session.page);
    const meter = frame.locator('#gauge');
    assert.equal(await meter.getAttribute('aria-valuemax'), '1500000');
    assert.match(
      (await meter.getAttribute('aria-valuetext')) ?? '',
      /^[\d,]+ of 1,500,000 tokens are files, [\d,]+ are reserved, [\d,]+ are free$/,
    );
    assert.match(await frame.locator('#path').innerText(), /20,000 files/);
  });

  it('is walked with keys, in and out, and says where it is', async () => {
    const frame = await mapFrame(session.page);
    await still(frame);
    const canvas = frame.locator('#canvas');
    await canvas.press('Home');
    await live(frame)
      .getByText(/^packages: 19,800 files/)
      .waitFor(patience);
    await canvas.press('Enter');
    await frame.locator('#path button[aria-current]', { hasText: 'packages' }).waitFor(patience);
    await still(frame);
    const first = await live(frame).innerText();
    await canvas.press('ArrowRight');
    assert.notEqual(await live(frame).innerText(), first);
    await canvas.press('Escape');
    await live(frame)
      .getByText(/^packages: 19,800 files/)
      .waitFor(patience);
    await still(frame);
    await canvas.press('PageDown');
    await live(frame)
      .getByText(/^docs: 200 files/)
      .waitFor(patience);
    // A key is lost where VS Code moves the focus; an attempt before may have left the folder taken out.
    const toggle = async (said: string) => {
      for (let attempt = 1; ; attempt++) {
        await canvas.press('Space');
        try {
          await live(frame).getByText(`docs: ${said}`).waitFor({ timeout: 10_000 });
          return;
        } catch (error) {
          if (attempt === 3) throw error;
        }
      }
    };
    const notChosen = frame.locator('#legend').getByText('200 not chosen');
    await toggle('taken out');
    await notChosen.waitFor(patience);
    await toggle('put back');
    await notChosen.waitFor({ ...patience, state: 'hidden' });
  });

  it('zooms to what is clicked, takes out a file, and opens one from its table', async () => {
    const { page } = session;
    const frame = await mapFrame(page);
    await still(frame);
    await frame.locator('#canvas').click({ position: { x: 60, y: 9 } });
    await frame.locator('#path button[aria-current]', { hasText: 'packages' }).waitFor(patience);
    await frame.getByRole('button', { name: 'many' }).click();
    await asTable(frame, true);
    await frame.getByRole('button', { name: 'docs/', exact: true }).click();
    const row = frame.locator('#table tbody tr').filter({ hasNotText: '/' }).first();
    const name = await row.getByRole('button').innerText();
    const box = row.getByRole('checkbox');
    await box.uncheck();
    await frame.locator('tr', { hasText: name }).getByText('not chosen').waitFor(patience);
    await frame.locator('tr', { hasText: name }).getByRole('checkbox').check();
    await frame
      .locator('tr', { hasText: name })
      .getByText('not chosen')
      .waitFor({ ...patience, state: 'hidden' });
    await frame.getByRole('button', { name, exact: true }).click();
    await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor(patience);
    await drive.runCommand(page, 'Longview: Show Budget Map');
  });

  it('plans for other windows without counting again', async () => {
    const { page } = session;
    const frame = await mapFrame(page);
    await frame.locator('#what-if').focus();
    await page.keyboard.press('End');
    await frame.locator('#gauge[aria-valuemax="10485760"]').waitFor(patience);
    await frame
      .locator('#legend')
      .getByText(/^20,000 in full/)
      .waitFor(patience);
    await page.keyboard.press('Home');
    await frame.locator('#gauge[aria-valuemax="32768"]').waitFor(patience);
    await frame
      .locator('#legend')
      .getByText(/left out/)
      .waitFor(patience);
  });

  it('follows the Files view, where a click takes thousands of files out and back', async () => {
    const { page } = session;
    const frame = await mapFrame(page);
    await asTable(frame, false);
    await frame.locator('#what-if').focus();
    await page.keyboard.press('End');
    await drive.runCommand(page, 'Longview: Focus on Files View');
    const row = page
      .locator('.pane', { has: page.locator('.pane-header', { hasText: 'Files' }) })
      .locator('.monaco-list-row', { has: page.locator('.label-name', { hasText: /^packages$/ }) });
    const box = row.locator('.custom-view-tree-node-item-checkbox');
    const gauge = page.locator('.statusbar-item', { hasText: '/ 1.5M' });
    const before = (await gauge.innerText(patience)).trim();
    // A click on a row that VS Code is just drawing anew is lost.
    const toggle = async (state: 'visible' | 'detached') => {
      for (let attempt = 1; ; attempt++) {
        await box.click(patience);
        try {
          await row.getByText('excluded').waitFor({ timeout: 10_000, state });
          return;
        } catch (error) {
          if (attempt === 3) throw error;
        }
      }
    };
    await toggle('visible');
    await frame.locator('#legend').getByText('19,800 not chosen').waitFor(patience);
    await gauge.filter({ hasNotText: before }).waitFor(patience);
    await drive.screenshot(page, join(pictures, 'files of 20,000.png'));
    await toggle('detached');
    await gauge.filter({ hasText: before }).waitFor(patience);
  });

  it('lists a thousand files that are left out in the budget view, and leads to the others', async () => {
    const { page } = session;
    await drive.runCommand(page, 'Longview: Focus on Budget View');
    const pane = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Budget' }) });
    const rows = pane.locator('.monaco-list-row');
    await pane.locator('.monaco-list').focus();
    await page.keyboard.press('End');
    const leftOut = rows.filter({ hasText: /^Left out/ });
    const count = Number((await leftOut.innerText(patience)).replace(/\D/g, ''));
    assert.ok(count > 1000);
    await leftOut.click(patience);
    const more = rows.filter({ hasText: `${(count - 1000).toLocaleString('en')} more` });
    // The rows come a moment after the click.
    for (let attempt = 0; attempt < 20 && (await more.count()) === 0; attempt++) {
      await page.keyboard.press('End');
      await more.waitFor({ timeout: 2000 }).catch(() => undefined);
    }
    await more.waitFor(patience);
    for (const theme of shown) {
      await drive.setTheme(page, theme);
      await drive.screenshot(page, join(pictures, `budget left out ${theme}.png`));
    }
    await more.click(patience);
    await page
      .locator('.pane:focus-within', { has: page.locator('.pane-header', { hasText: 'Files' }) })
      .waitFor(patience);
  });

  it('is as it was after the window is reloaded: folder, filter, search, window, table', async () => {
    const { page } = session;
    const before = await mapFrame(page);
    // Wherever the tests before have left it.
    await asTable(before, false);
    await before.getByRole('button', { name: 'many' }).click();
    await still(before);
    await before.locator('#canvas').press('Home');
    await before.locator('#canvas').press('Enter');
    await still(before);
    await before.locator('#what-if').focus();
    await page.keyboard.press('Home');
    await before.locator('#gauge[aria-valuemax="32768"]').waitFor(patience);
    await asTable(before, true);
    await before.locator('#language').click();
    await before.getByRole('option', { name: /^python/ }).click();
    await before.getByRole('searchbox', { name: 'Find files by path' }).fill('budget');
    const told = await before.locator('#found').innerText();
    assert.match(told, /^[\d,]+ files match$/);
    assert.match(await before.locator('#path').innerText(), /packages/);
    const path = await before.locator('#path').innerText();
    // The editor keeps what the page keeps a moment later.
    await drive.runCommand(page, 'Developer: Reload Window');
    await page.locator('.monaco-workbench .part.statusbar').waitFor(patience);
    const frame = await mapFrame(page);
    await frame.locator('#gauge[aria-valuemax="32768"]').waitFor(patience);
    // The list knows its languages a moment after the window's size.
    await frame.waitForFunction(
      list => (list as unknown as { value: string }).value === 'python',
      await frame.locator('#language').elementHandle(),
    );
    assert.equal(await frame.getByRole('switch', { name: 'Table' }).getAttribute('aria-checked'), 'true');
    assert.equal(await frame.locator('#path').innerText(), path);
    assert.equal(await frame.locator('#found').innerText(), told);
  });
});
