import { LongviewError } from '../errors.ts';
import { giveWay, inTurns, pacer } from '../pace.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import { listedLine } from './frame.ts';
import type { Measurer } from './measurer.ts';
import { hasOutline } from './outline.ts';
import { outlinesWanted, planning, type PlanInput } from './plan.ts';
import { ranking } from './rank.ts';
import { largestFrames, packFrames, type PackFrames } from './render.ts';
import { chooseFiles, everything as allFiles, type Chosen, type Selection } from './selection.ts';
import { gatherSignals } from './signals.ts';
import { noSteering, steeringToJson, wishFor, type Steering } from './steering.ts';
import type { Plan } from './types.ts';

export interface PlanOptions {
  /** Tokens for the whole pack; null packs everything. */
  readonly room: number | null;
  readonly maxFileBytes: number;
  /** False: git is not asked what changed. */
  readonly trusted?: boolean;
  readonly steering?: Steering;
  /** What the user chose in words; its wishes are part of `steering`. */
  readonly selection?: Selection;
  /** Paths that are open in an editor, or selected. */
  readonly open?: ReadonlySet<string>;
  readonly signal?: AbortSignal;
}

/** What a file's outline takes of the file's tokens, until it has been made; close to the median of what was seen. */
const expectedOutline = 0.22;
/** Each round outlines what the plan of the round before wants outlined; what is still unknown then has no outline. */
const outlineRounds = 6;
/** An outline may be this much shorter than those of its like. */
const shortOutline = 0.6;
const mostAtLast = 64;
/** Numbers in the frames may grow by as many tokens when the plan changes. */
const digits = 4;

/**
 * Plans a pack with all that it costs to know. Where everything fits nothing is looked at but the sizes; else files
 * are outlined as far as the plan wants outlines. The same inventory, wishes, choice and room are planned once. Throws
 * `too-little-room`, `nothing-chosen`, or `signal.reason`.
 */
export async function planWorkspace(
  inventory: Inventory,
  options: PlanOptions,
  measurer: Measurer,
): Promise<Plan> {
  const { room, trusted = false, steering = noSteering, open = [] } = options;
  const { selection = allFiles } = options;
  const chosen = await chooseFiles(inventory, selection, steering, options, measurer);
  const wishes = JSON.stringify([
    steeringToJson(steering),
    [...open].sort(),
    chosen?.digest,
    selection.name,
    steeringToJson(selection.wishes),
  ]);
  const key = `${measurer.counterId} ${room} ${trusted} ${wishes}`;
  const { files, leftOut, skips } = inventory;
  const kept = plans.get(files);
  if (kept?.key === key && kept.leftOut === leftOut && kept.skips === skips) return kept.plan;
  const plan = await makePlan(inventory, chosen, options, measurer);
  plans.set(files, { key, leftOut, skips, plan });
  return plan;
}

/** By the files of an inventory: a live one keeps the array until a file changes. */
const plans = new WeakMap<
  Inventory['files'],
  Pick<Inventory, 'leftOut' | 'skips'> & { readonly key: string; readonly plan: Plan }
>();

