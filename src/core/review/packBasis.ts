import { LongviewError } from '../errors.ts';
import { countingMeasurer } from '../pack/countingMeasurer.ts';
import type { Measurer } from '../pack/measurer.ts';
import { withImages } from '../pack/budget.ts';
import { toldBy, toldOfChosen, type PointedAt, type Told } from '../pack/overlay.ts';
import { packWorkspace } from '../pack/packWorkspace.ts';
import { planWorkspace } from '../pack/planWorkspace.ts';
import { chooseFiles, isChosen, type Chosen } from '../pack/selection.ts';
import { noSteering, wishLookup, type Steering } from '../pack/steering.ts';
import type { Budget } from '../pack/types.ts';
import { eachInTurns, giveWay, pacer } from '../pace.ts';
import { findNext } from '../workspace/byPath.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import { makeAddition, type Addition } from './additions.ts';
import { ConversationFull, countSaid } from './conversation.ts';
import { imagesToSend, readImages, settleImages } from './imagePlan.ts';
import { filesNamedIn } from './namedFiles.ts';
import { pathsOf, preparePathIndex } from './pathIndex.ts';
import {
  createPackSession,
  noteAddition,
  packKey,
  recall,
  type KeptPack,
  type PackSession,
} from './packSession.ts';
import type { Turn } from './prompt.ts';
import {
  planOptions,
  type Basis,
  type Prepared,
  type PrepareRequest,
  type RebaseReason,
  type WhenFull,
} from './prepareTypes.ts';
import { textTokens, type SentText } from './texts.ts';

type KnownBasis = Basis & { readonly budget: Budget };

/** An overlay may grow to this share of the pack before reading everything anew is the better bargain. */
const overlayShare = 0.25;
/** Below this many tokens no provider caches a prefix, and a rebase would come with every edit of a small workspace. */
const smallestOverlay = 2048;
/** A pack that left files out is made anew when its room has grown by more than this. */
const worthwhileGrowth = 1.1;

/**
 * Packs what a basis describes: with the kept pack and what changed since where that serves, else anew. `anew` is a
 * reason not to use a kept one.
 */
export async function packBasis(
  request: PrepareRequest,
  basis: KnownBasis,
  workers: Measurer,
  session?: PackSession,
  anew?: RebaseReason,
): Promise<Prepared> {
  // A pack that goes away can serve nobody else.
  const packs = request.sink === undefined && session !== undefined ? session : createPackSession();
  const measurer = countingMeasurer(workers, basis.counting);
  const key = packKey(request, measurer.counterId);
  const kept = packs.find(key);
  let reason = anew ?? (request.fresh === true ? ({ kind: 'asked' } as const) : undefined);
  if (kept !== undefined) {
    reason ??= outdated(request, basis, kept);
    if (reason === undefined) {
      const result = await complete(request, basis, kept, measurer);
      if (result.kind === 'complete' && !deservesPlace(request, result.prepared))
        return { ...result.prepared, packed: { kind: 'kept' } };
      reason = result.kind === 'complete' ? { kind: 'attached' } : result.reason;
    }
  }
  const { inventory, timings, ...fresh } = await packFresh(request, basis, measurer, packs, key);
  await giveWay(request.signal);
  const result = await complete(request, { ...basis, inventory }, fresh.kept, measurer);
  if (result.kind === 'rebase') throw overLimit(basis.budget);
  const rebased = kept === undefined || reason === undefined ? {} : { rebased: reason };
  return {
    ...result.prepared,
    packed: { kind: 'fresh', ...rebased },
    timings: { ...basis.timings, plan: basis.timings.plan + timings.plan, render: timings.render },
  };
}

async function packFresh(
  request: PrepareRequest,
  basis: KnownBasis,
  measurer: Measurer,
  packs: PackSession,
  key: string,
) {
  const { counting, inventory } = basis;
  const { signal } = request;
  request.onProgress?.({ kind: 'packing' });
  const pinned = { ...request, steering: withAttached(request, inventory.files) };
  let { budget, images } = basis;
  if (images !== undefined && images.chosen.length > 0) {
    const plan = await planWorkspace(inventory, planOptions(pinned, budget.room), measurer);
    ({ budget, images } = await settleImages(images, budget, plan, measurer, signal));
  }
  let { room } = budget;
  // Half of the reserve is left for what is said next.
  const excess = Math.max(0, basis.tokens.turns - Math.floor(budget.reserve / 2));
  if (request.whenFull === 'fresh-pack' && room !== null) room = Math.max(0, room - excess);
  const { sink } = request;
  const result = await packWorkspace(
    inventory,
    { ...planOptions(pinned, room), ...(sink && { sink }) },
    measurer,
  );
  // A pack for a file takes no images along.
  const isSent = sink === undefined && request.endpoint !== null;
  const read = isSent ? await readImages(images, measurer, signal) : { images, sent: [] };
  const told = toldBy(result.plan, result.inventory);
  return { ...result, kept: packs.keep(key, { ...result, told }, room, counting, read) };
}

