import { LongviewError } from '../errors.ts';
import { eachInTurns, giveWay, inTurns, pacer, type Pausing } from '../pace.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import { giveBack } from './fill.ts';
import type { Measurer } from './measurer.ts';
import { hasOutline } from './outline.ts';
import { createOutlining } from './outlining.ts';
import { describing, fitting, type Fitting, type Sayings } from './plan.ts';
import { planBasis } from './planBasis.ts';
import { framesToFit } from './render.ts';
import { chooseFiles, everything as allFiles, type Chosen, type Selection } from './selection.ts';
import { contending, offering, type Slots } from './slots.ts';
import { noSteering, steeringToJson, wishFor, wishLookup, type Steering } from './steering.ts';
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
  /** With the outlines that plans of this inventory know already: within the room, to be shown until there is the plan. */
  readonly roughly?: boolean;
  readonly signal?: AbortSignal;
}

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
  const { plan, isRough } = await makePlan(inventory, chosen, options, measurer);
  if (!isRough) plans.set(files, { key, leftOut, skips, plan });
  return plan;
}

/** By the files of an inventory: a live one keeps the array until a file changes. */
const plans = new WeakMap<
  Inventory['files'],
  Pick<Inventory, 'leftOut' | 'skips'> & { readonly key: string; readonly plan: Plan }
>();

interface Made {
  readonly plan: Plan;
  readonly isRough: boolean;
}

async function makePlan(
  inventory: Inventory,
  chosen: Chosen | undefined,
  options: PlanOptions,
  measurer: Measurer,
): Promise<Made> {
  const { room, signal } = options;
  const steering = options.steering ?? noSteering;
  const breathe = pacer(signal);
  const turns = <T>(work: Pausing<T>) => inTurns(work, breathe);
  const basis = planBasis(inventory, options, measurer);
  const outlining = createOutlining(inventory, options, measurer);
  const outlines = outlining.tokens;
  const wishOf = wishLookup(steering);
  const isWished = ({ path, language }: SourceFile) => wishOf(path) === 'outline' && hasOutline(language);
  const wished: SourceFile[] = [];
  const looksAt = [...steering.values()].includes('outline') ? inventory.files : [];
  await eachInTurns(looksAt, breathe, file => {
    if (isWished(file)) wished.push(file);
  });
  await outlining.outline(wished);
  const excludedBy = exclusionsOf(options.selection, steering);
  const choice = { steering, ...(chosen && { chosen }) };
  const own = await turns(contending(inventory, { ...choice, ranked: await basis.unranked() }));
  const needsList = wished.length > 0 || chosen !== undefined;
  const costs = { outlines, ...(needsList && { listed: await basis.listed() }) };
  const best = await turns(offering(own, costs));
  const sayings: Sayings = { ...costs, ...(chosen && { chosen }), ...(excludedBy && { excludedBy }) };
  const fit = (slots: Slots, most: number | null) => turns(fitting(inventory, slots, most, sayings));
  const done = async (slots: Slots, fitted: Fitting): Promise<Made> => {
    const plan = await turns(describing(inventory, slots, fitted, sayings));
    giveBack(slots.offers);
    return { plan, isRough: false };
  };
  if (room === null) return done(best, await fit(best, null));
  const count = (fitted: Fitting) => {
    const { head, listedHead, tail } = framesToFit(fitted, inventory);
    return measurer.count(head + listedHead + tail, signal);
  };
  const frames = (await basis.largestFrames(chosen?.preset)) + digits;
  if (frames >= room) {
    throw new LongviewError(
      'too-little-room',
      `Only ${room} tokens are left for files.`,
      'Choose an endpoint with a larger window, or reserve less for the answer.',
    );
  }
  if (best.wantedTokens < room) {
    const everything = await fit(best, null);
    const around = await count(everything);
    if (everything.wantedTokens + around <= room) return done(best, everything);
  }
  giveBack(best.offers);

  const [ranked, listed] = await Promise.all([basis.ranked(steering), basis.listed()]);
  const contenders = await turns(contending(inventory, { ...choice, ranked }));
  const { knownOutlines } = basis;
  if (options.roughly === true && knownOutlines !== undefined) {
    const all = { get: (path: string) => outlines.get(path) ?? knownOutlines.get(path) };
    const slots = await turns(offering(contenders, { outlines: all, listed }));
    return { ...(await done(slots, await fit(slots, room - frames))), isRough: true };
  }
  await outlining.outlineWanted(contenders, room - frames, { listed });
  basis.keepOutlines(outlines);
  const slots = await turns(offering(contenders, { outlines, listed }));
  const loose = await fit(slots, room - frames);
  await giveWay(signal);
  // Frames take less than the most they could: what this plan's own leave free is room for files too.
  const around = (await count(loose)) + digits;
  const tight = await fit(slots, room - around);
  await giveWay(signal);
  const fits = tight.tokens + (await count(tight)) <= room;
  return done(slots, fits ? tight : loose);
}

/** Why a file is left out where a saved selection says so, and not the user since. */
function exclusionsOf(selection: Selection | undefined, steering: Steering): Sayings['excludedBy'] {
  const { name, wishes = noSteering } = selection ?? {};
  if (name === undefined || wishes.size === 0) return undefined;
  return path => {
    const own = wishFor(wishes, path);
    const now = wishFor(steering, path);
    return own?.wish === 'exclude' && own.of === now?.of ? `left out by “${name}”` : undefined;
  };
}
