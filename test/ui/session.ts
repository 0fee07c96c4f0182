import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ensureCodeServer, type CodeServer } from '../../tools/codeServer.ts';
import { packageExtension, packageFixture } from '../../tools/packageExtension.ts';
import { root } from '../../tools/paths.ts';
import { folderUrl, installExtension, startServer, writeSettings } from '../../tools/server.ts';
import { launchChromium } from '../run/chromium.ts';
import { quietSettings, scratchFolder } from '../run/workspace.ts';

export interface OpenOptions {
  /** Absolute path of the folder, or of a `.code-workspace` file. */
  readonly folder: string;
  /** User settings, on top of those that keep VS Code quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Added to the environment of the extension host: how a test tells it the port of a fake endpoint. */
  readonly env?: Readonly<Record<string, string>>;
  /** True (the default) switches Workspace Trust off; false opens the folder in Restricted Mode. */
  readonly trust?: boolean;
  /** Folder of an extension of another author that is installed beside ours. */
  readonly beside?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** A window with the packaged extension installed, a profile of its own, and real dialogs. */
export interface Session {
  readonly page: Page;
  readonly url: string;
  readonly userDataDir: string;
  /** Saves what can be seen, and what was logged, into a folder. */
  readonly saveEvidence: (folder: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Shared {
  readonly codeServer: CodeServer;
  readonly browser: Browser;
  /** Holds our extension, installed from the package the way a user does. */
  readonly extensionsDir: string;
  /** What the windows left behind that the running test has closed already: whether it fails is known only later. */
  readonly closedDir: string;
}

let shared: Promise<Shared> | undefined;
const open = new Set<Session>();
let closed = 0;

async function prepare(): Promise<Shared> {
  const say = (line: string): void => console.log(line);
  const codeServer = await ensureCodeServer(say);
  const vsix = await packageExtension(() => undefined);
  const scratch = scratchFolder();
  const profile = { userDataDir: join(scratch, 'installer'), extensionsDir: join(scratch, 'extensions') };
  await installExtension(codeServer, profile, vsix);
  return {
    codeServer,
    browser: await launchChromium(say),
    extensionsDir: profile.extensionsDir,
    closedDir: join(scratch, 'closed'),
  };
}

/** Opens a folder in a new VS Code and returns when its window is there. */
export async function openVSCode(options: OpenOptions): Promise<Session> {
  shared ??= prepare();
  const { codeServer, browser, extensionsDir, closedDir } = await shared;
  const scratch = scratchFolder();
  const userDataDir = join(scratch, 'user-data');
  const profile = { userDataDir, extensionsDir };
  if (options.beside !== undefined) {
    profile.extensionsDir = join(scratch, 'extensions');
    cpSync(extensionsDir, profile.extensionsDir, { recursive: true });
    await installExtension(codeServer, profile, await packageFixture(options.beside, scratch));
  }
  writeSettings(profile, { ...quietSettings, ...options.settings });
  const server = await startServer(codeServer, {
    ...profile,
    args: options.trust === false ? [] : ['--disable-workspace-trust'],
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const kind = options.folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
  const url = folderUrl(server, options.folder, kind).href;
  const context = await browser.newContext({ viewport: options.viewport ?? { width: 1400, height: 900 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  let log = '';
  page.on('console', message => (log += `${message.type()}: ${message.text()}\n`));
  page.on('pageerror', error => (log += `page error: ${error.stack ?? error.message}\n`));

  const session: Session = {
    page,
    url,
    userDataDir: profile.userDataDir,
    saveEvidence: async folder => {
      mkdirSync(folder, { recursive: true });
      // A crashed page has no picture, and that must not hide why the test failed.
      await page.screenshot({ path: join(folder, 'window.png') }).catch((error: unknown) => {
        log += `no picture: ${String(error)}\n`;
      });
      writeFileSync(join(folder, 'page.log'), log);
      writeFileSync(join(folder, 'server.log'), server.log());
      const logs = join(profile.userDataDir, 'logs');
      if (existsSync(logs)) cpSync(logs, join(folder, 'logs'), { recursive: true });
    },
    close: async () => {
      if (!open.delete(session)) return;
      await session.saveEvidence(join(closedDir, String(closed++)));
      await context.close();
      await server.stop();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
  open.add(session);
  await page.goto(url, { timeout: 60_000 });
  await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
  return session;
}

/** After each test: a failed one leaves a folder of test-results for every window it had open. */
export async function settleEvidence(failedTest: string | undefined): Promise<void> {
  const prepared = await shared?.catch(() => undefined);
  if (prepared === undefined) return;
  const { closedDir } = prepared;
  if (failedTest !== undefined) {
    const name = failedTest.replaceAll(/[^\w]+/g, '-').slice(0, 100);
    const folder = join(root, 'test-results', 'ui', name);
    rmSync(folder, { recursive: true, force: true });
    if (existsSync(closedDir)) cpSync(closedDir, folder, { recursive: true });
    for (const [index, session] of [...open].entries())
      await session.saveEvidence(join(folder, `open-${index}`));
  }
  rmSync(closedDir, { recursive: true, force: true });
}

/** Closes every window, and what they shared. */
export async function closeEverything(): Promise<void> {
  for (const session of open) await session.close();
  // Why it could not be prepared has been told by the test that tried.
  const prepared = await shared?.catch(() => undefined);
  await prepared?.browser.close();
}
