import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, spawnGroup } from './processes.ts';
import type { Profile } from './server.ts';

/** A desktop VS Code, or why the one on the PATH is of no use here. */
export type Desktop = { readonly code: string } | { readonly unusable: string };

/** Finds `code` and asks it for its version; `minimum` is `major.minor`. */
export async function findDesktop(minimum: string): Promise<Desktop> {
  const code = onPath(process.platform === 'win32' ? ['code.cmd'] : ['code']);
  if (code === undefined) return { unusable: 'there is no `code` on the PATH' };
  if (process.env['VSCODE_IPC_HOOK_CLI'] !== undefined)
    return {
      unusable: '`code` of this terminal opens folders in the window it runs in, with that window’s profile',
    };
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'])
    return { unusable: 'there is no display for `code`' };
  if (process.getuid?.() === 0) return { unusable: '`code` does not start as root' };
  const version = (await run(code, ['--version'])).split('\n')[0] ?? '';
  if (!isAtLeast(version, minimum)) return { unusable: `\`code\` is ${version}, and ${minimum} is needed` };
  return { code };
}

/** Opens a window on `folder` and returns when the user has closed it. */
export async function openDesktop(code: string, profile: Profile, args: readonly string[]): Promise<void> {
  const child = spawnGroup(code, [...profileArguments(profile), '--new-window', '--wait', ...args], {
    show: true,
  });
  await new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
}

export async function installInDesktop(code: string, profile: Profile, vsix: string): Promise<void> {
  await run(code, [...profileArguments(profile), '--install-extension', vsix, '--force']);
}

/**
 * Ends the VS Code of this profile. Its main process is detached from the `code` command that started it, and
 * names itself in the profile's lock file.
 */
export function endDesktop({ userDataDir }: Profile): void {
  try {
    process.kill(Number.parseInt(readFileSync(join(userDataDir, 'code.lock'), 'utf8'), 10), 'SIGTERM');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
  }
}

/** The first of these commands that the PATH leads to. */
export function onPath(names: readonly string[]): string | undefined {
  for (const name of names)
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here: the next folder may have it.
      }
    }
  return undefined;
}

function profileArguments({ userDataDir, extensionsDir }: Profile): string[] {
  return ['--user-data-dir', userDataDir, '--extensions-dir', extensionsDir];
}

function isAtLeast(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minMajor = 0, minMinor = 0] = minimum.split('.').map(Number);
  return major > minMajor || (major === minMajor && minor >= minMinor);
}
