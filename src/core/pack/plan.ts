import { atOnce, type Pausing } from '../pace.ts';
import { describeLeftOut, type Inventory, type SourceFile } from '../workspace/types.ts';
import { presetOf, type PresetId, type Verdict } from './presets.ts';
import { rankFiles, type Ranked } from './rank.ts';
import { noSteering, wishFor, type Steering, type Wish } from './steering.ts';
import type { Form, Plan, PlannedFile, Signal } from './types.ts';

/** What a plan may use besides `full`; what is absent is not offered. */
export interface PlanInput {
  readonly steering?: Steering;
  /** Tokens of files' outlines, by path. */
  readonly outlines?: ReadonlyMap<string, number>;
  /** Tokens of files' lines in the `listed` segment, by path. */
  readonly listed?: ReadonlyMap<string, number>;
  /** The inventory's files, ranked; by names and sizes alone where absent. */
  readonly ranked?: readonly Ranked[];
  /** What a preset leaves out is at most listed, unless a wish says otherwise. */
  readonly chosen?: { readonly preset: PresetId; readonly verdicts: ReadonlyMap<string, Verdict> };
  /** Why files are left out by a wish, by path, where it is not the user's own. */
  readonly excludedBy?: (path: string) => string | undefined;
}

/** A form a file may get. */
interface Choice {
  readonly form: Form;
  readonly tokens: number;
  readonly value: number;
}

/** One file's forms, cheapest first, each worth more than the one before, and which of them it has. */
interface Slot {
  readonly ranked: Ranked;
  readonly wish: Wish | undefined;
  readonly choices: readonly Choice[];
  chosen: number;
}

/**
 * A file twice as long is not twice as much worth knowing. An outline of some fifth of a file's tokens says two
 * fifths of it: it comes before the full text of files that are equally wanted, and after that of twice as wanted ones.
 */
const sizeExponent = 0.75;
const outlineShare = 0.4;
/** Shortened data says nearly all that the data do. */
const shortenedShare = 0.9;
/** A name is worth the same whatever is behind it. */
const listedValue = 6;
/**
 * What a preset leaves out is listed by path where that is cheap: up to so many tokens, or such a share of what it
 * takes in. All of it or none: half a list would look like a whole one.
 */
const cheapList = 16_384;
const cheapListShare = 0.2;
/** An outline must save this much to be one. */
const worthwhileOutline = 0.8;

/**
 * Gives every file its form, by value per token: the best next step of any file is taken while it fits, and what is
 * left of the room goes to whatever still fits. Prompt order is path order, whatever the rank, so that an edit moves
 * nothing. `room`: tokens for all file segments and lines; null packs everything.
 */
export function planPack(
  inventory: Pick<Inventory, 'files' | 'leftOut'>,
  room: number | null,
  input: PlanInput = {},
): Plan {
  return atOnce(planning(inventory, room, input));
}

/** {@link planPack}, in pieces. */
export function* planning(
  inventory: Pick<Inventory, 'files' | 'leftOut'>,
  room: number | null,
  input: PlanInput = {},
): Pausing<Plan> {
  const { slots, excluded, others, wantedTokens, fits } = yield* assign(inventory, room, input);
  let tokens = 0;
  const planned = [
    ...inventory.leftOut.map(f => leftOut(f.path, describeLeftOut(f.leftOutBy))),
    ...excluded.map(path => leftOut(path, input.excludedBy?.(path) ?? 'left out by you')),
  ];
  for (const other of others) {
    tokens += other.tokens;
    planned.push(other);
  }
  const { chosen } = input;
  for (const slot of slots) {
    const choice = chosen && choiceOf(slot, chosen.verdicts);
    const file = { ...plannedFile(slot, fits), ...(choice && { choice }) };
    tokens += file.tokens;
    planned.push(file);
    if (planned.length % piece === 0) yield;
  }
  yield;
  planned.sort(byPath);
  return { files: planned, fits, tokens, wantedTokens, ...(chosen && { preset: chosen.preset }) };
}

function choiceOf({ ranked, wish }: Slot, verdicts: ReadonlyMap<string, Verdict>): Verdict | undefined {
  const verdict = verdicts.get(ranked.file.path);
  return wish === undefined || verdict?.in === true ? verdict : { in: true, why: 'wanted by you' };
}

/** Files looked at without a pause. */
const piece = 500;

/** Paths that the plan would outline. */
export function* outlinesWanted(
  inventory: Pick<Inventory, 'files'>,
  room: number | null,
  input: PlanInput,
): Pausing<string[]> {
  const { slots } = yield* assign(inventory, room, input);
  yield;
  return slots.filter(s => s.choices[s.chosen]?.form === 'outline').map(s => s.ranked.file.path);
}