async function makePlan(
  inventory: Inventory,
  chosen: Chosen | undefined,
  options: PlanOptions,
  measurer: Measurer,
): Promise<Plan> {
  const { room, signal } = options;
  const steering = options.steering ?? noSteering;
  const breathe = pacer(signal);
  const outlines = new Map<string, number>();
  const isWished = ({ path }: SourceFile) => wishFor(steering, path)?.wish === 'outline';
  const wished =
    steering.size === 0 ? [] : inventory.files.filter(f => isWished(f) && hasOutline(f.language));
  await outlineThese(wished, outlines, options, measurer);
  const listed = new Map<string, number>();
  if (wished.length > 0 || chosen !== undefined) await listThese(inventory, listed, options, measurer);
  const plan = (most: number | null, input: PlanInput) => inTurns(planning(inventory, most, input), breathe);
  const ownRanks = await inTurns(ranking(inventory.files, { steering }), breathe);
  const excludedBy = exclusionsOf(options.selection, steering);
  const choice = { steering, ...(chosen && { chosen }), ...(excludedBy && { excludedBy }) };
  const everything = await plan(null, { ...choice, outlines, listed, ranked: ownRanks });
  await giveWay(signal);
  if (room === null) return everything;
  const count = ({ head, listedHead, tail }: PackFrames) => measurer.count(head + listedHead + tail, signal);
  const frames = (await count(largestFrames(inventory, chosen?.preset))) + digits;
  if (frames >= room) {
    throw new LongviewError(
      'too-little-room',
      `Only ${room} tokens are left for files.`,
      'Choose an endpoint with a larger window, or reserve less for the answer.',
    );
  }
  const fits =
    everything.wantedTokens < room &&
    everything.wantedTokens + (await count(packFrames(everything, inventory, 0))) <= room;
  if (fits) return everything;

  const [signals] = await Promise.all([
    gatherSignals(inventory, options, measurer),
    listThese(inventory, listed, options, measurer),
  ]);
  await breathe();
  const asked = new Set(wished.map(f => f.path));
  const context = { ...signals, steering, ...(options.open && { open: options.open }) };
  const ranked = await inTurns(ranking(inventory.files, context), breathe);
  const input: PlanInput = { ...choice, ranked, outlines, listed };
  let share = expectedOutline;
  let ending = false;
  for (let round = 0; round < outlineRounds; round++) {
    await breathe();
    const expected = new Map(outlines);
    for (const { path, language, tokens } of inventory.files) {
      if (asked.has(path) || !hasOutline(language)) continue;
      expected.set(path, Math.ceil(tokens * share * (ending ? shortOutline : 1)));
    }
    await breathe();
    const wishes = outlinesWanted(inventory, room - frames, { ...input, outlines: expected });
    const wanted = new Set(await inTurns(wishes, breathe));
    await giveWay(signal);
    const unknown = inventory.files.filter(f => wanted.has(f.path) && !asked.has(f.path));
    if (unknown.length === 0 && ending) break;
    if (unknown.length === 0) ending = true;
    // In the end only what may fill the last of the room, where it is shorter than most.
    const now = ending ? unknown.slice(0, mostAtLast) : unknown;
    await outlineThese(now, outlines, options, measurer);
    for (const { path } of now) asked.add(path);
    share = shareOf(inventory.files, outlines);
  }
  await breathe();
  const loose = await plan(room - frames, input);
  await giveWay(signal);
  // Frames take less than the most they could: what this plan's own leave free is room for files too.
  const own = (await count(packFrames(loose, inventory, 0))) + digits;
  const tight = await plan(room - own, input);
  await giveWay(signal);
  return tight.tokens + (await count(packFrames(tight, inventory, 0))) <= room ? tight : loose;
}

/** Why a file is left out where a saved selection says so, and not the user since. */
function exclusionsOf(selection: Selection | undefined, steering: Steering): PlanInput['excludedBy'] {
  const { name, wishes = noSteering } = selection ?? {};
  if (name === undefined || wishes.size === 0) return undefined;
  return path => {
    const own = wishFor(wishes, path);
    const now = wishFor(steering, path);
    return own?.wish === 'exclude' && own.of === now?.of ? `left out by “${name}”` : undefined;
  };
}

/** Of their files' tokens, by the outlines that were made. */
function shareOf(files: readonly SourceFile[], outlines: ReadonlyMap<string, number>): number {
  let whole = 0;
  let outlined = 0;
  for (const { path, tokens } of files) {
    const outline = outlines.get(path);
    if (outline === undefined) continue;
    whole += tokens;
    outlined += outline;
  }
  return whole === 0 ? expectedOutline : Math.min(1, outlined / whole);
}

async function outlineThese(
  files: readonly SourceFile[],
  outlines: Map<string, number>,
  { maxFileBytes, signal }: PlanOptions,
  measurer: Measurer,
): Promise<void> {
  if (files.length === 0) return;
  const made = await measurer.outlines(files, { maxFileBytes, ...(signal && { signal }) });
  files.forEach(({ path }, i) => {
    const outline = made[i] ?? null;
    if (outline !== null) outlines.set(path, outline.tokens);
  });
}

async function listThese(
  { files }: Inventory,
  listed: Map<string, number>,
  { signal }: PlanOptions,
  measurer: Measurer,
): Promise<void> {
  const tokens = await measurer.countEach(
    files.map(f => listedLine(f.path)),
    signal,
  );
  files.forEach(({ path }, i) => {
    const count = tokens[i];
    if (count !== undefined) listed.set(path, count);
  });
}
