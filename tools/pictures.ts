// npm run pictures: takes the README's screenshots again, from the packaged extension in a real window.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

import { startFake } from '../test/fakes/index.ts';
import { cloneCheckout, scratchFolder } from '../test/run/workspace.ts';
import * as drive from '../test/ui/driver.ts';
import { closeEverything } from '../test/ui/session.ts';
import { root } from './paths.ts';

const viewport = { width: 1280, height: 800 };
const picture = (name: string): string => join(root, 'media', 'readme', `${name}.png`);

async function ask(page: Page, question: string, beforeEnter?: () => Promise<void>): Promise<void> {
  await drive.runCommand(page, 'Longview: Ask About This Workspace');
  const input = drive.quickInput(page).locator('input').first();
  await input.fill(question);
  await beforeEnter?.();
  await input.press('Enter');
}

async function offline(folder: string): Promise<void> {
  const settings = { 'longview.offlineReader.contextLimit': 1_310_720 };
  const session = await drive.openVSCode({ folder, settings, viewport });
  const { page } = session;
  const fold = async (...names: string[]) => {
    for (const hasText of names) await page.locator('.pane-header.expanded', { hasText }).click();
  };
  await drive.runCommand(page, 'Longview: Show Budget');
  await page.getByText(/^Files \(/).waitFor();
  await fold('Files', 'History');
  await page.getByText(/Free/).first().waitFor();
  await drive.screenshot(page, picture('budget'));
  await drive.runCommand(page, 'Longview: Focus on Files View');
  await fold('Budget');
  const test = page.locator('.pane-body .monaco-list-row', {
    has: page.locator('.label-name', { hasText: /^test$/ }),
  });
  await test.locator('.custom-view-tree-node-item-checkbox').click();
  await test.getByText('excluded').waitFor();
  await test.hover();
  await drive.screenshot(page, picture('files'));
  await test.locator('.custom-view-tree-node-item-checkbox').click();
  await test.getByText('excluded').waitFor({ state: 'detached' });
  await drive.runCommand(page, 'Longview: Show Budget');
  await drive.runCommand(page, 'Longview: Show Budget Map');
  const map = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await map.locator('#canvas[aria-busy=false]').waitFor();
  await drive.screenshot(page, picture('map'));
  await drive.runCommand(page, 'View: Close Editor');
  const question = 'What happens when an answer breaks off in the middle?';
  await ask(page, question, () => drive.screenshot(page, picture('ask')));
  await page
    .locator('.interactive-response')
    .getByText(/anchors verified/)
    .waitFor();
  await page.locator('.interactive-response a.chat-inline-anchor-widget').last().dispatchEvent('click');
  await page.locator('.tab.active[data-resource-name$=".ts"]').waitFor();
  await drive.screenshot(page, picture('answer'));
  await session.close();
}

async function endpoint(folder: string): Promise<void> {
  const lines = readFileSync(join(folder, 'src/core/pack/frame.ts'), 'utf8').split('\n');
  const lineOf = (start: string) => lines.findIndex(line => line.startsWith(start)) + 1;
  const answer = [
    `The sentinel is set in \`src/core/pack/frame.ts:${lineOf('export const sentinel')}\` \`export const sentinel = '@@@@';\`, and`,
    `\`src/core/pack/frame.ts:${lineOf('export function neutralise')}\` \`export function neutralise(text: string): string {\` breaks it inside content.`,
    '\n\nSee also `src/core/pack/escape.ts:7`, which does the same for names.\n',
  ].join(' ');
  const fake = await startFake({ system: 'vllm', model: 'llama-4-scout', contextTokens: 1_310_720, answer });
  const endpoints = [{ id: 'scout', name: 'Scout on our vLLM', baseUrl: fake.baseUrl, model: fake.model }];
  const settings = { 'longview.endpoints': endpoints, 'longview.endpoint': 'scout' };
  const session = await drive.openVSCode({ folder, settings, viewport });
  const { page } = session;
  await ask(page, 'Where is the frame sentinel set?');
  const dialog = await drive.waitForDialog(page, /Send source code/);
  await drive.screenshot(page, picture('consent'));
  await drive.clickButton(dialog, 'Send Once');
  await page
    .locator('.interactive-response')
    .getByText(/anchors verified/)
    .waitFor();
  await drive.screenshot(page, picture('missing'));
  await session.close();
  await fake.close();
}

async function main(): Promise<void> {
  const scratch = scratchFolder();
  try {
    const folder = await cloneCheckout(scratch);
    await offline(folder);
    await endpoint(folder);
  } finally {
    await closeEverything();
    rmSync(scratch, { recursive: true, force: true });
  }
}

void main();
