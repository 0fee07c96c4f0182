import { access } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';

import { LongviewError } from '../errors.ts';
import { comparePaths } from '../workspace/byPath.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import type { Measurer } from './measurer.ts';
import { planWorkspace, type PlanOptions } from './planWorkspace.ts';
import { renderPack, type PackSink } from './render.ts';
import type { Pack, Plan } from './types.ts';

export interface PackResult {
  readonly plan: Plan;
  readonly pack: Pack;
  /** As it was when the pack was rendered: files that changed meanwhile have been measured again. */
  readonly inventory: Inventory;
  readonly timings: { readonly plan: number; readonly render: number };
}

export interface PackOptions extends PlanOptions {
  /** See `RenderOptions`. */
  readonly sink?: PackSink;
}

/** Somebody may be saving files while we pack; after this many rounds the workspace is called restless. */
const maxRounds = 4;

/** Plans and renders. Throws `empty-workspace`, `too-little-room`, `workspace-gone`, or `signal.reason`. */
export async function packWorkspace(
  taken: Inventory,
  options: PackOptions,
  measurer: Measurer,
): Promise<PackResult> {
  let inventory = taken;
  let planMs = 0;
  let renderMs = 0;
  for (let round = 0; round < maxRounds; round++) {
    if (inventory.files.length === 0) throw await emptyWorkspace(inventory);
    const start = performance.now();
    const plan = await planWorkspace(inventory, options, measurer);
    const planned = performance.now();
    planMs += planned - start;
    const result = await renderPack(plan, inventory, options, measurer);
    renderMs += performance.now() - planned;
    if (result.kind === 'rendered') {
      return { plan, pack: result.pack, inventory, timings: { plan: planMs, render: renderMs } };
    }
    inventory = await measureAgain(inventory, result.paths, options, measurer);
  }
  throw new LongviewError(
    'workspace-gone',
    'Files kept changing or disappearing while the workspace was packed.',
    'Wait until whatever writes them is done, then ask again.',
  );
}

/** The inventory with these files as they are now. */
export async function measureAgain(
  inventory: Inventory,
  paths: readonly string[],
  options: Pick<PackOptions, 'maxFileBytes' | 'signal'>,
  measurer: Measurer,
): Promise<Inventory> {
  const changed = new Set(paths);
  const again = await measurer.measure(
    inventory.files.filter(f => changed.has(f.path)),
    { maxFileBytes: options.maxFileBytes, afresh: true, ...(options.signal && { signal: options.signal }) },
  );
  const files: SourceFile[] = [...inventory.files.filter(f => !changed.has(f.path)), ...again.files];
  const skips = [...inventory.skips, ...again.skips];
  return { ...inventory, files: files.sort(comparePaths), skips: skips.sort(comparePaths) };
}

async function emptyWorkspace({ folders, skips }: Inventory): Promise<LongviewError> {
  for (const folder of folders) {
    if (await isThere(folder.path)) continue;
    const message = `The folder ${folder.path} disappeared while it was read.`;
    return new LongviewError('workspace-gone', message, 'Open a folder that exists, then try again.');
  }
  return new LongviewError(
    'empty-workspace',
    skips.length === 0
      ? 'The open folder holds no files that git or the ignore rules let us see.'
      : `The open folder holds no text files; ${skips.length} were skipped.`,
    'Open a folder with source files, or check its ignore rules.',
  );
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
