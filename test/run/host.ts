// npm run test:host [-- --grep X]: the tests of test/host, inside the extension host of a real VS Code.
import { appendFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { ensureCodeServer } from '../../tools/codeServer.ts';
import { root } from '../../tools/paths.ts';
import { run } from '../../tools/processes.ts';
import { folderUrl, startServer, writeSettings, type RunningServer } from '../../tools/server.ts';
import { launchChromium } from './chromium.ts';
import { grepFromArguments } from './mocha.ts';
import { runSuite } from './suite.ts';
import {
  benchVariable,
  grepVariable,
  outputMark,
  takeTally,
  tallyVariable,
  userDataVariable,
  type Tally,
} from './tally.ts';
import { trustedEnv } from './trusted.ts';
import { cloneCheckout, quietSettings, scratchFolder } from './workspace.ts';

/** Without any message by then the payload was not taken: VS Code says nothing at all in that case. */
const firstMessageWithinMs = 90_000;
/** mocha ends every test that takes too long, so a longer silence means that the host hangs. */
const silenceAtMostMs = 300_000;

const logPath = join(root, 'test-results', 'host.log');

function say(line: string): void {
  console.log(line);
}

/** Opens the folder with our tests as payload; resolves with the extension host's exit code. */
async function runInside(page: Page, server: RunningServer, folder: string): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    const giveUp = (ms: number, why: string): NodeJS.Timeout =>
      setTimeout(() => {
        reject(new Error(why));
      }, ms);
    let watchdog = giveUp(
      firstMessageWithinMs,
      'No automation message arrived: the tests were never loaded.',
    );
    const onLog = (_type: string, args: readonly unknown[]): void => {
      const line = args.map(String).join(' ');
      appendFileSync(logPath, `${line}\n`);
      if (!line.startsWith(outputMark)) return;
      clearTimeout(watchdog);
      watchdog = giveUp(silenceAtMostMs, 'The extension host hangs: it has printed nothing for 5 minutes.');
      say(line.slice(outputMark.length));
    };
    const onExit = (code: number): void => {
      clearTimeout(watchdog);
      resolve(code);
    };
    void server.ended.then(() => {
      reject(new Error(`code-server ended during the tests:\n${server.log()}`));
    });
    page.once('crash', () => {
      reject(new Error('The page crashed.'));
    });
    openWithPayload(page, server, folder, onLog, onExit).catch(reject);
  });
}

async function openWithPayload(
  page: Page,
  server: RunningServer,
  folder: string,
  onLog: (type: string, args: readonly unknown[]) => void,
  onExit: (code: number) => void,
): Promise<void> {
  await page.exposeFunction('codeAutomationLog', onLog);
  await page.exposeFunction('codeAutomationExit', onExit);
  const url = folderUrl(server, folder);
  const inServer = (path: string): string => `vscode-remote://${url.host}${path}`;
  const payload = [
    ['extensionDevelopmentPath', inServer(root)],
    ['extensionTestsPath', inServer(join(root, 'dist', 'test', 'host.js'))],
  ];
  url.searchParams.set('payload', JSON.stringify(payload));
  await page.goto(url.href);
}

async function runHost(): Promise<Tally> {
  const grep = grepFromArguments();
  const benchFolder = process.env[benchVariable];
  await run(process.execPath, ['esbuild.mjs', '--tests', '--quiet'], { cwd: root });
  const codeServer = await ensureCodeServer(say);
  const browser = await launchChromium(say);
  mkdirSync(dirname(logPath), { recursive: true });
  writeFileSync(logPath, '');
  const scratch = scratchFolder();
  const tallyPath = join(scratch, 'tally.json');
  const profile = { userDataDir: join(scratch, 'user-data'), extensionsDir: join(scratch, 'extensions') };
  // VS Code's own git, and its search for ports to forward, start processes on the thread that is measured, 20 to 80 ms each.
  const quiet = { 'git.enabled': false, 'remote.autoForwardPortsSource': 'output' };
  const bench = benchFolder === undefined ? {} : quiet;
  writeSettings(profile, { ...quietSettings, ...bench });
  // The payload takes one extension; another one is installed, as VS Code keeps them.
  cpSync(
    join(root, 'test', 'host', 'fakeModels'),
    join(profile.extensionsDir, 'longview-test.fake-models-0.0.0'),
    {
      recursive: true,
    },
  );
  const server = await startServer(codeServer, {
    ...profile,
    args: ['--disable-workspace-trust', '--enable-smoke-test-driver'],
    env: {
      [tallyVariable]: tallyPath,
      [userDataVariable]: profile.userDataDir,
      ...trustedEnv(scratch),
      ...(grep === undefined ? {} : { [grepVariable]: grep }),
      ...(benchFolder === undefined ? {} : { [benchVariable]: benchFolder }),
    },
  });
  try {
    const code = await runInside(
      await browser.newPage(),
      server,
      benchFolder ?? (await cloneCheckout(scratch)),
    );
    const tally = takeTally(tallyPath);
    if (tally === undefined)
      throw new Error(`The extension host ended (exit code ${code}) before the tests did: see ${logPath}`);
    return tally;
  } finally {
    await browser.close();
    await server.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

runSuite('host', runHost);
