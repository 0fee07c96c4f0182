import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../tools/paths.ts';
import { startFake, type Fake } from '../fakes/index.ts';
import { cloneCheckout, scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 30_000 };

describe('adding an endpoint in a real window', function () {
  this.timeout(180_000);
  let scratch: string;
  let fake: Fake;
  let session: drive.Session;

  before(async () => {
    scratch = scratchFolder();
    fake = await startFake({
      system: 'openrouter',
      model: 'meta-llama/llama-4-scout',
      contextTokens: 1_310_720,
      price: { input: 0.1, output: 0.3 },
      models: [{ id: 'small/other', contextTokens: 32_768 }],
      apiKey: 'marker-key-99',
      answer: 'OK',
    });
    session = await drive.openVSCode({ folder: await cloneCheckout(scratch) });
  });
  after(async () => {
    await session.close();
    await fake.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('goes from a URL to a tested endpoint, with Scout first, its limit and price, and its licence', async () => {
    const { page, userDataDir } = session;
    await drive.runCommand(page, 'Longview: Add Endpoint');
    await drive.pick(page, 'Custom URL');
    const input = drive.quickInput(page).locator('input').first();
    await page.getByText('Base URL').first().waitFor(patience);
    await input.fill('nonsense');
    await drive
      .quickInput(page)
      .getByText(/is not a URL/)
      .waitFor(patience);
    await drive.enter(page, 'Base URL', fake.baseUrl);
    await drive.enter(page, /API key for/, 'marker-key-99');
    const first = drive.quickInput(page).locator('.monaco-list-row').first();
    await first.getByText('meta-llama/llama-4-scout').waitFor(patience);
    assert.match(await first.innerText(), /1,310,720 tokens · \$0\.1 in, \$0\.3 out/);
    await drive.screenshot(page, join(pictures, 'add-endpoint-models.png'));
    await drive.pick(page, 'meta-llama/llama-4-scout');
    const licence = await drive.waitForDialog(page, /Llama 4 Community License/);
    await drive.screenshot(page, join(pictures, 'licence.png'));
    await drive.clickButton(licence, 'Continue');
    await page
      .locator('[id="longview.longview.longview.gauge"], .statusbar-item', { hasText: '/ 1.31M' })
      .first()
      .waitFor(patience);
    const [chat] = fake.chats();
    assert.equal(chat?.headers['authorization'], 'Bearer marker-key-99');
    assert.ok((chat?.bytes ?? Infinity) < 1000, 'the test call carries no source');
    const settings = readFileSync(join(userDataDir, 'User', 'settings.json'), 'utf8');
    assert.match(settings, /meta-llama\/llama-4-scout/);
    assert.ok(!settings.includes('marker-key'), 'a key is in no settings file');
  });

  it('adds Amazon Bedrock, whose models are not listed, with a test call in its own way', async () => {
    const { page } = session;
    const bedrock = await startFake({
      system: 'bedrock',
      model: 'us.meta.llama4-scout-17b-instruct-v1:0',
      apiKey: 'marker-bedrock-1',
      answer: 'OK',
    });
    try {
      await drive.runCommand(page, 'Longview: Add Endpoint');
      const input = drive.quickInput(page).locator('input').first();
      await input.fill('Bedrock');
      await drive.pick(page, 'Amazon Bedrock');
      await page.getByText('Base URL of Amazon Bedrock').first().waitFor(patience);
      assert.match(await input.inputValue(), /^https:\/\/bedrock-runtime\.\{region\}\.amazonaws\.com$/);
      await input.press('Enter');
      await drive.enter(page, 'Replace what stands in braces.', bedrock.baseUrl);
      await page
        .getByText(/Bedrock API key. Leave it empty to use the AWS credentials/)
        .first()
        .waitFor(patience);
      await drive.screenshot(page, join(pictures, 'add-bedrock-key.png'));
      await input.fill('marker-bedrock-1');
      await input.press('Enter');
      await page
        .getByText(/Model id at Amazon Bedrock/)
        .first()
        .waitFor(patience);
      assert.equal(await input.inputValue(), bedrock.model, 'Scout is proposed');
      await input.press('Enter');
      await drive.waitForNotification(page, /\(Amazon Bedrock\) is ready and selected/);
      const [chat] = bedrock.chats();
      assert.equal(chat?.headers['authorization'], 'Bearer marker-bedrock-1');
      assert.match(chat.path, /\/converse-stream$/);
    } finally {
      await bedrock.close();
    }
  });
});
