import { LongviewError } from '../errors.ts';
import { inTurns, pacer } from '../pace.ts';
import type { Measurer } from '../pack/measurer.ts';
import {
  attachedLines,
  changesSince,
  overlayEnd,
  overlayHead,
  versionOf,
  type PointedAt,
  type Told,
  type ToldFile,
} from '../pack/overlay.ts';
import { measureAgain } from '../pack/packWorkspace.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';

/** What travels between the pack and one question: the overlay, and what the question points at. */
export interface Addition {
  /** UTF-8, in order; empty where there is nothing to add. */
  readonly segments: readonly Uint8Array[];
  readonly tokens: number;
  /** Of these, tokens of what changed. */
  readonly overlayTokens: number;
  /** What the model knows by it. */
  readonly told: ReadonlyMap<string, ToldFile>;
  /** The segment of each file in it. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Edited or new. */
  readonly changed: readonly string[];
  readonly deleted: readonly string[];
  /** Pointed at, and sent along because the prompt did not hold them in full. */
  readonly attached: readonly string[];
  /** Pointed at, and too large for the room that was left. */
  readonly noRoom: readonly string[];
}

export interface AdditionRoom {
  /** Tokens for what changed; more than that is a reason to pack anew. */
  readonly overlay: number;
  /** Tokens for everything. */
  readonly all: number;
}

export interface AdditionOptions {
  readonly maxFileBytes: number;
  readonly signal?: AbortSignal;
}

export type AdditionResult =
  | { readonly kind: 'added'; readonly addition: Addition; readonly inventory: Inventory }
  | { readonly kind: 'outgrown'; readonly tokens: number }
  | { readonly kind: 'excluded'; readonly paths: readonly string[] };

/** Somebody may be saving files meanwhile; after this many rounds the workspace is called restless. */
const maxRounds = 4;

/**
 * What has to follow the pack, and the overlays before, so that the model knows the workspace as it is, and what the
 * user points at. Throws `workspace-gone` where files never hold still.
 */
export async function makeAddition(
  told: Told,
  taken: Inventory,
  places: readonly PointedAt[],
  room: AdditionRoom,
  options: AdditionOptions,
  measurer: Measurer,
): Promise<AdditionResult> {
  const count = async (text: string) => (text === '' ? 0 : measurer.count(text, options.signal));
  let inventory = taken;
  for (let round = 0; round < maxRounds; round++) {
    const changes = await inTurns(changesSince(told, inventory), pacer(options.signal));
    const { files, deleted, excluded } = changes;
    if (excluded.length > 0) return { kind: 'excluded', paths: excluded };
    const head = files.length + deleted.length === 0 ? '' : overlayHead(files.length, deleted);
    const overlayTokens = sumTokens(files) + (await count(head));
    if (overlayTokens > room.overlay) return { kind: 'outgrown', tokens: overlayTokens };
    const fixed = overlayTokens + (await count(attachedLines(places) + overlayEnd));
    const { attached, noRoom } = chooseAttached(places, told, changes.files, inventory, room.all - fixed);
    const travels = new Set(attached.map(f => f.path));
    const shown = places.filter(p => travels.has(p.path) || (p.by === 'user' && !noRoom.includes(p.path)));
    const lines = attachedLines(shown);
    if (head === '' && lines === '') return { kind: 'added', addition: { ...noAddition, noRoom }, inventory };

    const bodies = await measurer.render([...files, ...attached], options);
    const moved = [...files, ...attached].filter((_, i) => (bodies[i] ?? null) === null).map(f => f.path);
    if (moved.length > 0) {
      inventory = await measureAgain(inventory, moved, options, measurer);
      continue;
    }
    const encode = (text: string) => (text === '' ? [] : [new TextEncoder().encode(text)]);
    const segments = bodies.filter(body => body !== null);
    const sent = [...files, ...attached];
    return {
      kind: 'added',
      inventory,
      addition: {
        segments: [
          ...encode(head),
          ...segments.slice(0, files.length),
          ...encode(lines),
          ...segments.slice(files.length),
          ...encode(overlayEnd),
        ],
        tokens: overlayTokens + sumTokens(attached) + (await count(lines + overlayEnd)),
        overlayTokens,
        told: new Map<string, ToldFile>([
          ...sent.map(file => [file.path, { form: 'full', version: versionOf(file) }] as const),
          ...deleted.map(path => [path, 'deleted'] as const),
        ]),
        files: new Map(sent.map((file, i) => [file.path, segments[i] ?? new Uint8Array()])),
        changed: files.map(f => f.path),
        deleted,
        attached: attached.map(f => f.path),
        noRoom,
      },
    };
  }
  throw new LongviewError(
    'workspace-gone',
    'Files kept changing or disappearing while what changed was packed.',
    'Wait until whatever writes them is done, then ask again.',
  );
}

const noAddition: Addition = {
  segments: [],
  tokens: 0,
  overlayTokens: 0,
  told: new Map(),
  files: new Map(),
  changed: [],
  deleted: [],
  attached: [],
  noRoom: [],
};

/** In the order given, each that fits. */
function chooseAttached(
  places: readonly PointedAt[],
  told: Told,
  changed: readonly SourceFile[],
  { files }: Inventory,
  room: number,
): { readonly attached: readonly SourceFile[]; readonly noRoom: readonly string[] } {
  if (places.length === 0) return { attached: [], noRoom: [] };
  const wanted = new Set(places.map(place => place.path));
  for (const { path } of changed) wanted.delete(path);
  const byPath = new Map(files.filter(f => wanted.has(f.path)).map(f => [f.path, f]));
  const attached: SourceFile[] = [];
  const noRoom: string[] = [];
  let left = room;
  for (const path of wanted) {
    const file = byPath.get(path);
    const last = told.get(path);
    if (file === undefined || (last !== undefined && last !== 'deleted' && last.form === 'full')) continue;
    if (file.tokens > left) noRoom.push(path);
    else {
      attached.push(file);
      left -= file.tokens;
    }
  }
  return { attached, noRoom };
}

function sumTokens(files: readonly SourceFile[]): number {
  return files.reduce((sum, file) => sum + file.tokens, 0);
}
