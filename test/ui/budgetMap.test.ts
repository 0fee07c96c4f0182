import type { AxeResults } from 'axe-core';
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';

import { root } from '../../tools/paths.ts';
import { cloneCheckout, scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 30_000 };
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The map's own page, inside of the frames VS Code puts around it. */
async function mapFrame(page: Page): Promise<Frame> {
  const inner = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await inner.locator('body:not(.empty) #gauge[role=meter]').waitFor({ timeout: 90_000 });
  const handle = await inner.locator('body').elementHandle();
  const frame = await handle?.ownerFrame();
  assert.ok(frame);
  return frame;
}

/** Injected by the debugger, which the page's policy does not bind. */
async function violations(frame: Frame): Promise<string[]> {
  await frame.evaluate(axe);
  const found = await frame.evaluate<AxeResults>('axe.run(document)');
  assert.ok(found.passes.length > 10, 'axe looked at next to nothing');
  return found.violations.map(
    v => `${v.id}: ${v.help}: ${v.nodes.map(n => `${n.html} ${n.failureSummary ?? ''}`).join(' | ')}`,
  );
}

describe('the budget map in a real window', function () {
  this.timeout(240_000);
  let scratch: string;
  let session: drive.Session;

  before(async () => {
    scratch = scratchFolder();
    session = await drive.openVSCode({
      folder: await cloneCheckout(scratch),
      viewport: { width: 1400, height: 900 },
      settings: { 'longview.offlineReader.contextLimit': 300_000 },
    });
    await drive.runCommand(session.page, 'Longview: Show Budget Map');
  });
  after(async () => {
    await session.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('draws the workspace, as a map and as a table, without a fault that axe knows', async () => {
    const { page } = session;
    for (const theme of ['dark'] as const) {
      const frame = await mapFrame(page);
      assert.equal(await frame.locator('#gauge').getAttribute('aria-valuemax'), '300000');
      assert.ok(await frame.locator('#canvas').isVisible());
      await drive.screenshot(page, join(pictures, `map ${theme}.png`));
      assert.deepEqual(await violations(frame), [], theme);
      await frame.locator('#as-table').check();
      await frame.locator('#table table').waitFor(patience);
      assert.deepEqual(await violations(frame), [], `${theme}, as a table`);
      await drive.screenshot(page, join(pictures, `map table ${theme}.png`));
      await frame.locator('#as-table').uncheck();
    }
  });

  it('takes a file out and puts it back, and plans for another window', async () => {
    const { page } = session;
    const frame = await mapFrame(page);
    await frame.locator('#as-table').check();
    const box = frame.getByRole('checkbox', { name: 'README.md in the prompt' });
    const row = frame.locator('tr', { has: box });
    await row.getByText('in full').waitFor(patience);
    await box.uncheck();
    await row.getByText('taken out by you').waitFor(patience);
    await box.check();
    await row.getByText('in full').waitFor(patience);

    const meter = frame.locator('#gauge');
    await frame.locator('#what-if').focus();
    await page.keyboard.press('End');
    await frame.locator('#gauge[aria-valuemax="10485760"]').waitFor(patience);
    assert.match((await meter.getAttribute('aria-valuetext')) ?? '', /of 10,485,760 tokens are files/);
    await frame.locator('tr', { hasText: 'package-lock.json' }).getByText('in full').waitFor(patience);
    await page.keyboard.press('Home');
    await frame.locator('#gauge[aria-valuemax="32768"]').waitFor(patience);
  });

  it('opens a file from its table', async () => {
    const { page } = session;
    const frame = await mapFrame(page);
    await frame.getByRole('button', { name: 'src/', exact: true }).click();
    await frame.getByRole('button', { name: 'core/', exact: true }).click();
    await frame.getByRole('button', { name: 'errors.ts', exact: true }).click();
    await page.locator('.tab.active[data-resource-name="errors.ts"]').waitFor(patience);
  });
});
