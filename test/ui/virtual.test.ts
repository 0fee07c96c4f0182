import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';

import { root } from '../../tools/paths.ts';
import { startFake, type Fake } from '../fakes/index.ts';
import { scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 30_000 };

describe('a folder that only VS Code can reach, in a real window', function () {
  this.timeout(240_000);
  let scratch: string;
  let fake: Fake;
  let session: drive.Session;
  const already = copies();

  const write = (path: string, text: string) => {
    const file = join(scratch, 'far/project', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };

  before(async () => {
    scratch = scratchFolder();
    write(
      'src/pump.ts',
      'export const litres = 40;\n\nexport function pump(): number {\n  return litres;\n}\n',
    );
    write('README.md', '# Pump\n\nIt pumps.\n');
    write('.gitignore', 'out/\n');
    write('out/built.js', 'never();\n');
    write('notes/old.md', 'Old notes.\n');
    symlinkSync('README.md', join(scratch, 'far/project/LINK.md'));
    const workspace = join(scratch, 'far.code-workspace');
    writeFileSync(workspace, JSON.stringify({ folders: [{ uri: 'far:/project', name: 'project' }] }));
    fake = await startFake({
      system: 'vllm',
      contextTokens: 131_072,
      answer: 'The pump moves `40` litres: `return litres;` (src/pump.ts:4).',
    });
    session = await drive.openVSCode({
      folder: workspace,
      beside: join(root, 'test/ui/farFiles'),
      env: { FAR_FOLDER: join(scratch, 'far') },
      settings: {
        'longview.endpoints': [{ id: 'fake', name: 'Fake Scout', baseUrl: fake.baseUrl, model: fake.model }],
        'longview.endpoint': 'fake',
        'longview.answers': 'document',
      },
    });
  });
  after(async () => {
    await session.close();
    await fake.close();
    rmSync(scratch, { recursive: true, force: true });
    assert.deepEqual(copies(), already, 'no copy is left on this machine');
  });

  const gauge = (page: Page) => page.locator('.statusbar-item', { hasText: '/ 131k' }).first();
  const lastPrompt = () => JSON.stringify(fake.chats().at(-1)?.body);

  it('is counted, asked about and cited as any other', async () => {
    const { page } = session;
    await drive.runCommand(page, 'Longview: Focus on Files View');
    await gauge(page).waitFor({ timeout: 90_000 });
    const tooltip = await drive.hoverUntil(gauge(page), /reached\sthrough\sVS\sCode\salone/);
    await drive.screenshot(page, join(pictures, 'virtual-gauge.png'));
    await page.mouse.move(600, 300);
    await tooltip.waitFor({ ...patience, state: 'hidden' });
    await drive.ask(page, 'How much does it pump?');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send Once');
    const link = page.locator('.view-line .detected-link', { hasText: 'src/pump.ts' }).first();
    await page
      .locator('.view-line', { hasText: /1\sof\s1\sanchors\sverified/ })
      .first()
      .waitFor(patience);
    assert.match(lastPrompt(), /export const litres = 40/);
    assert.match(lastPrompt(), /Old notes/);
    assert.doesNotMatch(lastPrompt(), /never\(\)/);
    await drive.screenshot(page, join(pictures, 'virtual-answer.png'));
    await link.click({ modifiers: ['ControlOrMeta'], ...patience });
    await page.locator('.tab.active[data-resource-name="pump.ts"]').waitFor(patience);
    // The whole of line 4 is selected.
    await page.locator('[id="status.editor.selection"]', { hasText: 'Ln 5, Col 1' }).waitFor(patience);
  });

  it('what changes there is in the next prompt, told of or not', async () => {
    const { page } = session;
    write('src/pump.ts', 'export const litres = 41;\n');
    write('src/valve.ts', 'export const open = true;\n');
    rmSync(join(scratch, 'far/project/notes'), { recursive: true, force: true });
    await drive.runCommand(page, 'Longview: Focus on Files View');
    await page.locator('.pane .monaco-list-row', { hasText: 'src' }).first().waitFor(patience);
    await page
      .locator('.pane .monaco-list-row', { hasText: 'notes' })
      .first()
      .waitFor({ ...patience, state: 'detached' });
    await drive.ask(page, 'And now?');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send Once');
    await page
      .locator('.view-line', { hasText: /And\snow\?/ })
      .first()
      .waitFor(patience);
    await page
      .locator('.view-line', { hasText: /anchors\sverified|relocated|out-of-range|missing/ })
      .first()
      .waitFor(patience);
    assert.match(lastPrompt(), /export const litres = 41/);
    assert.match(lastPrompt(), /export const open = true/);
    assert.match(lastPrompt(), /@@@@ deleted notes\/old\.md/);
  });

  it('a rule that leaves files out is written there', async () => {
    const { page } = session;
    await drive.runCommand(page, 'Longview: Focus on Files View');
    const row = page.locator('.pane .monaco-list-row', { hasText: 'README.md' }).first();
    await row.click({ button: 'right', ...patience });
    const item = page.locator('.monaco-menu .action-label', { hasText: '.longviewignore' }).first();
    await item.hover(patience);
    await page.keyboard.press('Enter');
    await page.locator('.tab.active[data-resource-name=".longviewignore"]').waitFor(patience);
    assert.match(readFileSync(join(scratch, 'far/project/.longviewignore'), 'utf8'), /^\/README\.md$/m);
    await row.getByText(/left out/).waitFor(patience);
    await drive.screenshot(page, join(pictures, 'virtual-files.png'));
  });
});

/** Folders of copies on this machine. */
function copies(): string[] {
  return readdirSync(tmpdir()).filter(name => /^longview-\d+-\w{6}$/.test(name));
}
