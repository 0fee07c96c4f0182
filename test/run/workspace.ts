import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/paths.ts';
import { run } from '../../tools/processes.ts';

const scratchFolders: string[] = [];

/**
 * A folder for one run, outside the checkout, so that no git or npm command in it finds ours above. It goes away
 * with this process, however that ends.
 */
export function scratchFolder(): string {
  if (scratchFolders.length === 0)
    process.on('exit', () => {
      for (const folder of scratchFolders) rmSync(folder, { recursive: true, force: true });
    });
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'longview-')));
  scratchFolders.push(folder);
  return folder;
}

/** A real repository to work on: a clone of this checkout's last commit. */
export async function cloneCheckout(into: string): Promise<string> {
  const folder = join(into, 'longview');
  await run('git', ['clone', '--quiet', '--no-hardlinks', root, folder]);
  return folder;
}

/** A VS Code that shows nothing of its own accord. Tests add what they are about. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'git.autofetch': false,
  // In a browser VS Code saves after a second, which a slow machine makes a race.
  'files.autoSave': 'off',
};
