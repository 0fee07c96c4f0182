import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Locator, Page } from 'playwright-core';

export { openVSCode, type OpenOptions, type Session } from './session.ts';

/** How long VS Code may take for one step. Only a test that is about to fail waits that long. */
const patience = { timeout: 30_000 };

/**
 * Runs a command by its palette title, `Longview: Show Log`. A palette opened before the extension's
 * contributions were read never shows them, so it is opened anew until it does.
 */
export async function runCommand(page: Page, title: string): Promise<void> {
  await pickFrom(page, 'F1', `>${title}`, title);
}

/** Opens a file of the workspace by its path. */
export async function openFile(page: Page, path: string): Promise<void> {
  const name = path.split('/').at(-1) ?? path;
  await pickFrom(page, 'Control+P', path, name);
  await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor(patience);
}

/** The quick input that is open: a command's own list or input box. */
export function quickInput(page: Page): Locator {
  return page.locator('.quick-input-widget:visible');
}

/** Chooses a row of the open quick input by its label. */
export async function pick(page: Page, label: string): Promise<void> {
  await quickInputRow(page, label).click(patience);
}

function quickInputRow(page: Page, label: string): Locator {
  // From its start, and not case-insensitively as a string would be: a row's description may hold another row's label.
  const start = new RegExp(`^\\s*${label.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`);
  const labelled = page.locator('.quick-input-list-label .label-name', { hasText: start });
  return quickInput(page).locator('.quick-input-list .monaco-list-row').filter({ has: labelled }).first();
}

/** Answers a step that asks for text, once it asks `question`: the steps of a flow share one input. */
export async function enter(page: Page, question: string | RegExp, text: string): Promise<void> {
  await quickInput(page).getByText(question).first().waitFor(patience);
  await fillAndAccept(quickInput(page).locator('input').first(), text);
}

/** Asks through the palette, as a user does. */
export async function ask(page: Page, question: string): Promise<void> {
  await runCommand(page, 'Longview: Ask About This Workspace');
  await fillAndAccept(quickInput(page).locator('input[placeholder^="Where are errors turned"]'), question);
}

async function fillAndAccept(input: Locator, text: string): Promise<void> {
  await input.fill(text, patience);
  await input.press('Enter', patience);
}

async function pickFrom(page: Page, key: string, text: string, label: string): Promise<void> {
  const row = quickInputRow(page, label);
  for (let attempt = 1; ; attempt++) {
    await page.keyboard.press(key);
    try {
      await quickInput(page).locator('input').first().fill(text, { timeout: 2000 });
      // A list that loses the focus closes, and its row can then never be clicked.
      await row.click({ timeout: 3000 });
      return;
    } catch (error) {
      if (attempt === 10) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

/** Clicks an element of Chat. Its list moves by the wheel alone, and its header covers what stands at the top. */
export async function clickInChat(target: Locator): Promise<void> {
  const page = target.page();
  await target.waitFor(patience);
  for (let attempt = 1; ; attempt++) {
    try {
      await target.click({ timeout: 1500 });
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      const list = await page.locator('.interactive-list').first().boundingBox();
      const place = await target.boundingBox();
      if (list === null || place === null) continue;
      const middle = list.y + list.height / 2;
      await page.mouse.move(list.x + list.width / 2, middle);
      await page.mouse.wheel(0, place.y - middle);
    }
  }
}

/** A notification that contains the text, once it is shown. */
export async function waitForNotification(page: Page, text: string | RegExp): Promise<Locator> {
  const toast = page.locator('.notification-toast').filter({ hasText: text }).first();
  await toast.waitFor(patience);
  return toast;
}

/** A modal dialog that contains the text, once it is shown. */
export async function waitForDialog(page: Page, text: string | RegExp): Promise<Locator> {
  const dialog = page.locator('.monaco-dialog-box').filter({ hasText: text }).first();
  await dialog.waitFor(patience);
  return dialog;
}

/** The hover of an element, once it holds the text. It goes where VS Code draws the element anew. */
export async function hoverUntil(target: Locator, text: string | RegExp): Promise<Locator> {
  const page = target.page();
  const hover = page.locator('.monaco-hover', { hasText: text }).first();
  for (let attempt = 1; ; attempt++) {
    await target.hover(patience);
    try {
      await hover.waitFor({ timeout: 5000 });
      return hover;
    } catch (error) {
      if (attempt === 6) throw error;
      await page.mouse.move(600, 300);
    }
  }
}

/** Presses a button of a dialog or notification. */
export async function clickButton(within: Locator, label: string): Promise<void> {
  await within.locator('.monaco-button', { hasText: label }).first().click(patience);
}

/** Moves the focus with a key until it is on the element, as somebody without a mouse does. */
export async function focusBy(key: string, target: Locator): Promise<void> {
  const page = target.page();
  const here = target.and(page.locator(':focus')).or(target.locator(':focus'));
  for (let presses = 0; presses < 60; presses++) {
    if ((await here.count()) > 0) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} never reaches ${String(target)}.`);
}

/** Where the cursor of the active editor stands, 1-based, from the status bar. */
export async function cursorPosition(page: Page): Promise<{ line: number; column: number }> {
  const text = await page.locator('[id="status.editor.selection"]').innerText(patience);
  const [, line, column] = /Ln (\d+), Col (\d+)/.exec(text) ?? [];
  if (line === undefined || column === undefined) throw new Error(`The status bar says "${text}".`);
  return { line: Number(line), column: Number(column) };
}

/** The name on the active editor's tab. */
export async function activeTab(page: Page): Promise<string> {
  const name = await page
    .locator('.editor-group-container.active .tab.active')
    .getAttribute('data-resource-name', patience);
  if (name === null) throw new Error('The active tab has no name.');
  return name;
}

const themes = {
  dark: { label: 'Dark Modern', class: 'vs-dark' },
  light: { label: 'Light Modern', class: 'vs' },
  'high contrast': { label: 'Dark High Contrast', class: 'hc-black' },
  'high contrast light': { label: 'Light High Contrast', class: 'hc-light' },
} as const;

export type Theme = keyof typeof themes;

/** Changes the colour theme as a user does. */
export async function setTheme(page: Page, theme: Theme): Promise<void> {
  const { label, class: shown } = themes[theme];
  for (let attempt = 1; ; attempt++) {
    await runCommand(page, 'Preferences: Color Theme');
    try {
      // A list that loses the focus closes.
      await quickInput(page).locator('input').first().fill(label, { timeout: 3000 });
      await quickInputRow(page, label).click({ timeout: 3000 });
      await page.locator(`.monaco-workbench.${shown}`).waitFor({ timeout: 10_000 });
      return;
    } catch (error) {
      if (attempt === 5) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

/** Saves a picture of the window. */
export async function screenshot(page: Page, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  // A blinking cursor and fading scroll bars would make two pictures of the same state differ.
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
}