interface Assigned {
  readonly slots: readonly Slot[];
  readonly excluded: readonly string[];
  /** What the preset leaves out. */
  readonly others: readonly PlannedFile[];
  readonly wantedTokens: number;
  readonly fits: boolean;
}

function* assign(
  { files }: Pick<Inventory, 'files'>,
  room: number | null,
  input: PlanInput,
): Pausing<Assigned> {
  const { steering = noSteering, ranked = rankFiles(files, { steering }) } = input;
  const slots: Slot[] = [];
  const excluded: string[] = [];
  const unchosen: string[] = [];
  let wantedTokens = 0;
  for (const one of ranked) {
    const { path } = one.file;
    const wish = steering.size === 0 ? undefined : wishFor(steering, path)?.wish;
    if (wish === 'exclude') {
      excluded.push(path);
      continue;
    }
    if (wish === undefined && input.chosen?.verdicts.get(path)?.in === false) {
      unchosen.push(path);
      continue;
    }
    const slot = slotOf(one, wish, input);
    slots.push(slot);
    wantedTokens += cost(slot, slot.choices.length - 1);
    if (slots.length % piece === 0) yield;
  }
  yield;
  slots.sort((a, b) => byPath(a.ranked.file, b.ranked.file));
  const others = otherFiles(unchosen, wantedTokens, room, input);
  wantedTokens += others.reduce((sum, other) => sum + other.tokens, 0);
  const fits = room === null || wantedTokens <= room;
  if (fits) for (const slot of slots) slot.chosen = slot.choices.length - 1;
  else yield* fill(slots, room);
  return { slots, excluded, others, wantedTokens, fits };
}

/** By path where the list is cheap, and takes no room from what was chosen. */
function otherFiles(
  paths: readonly string[],
  wantedTokens: number,
  room: number | null,
  { chosen, listed }: PlanInput,
): PlannedFile[] {
  if (chosen === undefined || paths.length === 0) return [];
  const list = paths.reduce((sum, path) => sum + (listed?.get(path) ?? Infinity), 0);
  const most = Math.min(
    Math.max(cheapList, wantedTokens * cheapListShare),
    (room ?? Infinity) - wantedTokens,
  );
  const { title } = presetOf(chosen.preset);
  return paths.map(path => {
    const choice = chosen.verdicts.get(path) ?? { in: false, why: '' };
    const reason = `not in “${title}”: ${choice.why}`;
    if (list > most) return { ...leftOut(path, reason), choice };
    return { path, form: 'listed', tokens: listed?.get(path) ?? 0, reason, choice };
  });
}

/** A file that is not offered to the prompt at all. */
function leftOut(path: string, reason: string): PlannedFile {
  return { path, form: 'left-out', tokens: 0, reason, unwanted: true };
}

/** What every file may get. */
const nothing: Choice = { form: 'left-out', tokens: 0, value: 0 };

function slotOf(ranked: Ranked, wish: Wish | undefined, { outlines, listed }: PlanInput): Slot {
  const { file, weight } = ranked;
  const { path, tokens } = file;
  const worth = weight * Math.max(1, tokens) ** sizeExponent;
  const best = wish === 'outline' ? undefined : bestOf(file, worth, wish);
  const most = best?.tokens ?? Infinity;
  const choices: Choice[] = [nothing];
  const outline = outlines?.get(path);
  const line = listed?.get(path);
  const useful = outline !== undefined && outline < most * worthwhileOutline;
  if (line !== undefined && line < Math.min(most, useful ? outline : Infinity)) {
    choices.push({ form: 'listed', tokens: line, value: Math.min(weight * listedValue, worth / 8) });
  }
  if (useful) choices.push({ form: 'outline', tokens: outline, value: worth * outlineShare });
  if (best !== undefined) choices.push(best);
  return { ranked, wish, choices, chosen: 0 };
}

/** Data that can be shortened is, where nobody wants to see all of it. */
function bestOf({ tokens, shortened }: SourceFile, worth: number, wish: Wish | undefined): Choice {
  const whole = wish === 'pin' || wish === 'full';
  return shortened === undefined || whole || shortened.tokens >= tokens
    ? { form: 'full', tokens, value: worth }
    : { form: 'shortened', tokens: shortened.tokens, value: worth * shortenedShare };
}

/** Steps from one form of a file to a better one; parallel arrays, because there are as many as files and more. */
interface Steps {
  /** Index of the file's slot. */
  readonly slot: number[];
  readonly from: number[];
  readonly to: number[];
  /** Value per token gained. */
  readonly gain: number[];
}