/** What speaks against a kept pack before anything is compared. */
function outdated(request: PrepareRequest, basis: KnownBasis, kept: KeptPack): RebaseReason | undefined {
  const { budget, tokens } = basis;
  if (budget.limit === null || budget.room === null)
    return kept.plan.fits ? undefined : { kind: 'more-room' };
  const images = imagesToSend(basis.images, kept.images).images?.tokens ?? 0;
  const alone =
    tokens.instructions + packTokens(kept, basis) + images + tokens.question + textTokens(basis.texts);
  if (alone + budget.answer + budget.margin > budget.limit) return { kind: 'limit' };
  const roomThen = kept.room ?? Infinity;
  const inConversation = (request.turns ?? []).length > 0;
  if (!kept.plan.fits && !inConversation && budget.room > roomThen * worthwhileGrowth)
    return { kind: 'more-room' };
  return undefined;
}

/** What the endpoint is now believed to count for a pack that was counted before. */
function packTokens({ pack, factor }: KeptPack, { counting }: Basis): number {
  return counting.factor === factor ? pack.tokens : Math.ceil((pack.tokens * counting.factor) / factor);
}

type Completion =
  | { readonly kind: 'complete'; readonly prepared: Omit<Prepared, 'packed'> }
  | { readonly kind: 'rebase'; readonly reason: RebaseReason };

/** Puts conversation, overlay and question behind the pack. Throws `conversation-full` where they need more room. */
async function complete(
  request: PrepareRequest,
  basis: KnownBasis,
  kept: KeptPack,
  measurer: Measurer,
): Promise<Completion> {
  const { budget } = basis;
  const all = request.turns ?? [];
  const offered = await offeredOf(basis.inventory, request);
  const { files } = offered;
  const { selection, steering = noSteering } = request;
  const options = planOptions(request, null);
  const chosen = selection && (await chooseFiles(offered, selection, steering, options, measurer));
  if (request.question !== '') await preparePathIndex(pathsOf(files), pacer(request.signal));
  const { places, foreign } = placesOf(request, files);
  await giveWay(request.signal);
  for (let dropped = 0; ; dropped++) {
    const result = await follow(
      request,
      { turns: all.slice(dropped), places, chosen, offered },
      basis,
      kept,
      measurer,
    );
    if (result.kind === 'rebase') return result;
    const { promptTokens } = result.prepared;
    const free = (budget.limit ?? Infinity) - budget.answer - budget.margin - promptTokens;
    // Some turns more than needed, so that the next question does not drop some again.
    const wanted = dropped > 0 && dropped < all.length ? Math.floor(budget.reserve / 4) : 0;
    if (free >= wanted) {
      const prepared = { ...result.prepared, foreign, droppedTurns: dropped };
      return { kind: 'complete', prepared };
    }
    if (dropped === all.length) return { kind: 'rebase', reason: { kind: 'limit' } };
    if (request.whenFull === undefined) throw full(promptTokens, basis);
    if (request.whenFull === 'fresh-pack') return { kind: 'rebase', reason: { kind: 'conversation' } };
  }
}

interface Followed {
  readonly turns: readonly Turn[];
  readonly places: readonly PointedAt[];
  readonly chosen: Chosen | undefined;
  /** Without what the user has excluded. */
  readonly offered: Inventory;
}

/** One try of {@link complete}, with these turns. */
async function follow(
  { question, settings, steering, signal }: PrepareRequest,
  { turns, places, chosen, offered }: Followed,
  basis: KnownBasis,
  kept: KeptPack,
  measurer: Measurer,
): Promise<Completion> {
  const { images, sent } = imagesToSend(basis.images, kept.images);
  const imageTokens = images?.tokens ?? 0;
  const budget = withImages(basis.budget, imageTokens);
  const { limit } = budget;
  const count = (text: string) => measurer.count(text, signal);
  const size = packTokens(kept, basis);
  const before = recall(kept, turns);
  await giveWay(signal);
  const fixed = basis.tokens.instructions + size + imageTokens + before.tokens.reduce((a, b) => a + b, 0);
  const expected = await countSaid(turns, question, count);
  const free = limit === null ? Infinity : limit - budget.answer - budget.margin - fixed;
  const overlayRoom = roomForOverlay(budget, free - budget.question, size);
  const room = {
    overlay: overlayRoom - before.overlayTokens,
    all: free - expected.question - expected.turns - textTokens(basis.texts),
  };
  const options = { maxFileBytes: settings.maxFileBytes, ...(signal && { signal }) };
  const told = chosen === undefined ? before.told : toldNow(before.told, kept, offered, chosen, steering);
  const result = await makeAddition(told, offered, places, room, options, measurer);
  if (result.kind === 'excluded') return { kind: 'rebase', reason: result };
  if (result.kind === 'outgrown') {
    const tokens = result.tokens + before.overlayTokens;
    return { kind: 'rebase', reason: { kind: 'outgrown', tokens, room: overlayRoom } };
  }
  const addition = withTexts(result.addition, basis.texts);
  // What was measured again meanwhile is told; what is excluded stays known, for who looks at anchors.
  const inventory = result.inventory === offered ? basis.inventory : result.inventory;
  noteAddition(kept, turns, question, addition);
  const framed = [...before.turns.map(t => t.before), addition.segments];
  const said = await countSaid(turns, question, count, framed);
  const prepared = {
    ...basis,
    budget,
    ...(images && { images }),
    sentImages: sent,
    inventory,
    plan: kept.plan,
    pack: { ...kept.pack, tokens: size },
    addition,
    overlaid: new Map([...before.segments, ...addition.files]),
    turns: before.turns,
    droppedTurns: 0,
    foreign: [],
    tokens: {
      ...basis.tokens,
      question: said.question,
      turns: fixed - basis.tokens.instructions - size - imageTokens + said.turns,
    },
    promptTokens: fixed + said.question + said.turns + addition.tokens,
  };
  return { kind: 'complete', prepared };
}

