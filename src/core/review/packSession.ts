import { createHash } from 'node:crypto';

import { toldSince, type Told, type ToldFile } from '../pack/overlay.ts';
import type { PackResult } from '../pack/packWorkspace.ts';
import { noSteering, steeringToJson } from '../pack/steering.ts';
import type { Pack, Plan } from '../pack/types.ts';
import type { Counting } from '../tokens/counting.ts';
import type { Addition } from './additions.ts';
import { noImages, type KeptImages } from './imagePlan.ts';
import type { PrepareRequest } from './prepareTypes.ts';
import type { SentTurn, Turn } from './prompt.ts';

/** A pack as it was rendered, with all that was sent after it. */
export interface KeptPack {
  readonly plan: Plan;
  readonly pack: Pack;
  /** What travels with it, with the bytes as they were then. */
  readonly images: KeptImages;
  /** What the pack alone tells. */
  readonly told: Told;
  /** Room it was planned for, tokens; null without a limit. */
  readonly room: number | null;
  /** The endpoint's tokens per counted token then. */
  readonly factor: number;
  /** What was sent before each question, by {@link placeOf} its ask. */
  readonly additions: Map<string, Addition>;
}

/**
 * Rendered packs between the asks of one editor session, so that the next prompt begins with the same bytes. Memory
 * only: a pack is file content, which is written nowhere.
 */
export interface PackSession {
  find(key: string): KeptPack | undefined;
  keep(
    key: string,
    result: Pick<PackResult, 'plan' | 'pack'> & { readonly told: Told },
    room: number | null,
    counting: Counting,
    images?: KeptImages,
  ): KeptPack;
  /** Drops all packs. */
  forget(): void;
}

/** A pack of a 10M-token window has 40 MB; somebody who compares two endpoints wants both. */
const mostPacks = 2;
const mostAdditions = 500;

export function createPackSession(): PackSession {
  const packs = new Map<string, KeptPack>();
  return {
    find(key) {
      const kept = packs.get(key);
      if (kept === undefined) return undefined;
      packs.delete(key);
      packs.set(key, kept);
      return kept;
    },
    keep(key, { plan, pack, told }, room, { factor }, images = noImages) {
      const kept: KeptPack = { plan, pack, images, told, room, factor, additions: new Map() };
      packs.delete(key);
      packs.set(key, kept);
      for (const old of [...packs.keys()].slice(0, -mostPacks)) packs.delete(old);
      return kept;
    },
    forget: () => packs.clear(),
  };
}

/** Asks that may share a pack: the same endpoint, files, counting, preset and wishes. */
export function packKey(
  { endpoint, folders, trusted, settings, steering, selection }: PrepareRequest,
  counterId: string,
): string {
  const { id, baseUrl, model } = endpoint?.config ?? {};
  const { maxFileBytes, reserveShare, ...others } = { ...settings, answerTokens: undefined };
  return JSON.stringify([
    id,
    baseUrl,
    model,
    counterId,
    trusted,
    maxFileBytes,
    reserveShare,
    others,
    folders,
    steeringToJson(steering ?? noSteering),
    selection?.preset ?? 'everything',
  ]);
}

/** Names a question by all that was said before it: an overlay belongs to its place in one conversation. */
function placeOf(turns: readonly Turn[], question: string): string {
  const said = turns.map(turn => [turn.question, turn.answer]);
  return createHash('sha256')
    .update(JSON.stringify([said, question]))
    .digest('base64url');
}

/** Remembers what is sent before a question. */
export function noteAddition(
  kept: KeptPack,
  turns: readonly Turn[],
  question: string,
  addition: Addition,
): void {
  const place = placeOf(turns, question);
  kept.additions.delete(place);
  kept.additions.set(place, addition);
  for (const old of [...kept.additions.keys()].slice(0, -mostAdditions)) kept.additions.delete(old);
}

/** A conversation so far, as it is sent again. */
export interface Recalled {
  readonly turns: readonly SentTurn[];
  /** What pack and turns have told. */
  readonly told: Told;
  /** Tokens of what travelled before the turns' questions, by turn. */
  readonly tokens: readonly number[];
  /** Of these, tokens of files that changed. */
  readonly overlayTokens: number;
  /** The last bytes told of a file that came after the pack. */
  readonly segments: ReadonlyMap<string, Uint8Array>;
}

/** Turns that were not sent with this pack come back without an overlay: then the next one tells everything. */
export function recall(kept: KeptPack, turns: readonly Turn[]): Recalled {
  const told = new Map<string, ToldFile>();
  const segments = new Map<string, Uint8Array>();
  const tokens: number[] = [];
  let overlayTokens = 0;
  const sent = turns.map(({ question, answer }, i) => {
    const addition = kept.additions.get(placeOf(turns.slice(0, i), question));
    for (const [path, file] of addition?.told ?? []) told.set(path, file);
    for (const [path, segment] of addition?.files ?? []) segments.set(path, segment);
    tokens.push(addition?.tokens ?? 0);
    overlayTokens += addition?.overlayTokens ?? 0;
    return { question, answer, before: addition?.segments ?? [] };
  });
  return { turns: sent, told: toldSince(kept.told, told), tokens, overlayTokens, segments };
}