/** `slots` are in path order, which decides between equals. */
function* fill(slots: readonly Slot[], room: number): Pausing<void> {
  const steps: Steps = { slot: [], from: [], to: [], gain: [] };
  for (let i = 0; i < slots.length; i++) {
    addSteps(slots, i, steps);
    if (i % piece === 0) yield;
  }
  let left = room;
  let looked = 0;
  const best = descending(steps.gain);
  yield;
  for (const i of best) {
    if (++looked % (4 * piece) === 0) yield;
    const slot = slots[steps.slot[i] ?? 0];
    const to = steps.to[i] ?? 0;
    if (slot === undefined || slot.chosen !== steps.from[i]) continue;
    const more = cost(slot, to) - cost(slot, slot.chosen);
    if (more > left) continue;
    slot.chosen = to;
    left -= more;
  }
  // What fits the rest, most wanted first. Room only shrinks, so that one pass leaves nothing that would still fit.
  yield;
  const wanted = descending(slots.map(slot => slot.ranked.weight));
  for (const i of wanted) {
    if (++looked % (4 * piece) === 0) yield;
    const slot = slots[i];
    if (slot === undefined) continue;
    for (let to = slot.choices.length - 1; to > slot.chosen; to--) {
      const more = cost(slot, to) - cost(slot, slot.chosen);
      if (more > left) continue;
      slot.chosen = to;
      left -= more;
    }
  }
}

const indexBits = 22;

/**
 * Indices of positive numbers, largest first; equals (to 7 digits) keep their order. Number and index share one double,
 * because a typed array of numbers sorts itself without calling back: a tenth of the time.
 */
function descending(numbers: readonly number[]): Float64Array {
  // The bits of positive floats are in the order of the floats.
  const bits = new Uint32Array(Float32Array.from(numbers).buffer);
  const size = 2 ** indexBits;
  const keys = new Float64Array(bits.length);
  for (let i = 0; i < keys.length; i++) keys[i] = (bits[i] ?? 0) * size + (size - 1 - i);
  keys.sort().reverse();
  for (let i = 0; i < keys.length; i++) keys[i] = size - 1 - ((keys[i] ?? 0) % size);
  return keys;
}

function cost(slot: Slot, choice: number): number {
  return slot.choices[choice]?.tokens ?? 0;
}

/** Steps such that none gains more than the one before it: forms in between that are a bad bargain are passed over. */
function addSteps(slots: readonly Slot[], index: number, steps: Steps): void {
  const slot = slots[index];
  if (slot === undefined) return;
  const last = slot.choices.length - 1;
  for (let from = 0; from < last;) {
    let to = from + 1;
    let gain = gainOf(slot, from, to);
    for (let further = to + 1; further <= last; further++) {
      const other = gainOf(slot, from, further);
      if (other >= gain) [to, gain] = [further, other];
    }
    steps.slot.push(index);
    steps.from.push(from);
    steps.to.push(to);
    steps.gain.push(gain);
    from = to;
  }
}

function gainOf({ choices }: Slot, from: number, to: number): number {
  const a = choices[from];
  const b = choices[to];
  return a === undefined || b === undefined ? 0 : (b.value - a.value) / Math.max(1, b.tokens - a.tokens);
}

function plannedFile(slot: Slot, fits: boolean): PlannedFile {
  const { file, signals } = slot.ranked;
  const { form, tokens } = slot.choices[slot.chosen] ?? { form: 'left-out', tokens: 0 };
  const planned = { path: file.path, form, tokens, ...(!fits && { signals }) };
  if (form === 'full') return planned;
  if (form === 'shortened') {
    const left = file.shortened?.reason ?? '';
    return { ...planned, reason: `data: ${left}; all of it would take ${file.tokens} tokens` };
  }
  if (slot.wish === 'outline') {
    const kept =
      form === 'outline'
        ? 'outlined as you asked'
        : 'to be outlined, and there is no outline of it, or no room';
    return { ...planned, reason: kept };
  }
  return {
    ...planned,
    reason: `no room: it needs ${cost(slot, slot.choices.length - 1)} tokens (${why(signals)})`,
  };
}

function why(signals: readonly Signal[]): string {
  return signals.map(s => s.name).join(', ');
}

/**
 * "Why is this file not in the prompt, or not in full?", for the user: form, reason, and each signal with what it did
 * to the file's value per token.
 */
export function explain({ path, form, tokens, reason, signals, choice }: PlannedFile): string[] {
  const product = (signals ?? []).reduce((weight, s) => weight * s.factor, 1);
  return [
    `${path}: ${form}${tokens > 0 ? `, ${tokens} tokens` : ''}${reason === undefined ? '' : `; ${reason}`}`,
    ...(choice?.in === true ? [`  chosen: ${choice.why}`] : []),
    ...(signals ?? []).map(s => `  × ${s.factor}  ${s.name}`),
    ...(signals === undefined
      ? []
      : [`  = ${Number(product.toPrecision(3))} of an ordinary source file's value per token`]),
  ];
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
