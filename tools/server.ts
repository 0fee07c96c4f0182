import { randomBytes } from 'node:crypto';
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
  /** `http://127.0.0.1:PORT/?tkn=…` */
  readonly url: URL;
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

/**
 * Starts a server on a free port of the loopback interface. The token in its address keeps other users of this
 * machine out of an editor that has a terminal.
 */
export async function startServer(server: CodeServer, options: ServerOptions): Promise<RunningServer> {
  const child = spawnGroup(
    server.node,
    [
      server.entry,
      ...profileArguments(options),
      ...['--host', '127.0.0.1', '--port', '0', '--connection-token', randomBytes(16).toString('hex')],
      '--disable-telemetry',
      ...(options.args ?? []),
    ],
    { env: { ...serverEnvironment(), ...options.env } },
  );
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
  let log = '';
  const url = await new Promise<URL>((resolve, reject) => {
    const read = (text: string): void => {
      log += text;
      const address = /Web UI available at (\S+)/.exec(log)?.[1];
      if (address === undefined) return;
      const url = new URL(address);
      url.hostname = '127.0.0.1';
      resolve(url);
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

/** The address that opens a folder (or, with `workspace`, a .code-workspace file). */
export function folderUrl(server: RunningServer, path: string, kind: 'folder' | 'workspace' = 'folder'): URL {
  const url = new URL(server.url);
  url.searchParams.set(kind, path);
  return url;
}

function profileArguments({ userDataDir, extensionsDir }: Profile): string[] {
  return [
    '--accept-server-license-terms',
    ...['--server-data-dir', userDataDir, '--user-data-dir', userDataDir, '--extensions-dir', extensionsDir],
  ];
}

/** Our environment without what would lead the server, and programs started in it, astray. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const redirecting = /^(VSCODE_|ELECTRON_|npm_)|^(NODE_OPTIONS|NODE_ENV)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !redirecting.test(name)));
}
