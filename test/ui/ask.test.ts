import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

import { localPorts } from '../../src/core/endpoint/recognise.ts';
import { root } from '../../tools/paths.ts';
import { startFake, type Fake } from '../fakes/index.ts';
import { cloneCheckout, scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

const pictures = join(root, 'test-results', 'pictures');
const patience = { timeout: 30_000 };

/** The last response in Chat. */
function response(page: Page): Locator {
  return page.locator('.interactive-response').last();
}

/** Takes the free ones of the ports on which people's own servers listen, and counts who comes. */
async function listenWhereServersDo() {
  let connections = 0;
  const servers = localPorts.map(() => createServer(socket => (connections++, socket.destroy())));
  const numbers = (
    await Promise.all(
      servers.map(async (server, i) => {
        server.listen(localPorts[i], '127.0.0.1');
        return once(server, 'listening').then(
          () => [localPorts[i]],
          () => [],
        );
      }),
    )
  ).flat();
  return {
    numbers,
    connections: () => connections,
    close: async () => Promise.all(servers.filter(s => s.listening).map(async s => once(s.close(), 'close'))),
  };
}

describe('asking in a real window', function () {
  this.timeout(180_000);
  let scratch: string;
  let folder: string;
  /** Where the cited line stands in this commit, 1-based. */
  let sentinelLine: number;
  let fake: Fake;
  let session: drive.Session | undefined;

  before(async () => {
    scratch = scratchFolder();
    folder = await cloneCheckout(scratch);
    const lines = readFileSync(join(folder, 'src/core/pack/frame.ts'), 'utf8').split('\n');
    sentinelLine = lines.findIndex(line => line.startsWith('export const sentinel')) + 1;
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));
  beforeEach(async () => {
    fake = await startFake({ system: 'vllm', contextTokens: 2_000_000 });
  });
  afterEach(async () => {
    await session?.close();
    session = undefined;
    await fake.close();
  });

  const toFake = () => ({
    'longview.endpoints': [{ id: 'fake', name: 'Fake Scout', baseUrl: fake.baseUrl, model: fake.model }],
    'longview.endpoint': 'fake',
  });

  it('the offline reader answers in Chat without account or network, and an anchor lands on its line', async () => {
    // On a busy machine Chat may be slow to call, and `auto` would open a document.
    session = await drive.openVSCode({ folder, settings: { 'longview.answers': 'chat' } });
    const { page } = session;
    await drive.ask(page, 'How is a frame sentinel inside file content neutralised?');
    await response(page)
      .getByText(/no model was involved/i)
      .waitFor(patience);
    await response(page)
      .getByText(/anchors verified/)
      .waitFor(patience);
    const anchor = response(page).locator('a.chat-inline-anchor-widget').last();
    const label = await anchor.innerText(patience);
    const [, name, start, end = start] = /(\S+?):(\d+)(?:-(\d+))?/.exec(label.replace(/\s+/g, '')) ?? [];
    assert.ok(name !== undefined && start !== undefined, label);
    await drive.clickInChat(anchor);
    await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor(patience);
    // VS Code selects the cited lines, with the cursor at their end.
    assert.equal((await drive.cursorPosition(page)).line, Number(end));
    await drive.screenshot(page, join(pictures, 'offline-answer.png'));
  });

  it('streams an endpoint’s answer after consent, verifies, and shows an invented path as missing', async () => {
    fake.configure({
      answer: async function* () {
        yield `The sentinel is set in \`src/core/pack/frame.ts:${sentinelLine}\` \`export const sentinel = `;
        yield "'@@@@';`. ";
        yield 'It says so.\n\nSee also `src/core/pack/ghost.ts:7`.\n';
      },
    });
    session = await drive.openVSCode({ folder, settings: toFake() });
    const { page } = session;
    await drive.ask(page, 'Where is the sentinel set?');
    const dialog = await drive.waitForDialog(page, /Send source code to 127\.0\.0\.1/);
    await dialog.getByText(/files of this workspace, [\d,]+ tokens/).waitFor(patience);
    await drive.screenshot(page, join(pictures, 'consent.png'));
    assert.equal(fake.chats().length, 0, 'nothing leaves before the user agrees');
    fake.chunkGate.close();
    await drive.clickButton(dialog, 'Send Once');
    await fake.chunkGate.arrived();
    fake.chunkGate.release(1);
    await response(page)
      .getByText(/The sentinel is set in/)
      .waitFor(patience);
    assert.equal(
      await response(page)
        .getByText(/It says so/)
        .count(),
      0,
      'it streams',
    );
    fake.chunkGate.open();
    await response(page)
      .getByText(/1 of 2 anchors verified/)
      .waitFor(patience);
    await response(page).locator('del', { hasText: 'ghost.ts:7' }).waitFor(patience);
    assert.equal(await response(page).locator('a', { hasText: 'ghost' }).count(), 0, 'it leads nowhere');
    await drive.screenshot(page, join(pictures, 'verified-and-missing.png'));
    await response(page)
      .locator('a', { hasText: /frame\.ts/ })
      .first()
      .click(patience);
    await page.locator('.tab.active[data-resource-name="frame.ts"]').waitFor(patience);
    assert.equal((await drive.cursorPosition(page)).line, sentinelLine);
  });

  it('cancel really aborts the request, and what arrived stays', async () => {
    session = await drive.openVSCode({ folder, settings: toFake() });
    const { page } = session;
    fake.configure({
      answer: async function* ({ signal }) {
        yield 'This much arrived.\n';
        await new Promise(resolve => signal.addEventListener('abort', resolve));
      },
    });
    await drive.ask(page, 'Tell me everything.');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send Once');
    await response(page).getByText('This much arrived.').waitFor(patience);
    await page.locator('.interactive-input-part .codicon-stop-circle').first().click(patience);
    assert.equal((await fake.nextAborted()).aborted, true);
    assert.equal(await response(page).getByText('This much arrived.').count(), 1);
  });

  it('how long a busy endpoint is waited for stands in Chat, and cancel ends the wait', async () => {
    fake.fail({ kind: 'rate', retryAfterSeconds: 100 });
    session = await drive.openVSCode({ folder, settings: toFake() });
    const { page } = session;
    await drive.ask(page, 'Is anybody there?');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send Once');
    await response(page)
      .getByText(/Waiting 100 s, then sending again/)
      .waitFor(patience);
    await drive.screenshot(page, join(pictures, 'chat-waiting.png'));
    const stop = page.locator('.interactive-input-part .codicon-stop-circle');
    await stop.first().click(patience);
    await stop.first().waitFor({ ...patience, state: 'hidden' });
    assert.equal(fake.chats().length, 1, 'nothing more was sent');
  });

  it('with Chat switched off, the answer opens as a document whose anchors lead to their lines, in its preview too', async () => {
    session = await drive.openVSCode({ folder, settings: { 'chat.disableAIFeatures': true } });
    const { page } = session;
    await drive.ask(page, 'How is a frame sentinel inside file content neutralised?');
    await page
      .locator('.view-line', { hasText: /no\smodel\swas\sinvolved/ })
      .first()
      .waitFor(patience);
    await drive.screenshot(page, join(pictures, 'answer-document.png'));
    assert.equal(await page.locator('.interactive-session').count(), 0, 'Chat stays away');
    await drive.runCommand(page, 'Markdown: Open Preview to the Side');
    const preview = page.frameLocator('iframe.webview').frameLocator('iframe');
    await preview.getByText(/\d of \d+ anchors verified/).waitFor(patience);
    await drive.screenshot(page, join(pictures, 'answer-preview.png'));
    const link = preview.locator('a', { hasText: /\.ts:\d+/ }).first();
    const [, name, start, end = start] =
      /([^/]+):(\d+)(?:-(\d+))?/.exec(await link.innerText(patience)) ?? [];
    assert.ok(name !== undefined && end !== undefined);
    await link.click(patience);
    await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor(patience);
    await page
      .locator('[id="status.editor.selection"]', { hasText: `Ln ${Number(end) + 1}, Col 1 (` })
      .waitFor(patience);
  });

  it('where Chat does not call within seconds, the answer opens as a document, and is not asked twice', async () => {
    session = await drive.openVSCode({ folder, settings: toFake() });
    const { page } = session;
    await drive.ask(page, 'First question?');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send, and Remember');
    fake.chunkGate.close();
    await fake.chunkGate.arrived();
    // Chat is busy with the first answer, so the second question does not reach us through it.
    await drive.ask(page, 'Second question?');
    await page
      .locator('.view-line', { hasText: /Second\squestion/ })
      .first()
      .waitFor(patience);
    fake.chunkGate.open();
    await page
      .locator('.view-line', { hasText: /anchors\sverified|cites\sno\sfile/ })
      .first()
      .waitFor(patience);
    await response(page)
      .getByText(/being answered in a document/)
      .waitFor(patience);
    assert.equal(fake.chats().length, 2, 'one request for each question');
    await drive.screenshot(page, join(pictures, 'chat-busy.png'));
  });

  it('a restricted workspace sends nothing', async () => {
    session = await drive.openVSCode({
      folder,
      settings: { ...toFake(), 'longview.answers': 'document' },
      trust: false,
    });
    const { page } = session;
    await drive.ask(page, 'Where is the sentinel set?');
    await page
      .locator('.view-line', { hasText: /not\strusted,\sso\snothing\swas\ssent/ })
      .first()
      .waitFor(patience);
    assert.equal(fake.requests.length, 0, 'not even a model list');
    const ports = await listenWhereServersDo();
    try {
      await drive.runCommand(page, 'Longview: Add Endpoint');
      await drive.pick(page, 'Custom URL');
      await drive.enter(page, 'Base URL', fake.baseUrl);
      await drive.enter(page, /API key for/, '');
      await page
        .getByText(/Its list could not be read: .*not trusted/)
        .first()
        .waitFor(patience);
      assert.ok(ports.numbers.length > 0, 'all ports were taken');
      assert.equal(ports.connections(), 0, 'no local server is looked for');
    } finally {
      await ports.close();
    }
    assert.equal(fake.requests.length, 0, 'nor is it asked who it is');
  });

  it('a model that has gone: Chat says so, and a button switches to another', async () => {
    fake.configure({ models: [{ id: 'qwen/coder', contextTokens: 131_072 }] });
    fake.failAlways({ kind: 'dead-model' });
    session = await drive.openVSCode({ folder, settings: toFake() });
    const { page, userDataDir } = session;
    await drive.ask(page, 'Are you there?');
    await drive.clickButton(await drive.waitForDialog(page, /Send source code/), 'Send Once');
    const button = response(page).locator('.monaco-button', { hasText: 'Use coder' });
    await button.waitFor(patience);
    await drive.screenshot(page, join(pictures, 'chat-model-gone.png'));
    await response(page).locator('.codicon-warning').first().waitFor(patience);
    assert.match(
      await response(page).innerText(),
      /Fake Scout does not serve meta-llama\/Llama-4-Scout\S+ any more/,
    );
    await button.click(patience);
    await drive.waitForNotification(page, /now asks qwen\/coder/);
    assert.match(readFileSync(join(userDataDir, 'User', 'settings.json'), 'utf8'), /"qwen\/coder"/);
  });
});
