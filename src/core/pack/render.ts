import { createHash } from 'node:crypto';

import { pacer } from '../pace.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import { framePath, sentinel } from './frame.ts';
import type { Measurer } from './measurer.ts';
import type { ManifestEntry, Pack, Plan } from './types.ts';

const maxNamedLeftOut = 20;

/** The first and the last segment: what the model has before it, and what it has not. */
export interface PackFrames {
  readonly head: string;
  readonly tail: string;
}

/**
 * `named`: how many left-out files are named to the model; their number is always told. Numbers stand at the end: at
 * the beginning, one new file would make every byte of the prompt a different one to a prefix cache.
 */
export function packFrames(plan: Plan, inventory: Inventory, named = maxNamedLeftOut): PackFrames {
  const unwanted = new Set(inventory.leftOut.map(f => f.path));
  const full = plan.files.filter(f => f.form === 'full').length;
  const shortened = plan.files.filter(f => f.form === 'shortened').length;
  const leftOut = plan.files.filter(f => f.form === 'left-out' && !unwanted.has(f.path)).map(f => f.path);
  const name = inventory.folders.map(f => framePath(f.name)).join(', ');
  let tail = '';
  if (leftOut.length > 0) {
    const shown = leftOut.slice(0, named).map(framePath);
    const more = leftOut.length - shown.length;
    if (more > 0) shown.push(`and ${more} more`);
    tail = `${sentinel} left-out (${leftOut.length} files that did not fit)\n${shown.join('\n')}\n`;
  }
  const others = inventory.skips.length + unwanted.size;
  const short = shortened > 0 ? `Of ${shortened} files of data only head, shape and tail are above. ` : '';
  const counts = `${full} files are above. ${short}${leftOut.length} did not fit. ${others} were not offered: no text, too large, or left out by the user.`;
  return {
    head: `${sentinel} pack ${name}\n`,
    tail: `${tail}${sentinel} totals\n${counts}\n${sentinel} end\n`,
  };
}

export type RenderResult =
  | { readonly kind: 'rendered'; readonly pack: Pack }
  /** Files that are not what was planned any more: measure them again and plan anew. */
  | { readonly kind: 'changed'; readonly paths: readonly string[] };

export interface RenderOptions {
  readonly maxFileBytes: number;
  /** Tokens for the whole pack; null where there is no limit. */
  readonly room: number | null;
  readonly signal?: AbortSignal;
}

/** Names as many left-out files as there is room for, none rather than one token too many. */
async function fitFrames(plan: Plan, inventory: Inventory, options: RenderOptions, measurer: Measurer) {
  const free = options.room === null ? Infinity : options.room - plan.tokens;
  for (const named of [maxNamedLeftOut, 5, 0]) {
    const frames = packFrames(plan, inventory, named);
    const frameTokens = await measurer.count(frames.head + frames.tail, options.signal);
    if (frameTokens <= free || named === 0) return { frames, frameTokens };
  }
  throw new Error('unreachable');
}

/** Renders the plan: head, one segment per file in path order, tail. Same plan and content, same bytes. */
export async function renderPack(
  plan: Plan,
  inventory: Inventory,
  options: RenderOptions,
  measurer: Measurer,
): Promise<RenderResult> {
  const sources = new Map(inventory.files.map(f => [f.path, f]));
  const files: (SourceFile & { readonly form: 'full' | 'shortened' })[] = [];
  for (const { path, form } of plan.files) {
    const source = sources.get(path);
    if (source !== undefined && (form === 'full' || form === 'shortened')) files.push({ ...source, form });
  }
  const { frames, frameTokens } = await fitFrames(plan, inventory, options, measurer);
  const bodies = await measurer.render(files, options);
  const changed = files.filter((_, i) => (bodies[i] ?? null) === null).map(f => f.path);
  if (changed.length > 0) return { kind: 'changed', paths: changed };
  const encoder = new TextEncoder();
  const segments = [
    encoder.encode(frames.head),
    ...bodies.filter(b => b !== null),
    encoder.encode(frames.tail),
  ];
  const hash = createHash('sha256');
  const breathe = pacer(options.signal);
  for (const segment of segments) {
    hash.update(segment);
    await breathe();
  }
  const manifest: ManifestEntry[] = files.map(f => ({
    path: f.path,
    absolutePath: f.absolutePath,
    form: f.form,
    tokens: f.form === 'shortened' ? (f.shortened?.tokens ?? 0) : f.tokens,
    lines: f.lines,
    hash: f.hash,
  }));
  return {
    kind: 'rendered',
    pack: {
      segments,
      manifest,
      tokens: plan.tokens + frameTokens,
      bytes: segments.reduce((sum, s) => sum + s.byteLength, 0),
      sha256: hash.digest('hex'),
    },
  };
}
