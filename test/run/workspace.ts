import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/paths.ts';
import { run } from '../../tools/processes.ts';

/** A folder for one run, outside the checkout, so that no git or npm command in it finds ours above. */
export function scratchFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'longview-')));
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
};
