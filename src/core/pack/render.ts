import { createHash } from 'node:crypto';

import { giveWay, pacer } from '../pace.ts';
import type { Inventory } from '../workspace/types.ts';
import { framePath, listedLine, sentinel } from './frame.ts';
import type { RenderFile } from './measureProtocol.ts';
import type { Measurer } from './measurer.ts';
import { presetOf, type PresetId } from './presets.ts';
import type { Form, ManifestEntry, Pack, Plan } from './types.ts';

const maxNamedLeftOut = 20;

/** What stands around the files: what the model has before it, and what it has not. */
export interface PackFrames {
  readonly head: string;
  /** Opens the list of paths; empty where none are listed. */
  readonly listedHead: string;
  readonly tail: string;
}

interface FormCounts {
  readonly full: number;
  readonly outline: number;
  readonly shortened: number;
  readonly listed: number;
  readonly leftOut: number;
  readonly others: number;
  /** What the user chose, and how many files are not part of it. */
  readonly preset?: PresetId | undefined;
  readonly unchosen: number;
}

/**
 * `named`: how many left-out files are named to the model; their number is always told. Numbers stand at the end: at
 * the beginning, one new file would make every byte of the prompt a different one to a prefix cache.
 */
export function packFrames(
  plan: Plan,
  inventory: Pick<Inventory, 'folders' | 'skips'>,
  named = maxNamedLeftOut,
): PackFrames {
  const count = (form: Form) => plan.files.filter(f => f.form === form).length;
  const noRoom = plan.files.filter(f => f.form === 'left-out' && f.unwanted !== true).map(f => f.path);
  let leftOut = '';
  if (noRoom.length > 0) {
    const shown = noRoom.slice(0, named).map(framePath);
    const more = noRoom.length - shown.length;
    if (more > 0) shown.push(`and ${more} more`);
    leftOut = `${sentinel} left-out (${noRoom.length} files that did not fit)\n${shown.join('\n')}\n`;
  }
  return framesOf(inventory, leftOut, {
    full: count('full'),
    outline: count('outline'),
    shortened: count('shortened'),
    listed: count('listed'),
    leftOut: noRoom.length,
    others: inventory.skips.length + plan.files.filter(f => f.unwanted === true).length,
    preset: plan.preset,
    unchosen: plan.files.filter(f => f.choice?.in === false).length,
  });
}

/** At least as many tokens as the frames of any plan of this inventory take, when no left-out file is named. */
export function largestFrames(inventory: Inventory, preset?: PresetId): PackFrames {
  const all = inventory.files.length;
  const others = inventory.skips.length + inventory.leftOut.length + all;
  const leftOut = `${sentinel} left-out (${all} files that did not fit)\nand ${all} more\n`;
  return framesOf(inventory, leftOut, {
    full: all,
    outline: all,
    shortened: all,
    listed: all,
    leftOut: all,
    others,
    preset,
    unchosen: all,
  });
}

function framesOf({ folders }: Pick<Inventory, 'folders'>, leftOut: string, counts: FormCounts): PackFrames {
  const { full, outline, shortened, listed, others } = counts;
  const partly = [
    ...(outline > 0 ? [`${outline} as outlines: signatures without bodies`] : []),
    ...(shortened > 0 ? [`${shortened} shortened: head, shape and tail of data`] : []),
    ...(listed > 0 ? [`${listed} by path only`] : []),
  ];
  const above = [`${full} files are above${partly.length > 0 ? ' in full' : ''}`, ...partly].join('; ');
  const chosen =
    counts.preset === undefined
      ? ''
      : ` The user chose “${presetOf(counts.preset).title}”: the content of ${counts.unchosen} other files is not above.`;
  const totals = `${above}. ${counts.leftOut} did not fit. ${others} were not offered: no text, too large, or left out by the user.${chosen}`;
  return {
    head: `${sentinel} pack ${folders.map(f => framePath(f.name)).join(', ')}\n`,
    listedHead: listed > 0 ? `${sentinel} listed\n` : '',
    tail: `${leftOut}${sentinel} totals\n${totals}\n${sentinel} end\n`,
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
    const text = frames.head + frames.listedHead + frames.tail;
    const frameTokens = await measurer.count(text, options.signal);
    if (frameTokens <= free || named === 0) return { frames, frameTokens };
  }
  throw new Error('unreachable');
}

/**
 * Renders the plan: head, one segment per file in path order, the paths of listed files, tail. Same plan and content,
 * same bytes.
 */
export async function renderPack(
  plan: Plan,
  inventory: Inventory,
  options: RenderOptions,
  measurer: Measurer,
): Promise<RenderResult> {
  const sources = new Map(inventory.files.map(f => [f.path, f]));
  const manifest: ManifestEntry[] = [];
  const asked: RenderFile[] = [];
  for (const { path, form, tokens } of plan.files) {
    const source = sources.get(path);
    if (source === undefined || form === 'left-out' || form === 'listed') continue;
    const { absolutePath, lines, hash, content, secrets } = source;
    manifest.push({ path, absolutePath, form, tokens, lines, hash });
    // No more than is needed: it is copied to a worker.
    asked.push({
      path,
      absolutePath,
      hash,
      form,
      ...(content !== undefined && { content }),
      ...(secrets && { secrets }),
    });
  }
  await giveWay(options.signal);
  const { frames, frameTokens } = await fitFrames(plan, inventory, options, measurer);
  const bodies = await measurer.render(asked, options);
  await giveWay(options.signal);
  const changed = asked.filter((_, i) => (bodies[i] ?? null) === null).map(f => f.path);
  if (changed.length > 0) return { kind: 'changed', paths: changed };
  const listed = plan.files.filter(f => f.form === 'listed').map(f => listedLine(f.path));
  const encoder = new TextEncoder();
  const segments = [
    encoder.encode(frames.head),
    ...bodies.filter(b => b !== null),
    ...(listed.length > 0 ? [encoder.encode(frames.listedHead + listed.join(''))] : []),
    encoder.encode(frames.tail),
  ];
  const hash = createHash('sha256');
  const breathe = pacer(options.signal);
  for (const segment of segments) {
    hash.update(segment);
    await breathe();
  }
  await giveWay(options.signal);
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
