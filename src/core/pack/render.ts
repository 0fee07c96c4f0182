import { createHash } from 'node:crypto';

import { giveWay, inTurns, pacer, type Pausing } from '../pace.ts';
import type { Inventory } from '../workspace/types.ts';
import { framePath, listedLine, sentinel } from './frame.ts';
import { packing, type Packed, type PackedFiles } from './manifest.ts';
import type { RenderFile } from './measureProtocol.ts';
import type { Measurer } from './measurer.ts';
import type { Fitting } from './plan.ts';
import { mostNamedNoRoom, totalsOf, type FrameTotals } from './planTotals.ts';
import { presetOf, type PresetId } from './presets.ts';
import type { Segments } from './segments.ts';
import type { Pack, Plan } from './types.ts';

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
 * `named`: how many left-out files are named to the model, {@link mostNamedNoRoom} at most; their number is always told.
 * Numbers stand at the end: at the beginning, one new file would make every byte of the prompt a different one to a
 * prefix cache.
 */
export function packFrames(
  plan: Plan,
  inventory: Pick<Inventory, 'folders' | 'skips'>,
  named = mostNamedNoRoom,
): PackFrames {
  const totals = totalsOf(plan);
  return framesWith(totals, totals.firstNoRoom.slice(0, named), plan.preset, inventory);
}

/** The same of a plan that is not described yet; no left-out file is named. */
export function framesToFit(
  { totals, preset }: Pick<Fitting, 'totals' | 'preset'>,
  inventory: Pick<Inventory, 'folders' | 'skips'>,
): PackFrames {
  return framesWith(totals, [], preset, inventory);
}

