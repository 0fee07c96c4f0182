import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

import { root } from '../../tools/paths.ts';
import { startFake, type Fake } from '../fakes/index.ts';
import { cloneCheckout, scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 30_000 };

function gauge(page: Page, text: string): Locator {
  return page.locator('.statusbar-item', { hasText: text }).first();
}

function row(page: Page, label: string): Locator {
  return drive.quickInput(page).locator('.monaco-list-row', { hasText: label }).first();
}

describe('switching and editing endpoints in a real window', function () {
  this.timeout(240_000);
  let scratch: string;
  const fakes: Fake[] = [];
  let session: drive.Session;

  before(async () => {
    scratch = scratchFolder();
    const vllm = await startFake({
      system: 'vllm',
      model: 'meta-llama/Llama-4-Scout-17B-16E-Instruct',
      contextTokens: 131_072,
      models: [{ id: 'qwen/coder', contextTokens: 131_072 }],
    });
    const openrouter = await startFake({
      system: 'openrouter',
      model: 'meta-llama/llama-4-scout',
      contextTokens: 1_310_720,
      price: { input: 0.1, output: 0.3 },
    });
    const groq = await startFake({ system: 'groq', model: 'openai/gpt-oss-120b', contextTokens: 131_072 });
    fakes.push(vllm, openrouter, groq);
    session = await drive.openVSCode({
      folder: await cloneCheckout(scratch),
      viewport: { width: 1280, height: 800 },
      settings: {
        'longview.endpoint': 'vllm',
        'longview.endpoints': [
          { id: 'vllm', name: 'Scout on our vLLM', baseUrl: vllm.baseUrl, model: vllm.model },
          {
            id: 'or',
            name: 'Scout on OpenRouter',
            baseUrl: openrouter.baseUrl,
            model: openrouter.model,
            provider: 'openrouter',
          },
          {
            id: 'groq',
            name: 'Scout on Groq',
            baseUrl: groq.baseUrl,
            model: 'meta-llama/llama-4-scout-17b-16e-instruct',
            provider: 'groq',
          },
          { id: 'dead', name: 'The old machine', baseUrl: 'http://127.0.0.1:9/v1', model: 'm' },
        ],
      },
    });
    await drive.runCommand(session.page, 'Longview: Show Budget');
    await gauge(session.page, '/ 131k').waitFor({ timeout: 60_000 });
  });
  after(async () => {
    await session.close();
    for (const fake of fakes) await fake.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('the tooltip tells what the limit rests on, and leads on', async () => {
    const { page } = session;
    for (const theme of ['dark', 'light', 'high contrast'] as const) {
      await drive.setTheme(page, theme);
      const tooltip = await drive.hoverUntil(gauge(page, '/ 131k'), 'Context limit');
      const text = (await tooltip.innerText()).replace(/\u00a0/g, ' ');
      assert.match(text, /131,072 · served by \/v1\/models max_model_len · .* · model card says 10,485,760/);
      await drive.screenshot(page, join(pictures, `tooltip-${theme.replace(' ', '-')}.png`));
      await page.mouse.move(600, 300);
      await tooltip.waitFor({ state: 'hidden', timeout: 30_000 });
    }
  });

  it('a click on the gauge lists the endpoints with limit and price, and what is wrong with one', async () => {
    const { page } = session;
    for (const theme of ['light', 'high contrast', 'dark'] as const) {
      await drive.setTheme(page, theme);
      await gauge(page, '/ 131k').click();
      await row(page, 'Scout on our vLLM').getByText('131,072 tokens').waitFor(patience);
      await row(page, 'Scout on OpenRouter')
        .getByText(/1,310,720 tokens · \$0\.1 in, \$0\.3 out/)
        .waitFor(patience);
      await row(page, 'Scout on Groq').getByText('model gone').waitFor(patience);
      await row(page, 'The old machine')
        .getByText(/No server answers/)
        .waitFor(patience);
      await drive.screenshot(page, join(pictures, `endpoints-${theme.replace(' ', '-')}.png`));
      await page.keyboard.press('Escape');
    }
  });

  it('choosing one whose model has gone says so, and one click switches it to another', async () => {
    const { page } = session;
    await gauge(page, '/ 131k').click();
    await row(page, 'Scout on Groq').getByText('model gone').waitFor(patience);
    await row(page, 'Scout on Groq').click();
    const toast = await drive.waitForNotification(page, /does not serve/);
    await drive.screenshot(page, join(pictures, 'model-gone.png'));
    await drive.clickButton(toast, 'Use gpt-oss-120b');
    await drive.waitForNotification(page, /now asks openai\/gpt-oss-120b/);
  });

  it('editing goes through prefilled steps, and back', async () => {
    const { page } = session;
    await page.keyboard.press('Escape');
    await gauge(page, '/ 131k').click();
    await row(page, 'Scout on OpenRouter').hover();
    await row(page, 'Scout on OpenRouter').getByRole('button', { name: 'Edit' }).click(patience);
    const input = drive.quickInput(page).locator('input').first();
    await drive.quickInput(page).getByText('(1/6)').waitFor(patience);
    assert.match(await input.inputValue(), /^http:\/\/127\.0\.0\.1:\d+\/api\/v1$/);
    await drive.screenshot(page, join(pictures, 'edit-1-url.png'));
    await input.press('Enter');
    await drive.quickInput(page).getByText('(2/6)').waitFor(patience);
    await drive.screenshot(page, join(pictures, 'edit-2-key.png'));
    await input.press('Enter');
    await drive.quickInput(page).getByText('(3/6)').waitFor(patience);
    await drive.screenshot(page, join(pictures, 'edit-3-model.png'));
    await drive.pick(page, 'meta-llama/llama-4-scout');
    const licence = await drive.waitForDialog(page, /Llama 4 Community License/);
    await drive.clickButton(licence, 'Continue');
    await drive.quickInput(page).getByText('(4/6)').waitFor(patience);
    await input.fill('Scout, renamed');
    await input.press('Enter');
    await drive.quickInput(page).getByText('(5/6)').waitFor(patience);
    await input.fill('many');
    await input.press('Enter');
    await drive
      .quickInput(page)
      .getByText(/whole number of tokens/)
      .waitFor(patience);
    await drive.screenshot(page, join(pictures, 'edit-5-limit.png'));
    await drive.quickInput(page).getByRole('button', { name: 'Back' }).click(patience);
    await drive.quickInput(page).getByText('(4/6)').waitFor(patience);
    await input.fill('Scout, renamed');
    await input.press('Enter');
    await drive.quickInput(page).getByText('(5/6)').waitFor(patience);
    await input.fill('250,000');
    await input.press('Enter');
    await drive.quickInput(page).getByText('(6/6)').waitFor(patience);
    await drive.screenshot(page, join(pictures, 'edit-6-price.png'));
    await input.press('Enter');
    await drive.waitForNotification(page, /Scout, renamed is saved/);
  });

  it('measuring states the worst case before anything is sent, and can be cancelled', async () => {
    const { page } = session;
    const sent = () => fakes.reduce((sum, fake) => sum + fake.chats().length, 0);
    const before = sent();
    await page.keyboard.press('Escape');
    await drive.runCommand(page, 'Longview: Measure Real Limit');
    const input = drive.quickInput(page).locator('input').first();
    await drive
      .quickInput(page)
      .getByText(/worst case is/)
      .waitFor(patience);
    await drive.screenshot(page, join(pictures, 'measure-budget.png'));
    await input.fill('100000');
    await input.press('Enter');
    const dialog = await drive.waitForDialog(page, /Measure the real context limit/);
    await drive.screenshot(page, join(pictures, 'measure-cost.png'));
    assert.equal(sent(), before, 'nothing was sent');
    for (const fake of fakes) fake.headersGate.close();
    await drive.clickButton(dialog, 'Measure');
    const asked = await Promise.race(fakes.map(async fake => (await fake.headersGate.arrived(), fake)));
    const toast = await drive.waitForNotification(page, /measuring/);
    await drive.screenshot(page, join(pictures, 'measure-progress.png'));
    await drive.clickButton(toast, 'Cancel');
    assert.equal((await asked.nextAborted()).aborted, true, 'the request is really aborted');
    await toast.waitFor({ state: 'hidden', timeout: 30_000 });
    for (const fake of fakes) fake.headersGate.open();
    await drive.runCommand(page, 'Notifications: Show Notifications');
    assert.equal(
      await page.locator('.notification-list-item', { hasText: /measur|abort/i }).count(),
      0,
      'no error',
    );
    assert.equal(sent(), before + 1, 'and none follows');
  });
});
