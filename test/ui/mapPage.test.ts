import type { AxeResults } from 'axe-core';
import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';

import type { BudgetMap, MapFile } from '../../src/core/pack/budgetMap.ts';
import { standaloneMap } from '../../src/core/pack/mapPage.ts';
import { root } from '../../tools/paths.ts';
import { launchChromium } from '../run/chromium.ts';
import { scratchFolder } from '../run/workspace.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = join(root, 'test-results', 'pictures');

const file = (path: string, full: number, form: MapFile['form'], language: string): MapFile => ({
  ...{ path, full, form, language },
  tokens: form === 'full' ? full : form === 'outline' ? Math.ceil(full / 5) : 0,
});
const map: BudgetMap = {
  title: 'hostile </script><img src=x onerror=alert(1)>',
  limit: 100_000,
  files: [
    file('src/core/pack.ts', 30_000, 'full', 'typescript'),
    file('src/core/<b>.ts', 20_000, 'outline', 'typescript'),
    file('src/cli.ts', 9000, 'excluded', 'typescript'),
    file('docs/guide.md', 12_000, 'full', 'markdown'),
    file('data/big.json', 90_000, 'left-out', 'json'),
  ],
  parts: [
    { kind: 'answer', label: 'Kept for the answer', tokens: 8000 },
    { kind: 'free', label: 'Free', tokens: 46_000 },
  ],
  marks: [
    { kind: 'real', label: 'real limit', tokens: 100_000 },
    { kind: 'effective', label: 'effective limit', tokens: 40_000 },
    { kind: 'advertised', label: 'advertised limit', tokens: 10_485_760 },
  ],
  whatIf: [
    {
      limit: 32_768,
      forms: ['outline', 'left-out', 'excluded', 'listed', 'left-out'],
      tokens: [6000, 0, 0, 4, 0],
      parts: [{ kind: 'free', label: 'Free', tokens: 26_764 }],
    },
  ],
};

describe('the budget map as a page of its own', function () {
  this.timeout(120_000);
  const scratch = scratchFolder();
  let browser: Browser;
  let url: string;

  before(async () => {
    const { outputFiles } = await build({
      entryPoints: [join(root, 'src/webview/map/main.ts')],
      ...{ bundle: true, write: false, platform: 'browser', target: 'es2022', format: 'iife' },
      loader: { '.svg': 'text' },
    });
    const style = readFileSync(join(root, 'media/map.css'), 'utf8');
    const html = join(scratch, 'map.html');
    writeFileSync(html, standaloneMap(map, outputFiles?.[0]?.text ?? '', style));
    url = pathToFileURL(html).href;
    browser = await launchChromium(line => console.log(line));
    mkdirSync(pictures, { recursive: true });
  });
  after(async () => {
    await browser.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`opens without network or a fault that axe knows, ${colorScheme}`, async () => {
      const context = await browser.newContext({
        colorScheme,
        offline: true,
        viewport: { width: 1200, height: 760 },
      });
      const page = await context.newPage();
      const faults: string[] = [];
      const asked: string[] = [];
      page.on('console', message => faults.push(message.text()));
      page.on('pageerror', error => faults.push(error.message));
      page.on('request', request => asked.push(request.url()));
      page.on('dialog', dialog => faults.push(dialog.message()));
      await page.goto(url);
      await page.locator('#canvas[aria-busy=false]').waitFor();
      assert.deepEqual(asked, [url]);
      // Black or white words tell which of the two was asked for.
      const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      assert.equal(background, colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(31, 31, 31)');
      const told = (await page.locator('#gauge').getAttribute('aria-valuetext')) ?? '';
      assert.equal(told, '46,000 of 100,000 tokens are files, 8,000 are reserved, 46,000 are free');
      assert.deepEqual(await page.locator('.gauge-mark').allInnerTexts(), [
        'effective limit 40k',
        'real limit 100k',
        'advertised limit 10.5M →',
      ]);
      await page.screenshot({ path: join(pictures, `map page ${colorScheme}.png`) });
      for (const asTable of [false, true]) {
        if (asTable) await page.getByRole('switch', { name: 'Table' }).click();
        await page.evaluate(axe);
        const found = await page.evaluate<AxeResults>('axe.run(document)');
        assert.ok(found.passes.length > 10);
        assert.deepEqual(
          found.violations.map(
            v => `${v.id}: ${v.nodes.map(n => `${n.html} ${n.failureSummary ?? ''}`).join(' | ')}`,
          ),
          [],
        );
      }
      await page.locator('#what-if').press('Home');
      await page.locator('#gauge[aria-valuemax="32768"]').waitFor();
      assert.deepEqual(faults, []);
      await context.close();
    });
});