function framesWith(
  { forms, noRoom, unwanted, unchosen }: FrameTotals,
  named: readonly string[],
  preset: PresetId | undefined,
  inventory: Pick<Inventory, 'folders' | 'skips'>,
): PackFrames {
  let leftOut = '';
  if (noRoom > 0) {
    const shown = named.map(framePath);
    const more = noRoom - shown.length;
    if (more > 0) shown.push(`and ${more} more`);
    leftOut = `${sentinel} left-out (${noRoom} files that did not fit)\n${shown.join('\n')}\n`;
  }
  return framesOf(inventory, leftOut, {
    full: forms.full,
    outline: forms.outline,
    shortened: forms.shortened,
    listed: forms.listed,
    leftOut: noRoom,
    others: inventory.skips.length + unwanted,
    preset,
    unchosen,
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

/** Files looked at without a pause. */
const piece = 1000;

export type RenderResult =
  | { readonly kind: 'rendered'; readonly pack: Pack }
  /** Files that are not what was planned any more: measure them again and plan anew. */
  | { readonly kind: 'changed'; readonly paths: readonly string[] };

export interface RenderOptions {
  readonly maxFileBytes: number;
  /** Tokens for the whole pack; null where there is no limit. */
  readonly room: number | null;
  readonly signal?: AbortSignal;
  /** Takes the pack's bytes; absent, they are kept. */
  readonly sink?: PackSink;
}

/** Where a pack goes that need not stay in memory. */
export interface PackSink {
  /** A pack begins; what came before, if anything, is of no use any more. */
  begin(): Promise<void>;
  /** The next bytes. They may be written over when this resolves. */
  write(pieces: readonly Uint8Array[]): Promise<void>;
  /**
   * Told of each pack before it begins. The same one, where it already stands where it would go: then nothing is begun.
   * `key` names all that its bytes depend on.
   */
  standing?(key: string): Promise<Pick<Pack, 'bytes' | 'sha256'> | undefined>;
}

/** Names as many left-out files as there is room for, none rather than one token too many. */
async function fitFrames(plan: Plan, inventory: Inventory, options: RenderOptions, measurer: Measurer) {
  const free = options.room === null ? Infinity : options.room - plan.tokens;
  for (const named of [mostNamedNoRoom, 5, 0]) {
    const frames = packFrames(plan, inventory, named);
    const text = frames.head + frames.listedHead + frames.tail;
    const frameTokens = await measurer.count(text, options.signal);
    if (frameTokens <= free || named === 0) return { frames, frameTokens };
  }
  throw new Error('unreachable');
}

/**
 * Renders the plan, into the sink where there is one: head, one segment per file in path order, the paths of listed
 * files, tail. Same plan and content, same bytes.
 */
export async function renderPack(
  plan: Plan,
  inventory: Inventory,
  options: RenderOptions,
  measurer: Measurer,
): Promise<RenderResult> {
  const breathe = pacer(options.signal);
  const files = await inTurns(packing(plan, inventory), breathe);
  const listed = await inTurns(listedLines(plan), breathe);
  await giveWay(options.signal);
  const { frames, frameTokens } = await fitFrames(plan, inventory, options, measurer);
  const { sink } = options;
  const tokens = plan.tokens + frameTokens;
  if (sink?.standing !== undefined) {
    const standing = await sink.standing(await inTurns(keyOf(frames, files, listed), breathe));
    if (standing !== undefined) {
      const pack = { pieces: [], offsets: new Float64Array(), ...standing, manifest: files, tokens };
      return { kind: 'rendered', pack };
    }
  }
  const out = await openOutput(options);
  const encoder = new TextEncoder();
  const changed: string[] = [];
  const offsets = new Float64Array(files.length + 1);
  let done = 0;
  const head = encoder.encode(frames.head);
  await out.write([head]);
  offsets[0] = head.length;
  const take = async ({ pieces, lengths }: Segments) => {
    for (const length of lengths) {
      if (length === 0) changed.push(files.at(done)?.path ?? '');
      offsets[done + 1] = (offsets[done] ?? 0) + length;
      done++;
    }
    // What follows a file that changed will be rendered anew.
    if (changed.length === 0) await out.write(pieces);
  };
  await measurer.renderTo(asked(files), { ...options, reuse: sink !== undefined }, take);
  if (changed.length > 0) return { kind: 'changed', paths: changed };
  if (listed.length > 0) await out.write([encoder.encode(frames.listedHead + listed.join(''))]);
  await out.write([encoder.encode(frames.tail)]);
  await giveWay(options.signal);
  return { kind: 'rendered', pack: { ...out.pack(), offsets, manifest: files, tokens } };
}

/** Names all that a pack's bytes depend on, besides the code that makes them. */
function* keyOf(
  { head, listedHead, tail }: PackFrames,
  files: PackedFiles,
  listed: readonly string[],
): Pausing<string> {
  const hash = createHash('sha256');
  const add = (...parts: readonly string[]) => hash.update(JSON.stringify(parts));
  add(head, listedHead, tail);
  let looked = 0;
  for (const { path, form = '', hash: content, secrets = [] } of asked(files)) {
    if (looked++ % piece === 0) yield;
    add(path, form, content, ...secrets.filter(s => !s.allowed).map(s => `${s.line} ${s.rule} ${s.id}`));
  }
  add('listed');
  for (const [i, line] of listed.entries()) {
    if (i % piece === 0) yield;
    add(line);
  }
  return hash.digest('hex');
}

/** Lines of the files that are listed. */
function* listedLines({ files }: Plan): Pausing<string[]> {
  const lines: string[] = [];
  let looked = 0;
  for (const { path, form } of files) {
    if (++looked % piece === 0) yield;
    if (form === 'listed') lines.push(listedLine(path));
  }
  return lines;
}

/** What a pack asks of the workers: no more than is needed, since it is copied. */
function* asked(files: PackedFiles): Generator<RenderFile> {
  for (let i = 0; i < files.length; i++) {
    const { planned, source } = files.packed(i) as Packed;
    const { path, absolutePath, hash, content, secrets } = source;
    const needed = { path, absolutePath, hash, form: planned.form };
    const isPlain = content === undefined && secrets === undefined;
    yield isPlain
      ? needed
      : { ...needed, ...(content !== undefined && { content }), ...(secrets && { secrets }) };
  }
}

/** Hashes what is written, and hands it on or keeps it. */
async function openOutput({ sink, signal }: RenderOptions) {
  const hash = createHash('sha256');
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const breathe = pacer(signal);
  await sink?.begin();
  return {
    async write(parts: readonly Uint8Array[]): Promise<void> {
      for (const part of parts) {
        hash.update(part);
        bytes += part.byteLength;
        await breathe();
      }
      if (sink === undefined) for (const part of parts) pieces.push(part);
      else await sink.write(parts);
    },
    pack: (): Pick<Pack, 'pieces' | 'bytes' | 'sha256'> => ({
      pieces,
      bytes,
      sha256: hash.digest('hex'),
    }),
  };
}