function toldNow(
  told: Told,
  { plan }: KeptPack,
  { files }: Inventory,
  chosen: Chosen,
  steering: Steering = noSteering,
): Told {
  const plannedAt = findNext(plan.files);
  const wasUnchosen = (path: string) => plannedAt(path)?.choice?.in === false;
  return toldOfChosen(told, files, wasUnchosen, path => isChosen(path, chosen.verdicts, steering));
}

/** Texts stand right before their question, after every file. */
function withTexts(addition: Addition, texts: readonly SentText[]): Addition {
  if (texts.length === 0) return addition;
  return {
    ...addition,
    segments: [...addition.segments, ...texts.map(text => text.segment)],
    tokens: addition.tokens + textTokens(texts),
  };
}

interface Places {
  readonly places: readonly PointedAt[];
  /** Absolute paths of what was attached and is not in the inventory. */
  readonly foreign: readonly string[];
}

/** Without what the user has excluded: nothing of it is sent after a pack either. */
async function offeredOf(
  inventory: Inventory,
  { steering = noSteering, signal }: PrepareRequest,
): Promise<Inventory> {
  if (![...steering.values()].includes('exclude')) return inventory;
  const wishOf = wishLookup(steering);
  const files: SourceFile[] = [];
  await eachInTurns(inventory.files, pacer(signal), file => {
    if (wishOf(file.path) !== 'exclude') files.push(file);
  });
  return { ...inventory, files };
}

/** What the question points at: what was attached to it, and the files its words name. */
function placesOf({ question, attached = [] }: PrepareRequest, files: Inventory['files']): Places {
  const wanted = new Set(attached.map(file => file.absolutePath));
  const found = wanted.size === 0 ? [] : files.filter(f => wanted.has(f.absolutePath));
  const paths = new Map(found.map(f => [f.absolutePath, f.path]));
  const places: PointedAt[] = [];
  const foreign: string[] = [];
  for (const { absolutePath, ...lines } of attached) {
    const path = paths.get(absolutePath);
    if (path === undefined) foreign.push(absolutePath);
    else places.push({ path, by: 'user', ...lines });
  }
  const known = new Set(places.map(place => place.path));
  const named = question === '' ? [] : filesNamedIn(question, pathsOf(files));
  for (const path of named) if (!known.has(path)) places.push({ path, by: 'name' });
  return { places, foreign };
}

/** What the user attached comes first in a pack that is made for the question. */
function withAttached(request: PrepareRequest, files: Inventory['files']): Steering {
  const { steering = noSteering, attached = [] } = request;
  if (attached.length === 0) return steering;
  const wanted = new Set(attached.map(file => file.absolutePath));
  const paths = files.filter(f => wanted.has(f.absolutePath)).map(f => f.path);
  return new Map([...paths.map(path => [path, 'pin'] as const), ...steering]);
}

/** An attachment that has no room behind the kept pack gets it in a new one, where no conversation is disturbed. */
function deservesPlace(
  { turns = [], attached = [] }: PrepareRequest,
  { addition, inventory }: Pick<Prepared, 'addition' | 'inventory'>,
): boolean {
  if (turns.length > 0 || attached.length === 0 || addition.noRoom.length === 0) return false;
  const wanted = new Set(attached.map(file => file.absolutePath));
  return inventory.files.some(f => wanted.has(f.absolutePath) && addition.noRoom.includes(f.path));
}

/** Half of the reserve stays for the conversation, whatever changes; what the pack leaves free comes on top. */
function roomForOverlay(budget: Budget, free: number, packSize: number): number {
  const wanted = Math.max(smallestOverlay, Math.floor(packSize * overlayShare));
  return Math.max(0, Math.min(wanted, free - Math.ceil(budget.reserve / 2)));
}

function full(promptTokens: number, { budget, tokens }: KnownBasis): ConversationFull {
  const repack: readonly WhenFull[] =
    budget.room !== null && budget.room - tokens.turns >= budget.room / 4 ? ['fresh-pack'] : [];
  return new ConversationFull(promptTokens, budget, [...repack, 'drop-oldest']);
}

function overLimit(budget: Budget): LongviewError {
  return new LongviewError(
    'over-limit',
    `The workspace, the question and what changed meanwhile do not fit together into the context limit of ${budget.limit} tokens.`,
    'Ask a shorter question, or choose an endpoint with a larger window.',
  );
}
