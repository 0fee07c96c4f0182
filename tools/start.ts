// npm start [-- folder]: opens a folder in a real VS Code that has Longview installed.
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureCodeServer } from './codeServer.ts';
import { endDesktop, findDesktop, installInDesktop, openDesktop } from './desktop.ts';
import { packageExtension } from './packageExtension.ts';
import { root, runDir } from './paths.ts';
import { endEverythingWithUs, runTool } from './processes.ts';
import { folderUrl, installExtension, startServer, writeSettings, type Profile } from './server.ts';

/** First settings of a profile of ours; what the user changes in it later stays. */
const firstSettings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'workbench.startupEditor': 'none',
  // 800 MB that nobody edits.
  'files.watcherExclude': { '**/.longview-run/**': true },
};

function say(line: string): void {
  console.log(line);
}

function profileFor(kind: 'desktop' | 'server'): Profile {
  const home = join(runDir, kind);
  const profile = { userDataDir: join(home, 'user-data'), extensionsDir: join(home, 'extensions') };
  mkdirSync(profile.extensionsDir, { recursive: true });
  if (!existsSync(join(profile.userDataDir, 'User', 'settings.json'))) writeSettings(profile, firstSettings);
  return profile;
}

/** npm runs us in the checkout; a relative folder is meant from where the user stands. */
function folderFromArguments(): string {
  const [argument, ...rest] = process.argv.slice(2);
  if (rest.length > 0) throw new Error('One folder at most: npm start -- [folder]');
  if (argument === undefined) return root;
  const folder = resolve(process.env['INIT_CWD'] ?? process.cwd(), argument);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`There is no folder ${folder}.`);
  return realpathSync(folder);
}

async function openInDesktop(
  code: string,
  folder: string,
  vsix: string,
  trust: readonly string[],
): Promise<void> {
  const profile = profileFor('desktop');
  endEverythingWithUs(() => {
    endDesktop(profile);
  });
  await installInDesktop(code, profile, vsix);
  say(`Opening ${folder} in VS Code. Close its window, or press Ctrl-C here, to end.`);
  await openDesktop(code, profile, [...trust, folder]);
}

async function openInBrowser(folder: string, vsix: string, trust: readonly string[]): Promise<void> {
  endEverythingWithUs();
  const codeServer = await ensureCodeServer(say);
  const profile = profileFor('server');
  say('Installing the package …');
  await installExtension(codeServer, profile, vsix);
  const server = await startServer(codeServer, { ...profile, args: trust });
  say(`\nVS Code with Longview is running. Open this address in a browser on this machine:\n`);
  say(`  ${folderUrl(server, folder).href}\n`);
  if (trust.length === 0)
    say('It opens in Restricted Mode, as any folder does, until you trust it in the banner on top.');
  say('Ctrl-C ends it.');
  const code = await server.ended;
  throw new Error(`code-server ended by itself (exit code ${String(code)}):\n${server.log()}`);
}

async function start(): Promise<void> {
  const folder = folderFromArguments();
  // Who started this has run this checkout's code already; about any other folder VS Code asks as it always does.
  const trust = folder === realpathSync(root) ? ['--disable-workspace-trust'] : [];
  say('Building and packaging Longview …');
  const vsix = await packageExtension(() => undefined);
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { vscode: string };
  };
  const desktop = await findDesktop(engines.vscode.replace('^', ''));
  if ('code' in desktop) return openInDesktop(desktop.code, folder, vsix, trust);
  say(`Using code-server, since ${desktop.unusable}.`);
  return openInBrowser(folder, vsix, trust);
}

runTool(start);
