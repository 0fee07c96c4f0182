import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeServer } from './codeServer.ts';
import { run, spawnGroup, stopGroup } from './processes.ts';

/** Where one VS Code keeps its state; never the user's own profile. */
export interface Profile {
  readonly userDataDir: string;
  readonly extensionsDir: string;
}

export interface RunningServer {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** Everything it has printed so far. */
  readonly log: () => string;
  /** Resolves with the exit code when it ends by itself or by {@link RunningServer.stop}. */
  readonly ended: Promise<number | null>;
  readonly stop: () => Promise<void>;
}

export interface ServerOptions extends Profile {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** Starts code-server on a free port of the loopback interface, where nobody else can reach it. */
export async function startServer(server: CodeServer, options: ServerOptions): Promise<RunningServer> {
  mkdirSync(options.userDataDir, { recursive: true });
  const child = spawnGroup(
    server.node,
    [
      server.entry,
      ...profileArguments(options),
      ...['--bind-addr', '127.0.0.1:0'],
      // Without a proxy to other local ports there is nothing behind the missing password but the editor.
      ...['--auth', 'none', '--disable-proxy'],
      ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
      '--ignore-last-opened',
      ...(options.args ?? []),
    ],
    { env: { ...serverEnvironment(), ...options.env } },
  );
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
  let log = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (text: string): void => {
      log += text;
      const address = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(log)?.[1];
      if (address !== undefined) resolve(`${address}/`);
    };
    child.stdout?.setEncoding('utf8').on('data', read);
    child.stderr?.setEncoding('utf8').on('data', read);
    child.once('error', reject);
    void ended.then(code => {
      reject(new Error(`code-server ended (exit code ${String(code)}) before it listened:\n${log}`));
    });
  });
  return { url, log: () => log, ended, stop: () => stopGroup(child) };
}

/** Installs a package the way a user does. */
export async function installExtension(server: CodeServer, profile: Profile, vsix: string): Promise<void> {
  await run(
    server.node,
    [server.entry, ...profileArguments(profile), '--install-extension', vsix, '--force'],
    {
      env: serverEnvironment(),
    },
  );
}

/** Writes the profile's user settings. */
export function writeSettings(profile: Profile, settings: Readonly<Record<string, unknown>>): void {
  mkdirSync(join(profile.userDataDir, 'User'), { recursive: true });
  writeFileSync(join(profile.userDataDir, 'User', 'settings.json'), JSON.stringify(settings, undefined, 2));
}

/** The address that opens a folder. */
export function folderUrl(server: RunningServer, folder: string): string {
  return `${server.url}?folder=${encodeURIComponent(folder)}`;
}

function profileArguments({ userDataDir, extensionsDir }: Profile): string[] {
  return [
    ...['--user-data-dir', userDataDir, '--extensions-dir', extensionsDir],
    // Else it writes one with a password into the user's home.
    ...['--config', join(userDataDir, 'config.yaml')],
  ];
}

/** Our environment without what would redirect the server: PORT overrides its address, VSCODE_* its instance. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const redirecting = /^(VSCODE_|CODE_SERVER_|npm_)|^(PORT|PASSWORD|HASHED_PASSWORD|NODE_OPTIONS|NODE_ENV)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !redirecting.test(name)));
}
