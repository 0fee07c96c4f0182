import { atOnce, type Pausing } from '../pace.ts';
import { comparePaths } from '../workspace/byPath.ts';
import { describeLeftOut, type Inventory } from '../workspace/types.ts';
import { describeExcluded, describeFile, leftOut, type Given } from './describeFile.ts';
import { mostForms } from './fill.ts';
import { totalling, type FrameTotals } from './planTotals.ts';
import { presetOf, type Verdict } from './presets.ts';
import {
  assign,
  contending,
  formAt,
  forms,
  offering,
  type Contenders,
  type FormCosts,
  type Slots,
  type Wanted,
} from './slots.ts';
import type { Wish } from './steering.ts';
import type { Plan, PlannedFile } from './types.ts';

export interface PlanInput extends FormCosts, Wanted {
  /** Why files are left out by a wish, by path, where it is not the user's own. */
  readonly excludedBy?: (path: string) => string | undefined;
}

/**
 * What a preset leaves out is listed by path where that is cheap: up to so many tokens, or such a share of what it
 * takes in. All of it or none: half a list would look like a whole one.
 */
const cheapList = 16_384;
const cheapListShare = 0.2;

/** Files looked at without a pause. */
const piece = 1000;

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
  const slots = yield* offering(yield* contending(inventory, input), input);
  return yield* planSlots(inventory, slots, room, input);
}

/** What a plan says of files that somebody left out. */
export type Sayings = Pick<PlanInput, 'chosen' | 'excludedBy' | 'listed'>;

/** {@link planPack} for files whose forms are known. */
export function* planSlots(
  inventory: Pick<Inventory, 'leftOut'>,
  slots: Slots,
  room: number | null,
  sayings: Sayings = {},
): Pausing<Plan> {
  return yield* describing(inventory, slots, yield* fitting(inventory, slots, room, sayings), sayings);
}

/** A plan's forms and totals, before a word is said of any file: of several tries one is described. */
export interface Fitting extends Pick<Plan, 'fits' | 'tokens' | 'wantedTokens' | 'preset'> {
  readonly totals: FrameTotals;
  /** Which of its forms each of the slots' files gets. */
  readonly formsOf: Uint8Array;
  /** What the preset leaves out is listed. */
  readonly isListed: boolean;
}

/** The forms that files get in this room. */
export function* fitting(
  { leftOut: ignored }: Pick<Inventory, 'leftOut'>,
  slots: Slots,
  room: number | null,
  sayings: Sayings = {},
): Pausing<Fitting> {
  const { tokens: offered } = slots.offers;
  const { ranked, excluded, unchosen } = slots.contenders;
  const list = yield* listOf(slots, room, sayings);
  const wantedTokens = slots.wantedTokens + (list ?? 0);
  const fits = room === null || wantedTokens <= room;
  const formsOf = yield* assign(slots, room);
  const counts = forms.map(() => 0);
  let tokens = list ?? 0;
  for (let i = 0; i < ranked.length; i++) {
    if (i % (8 * piece) === 0) yield;
    const at = mostForms * i + (formsOf[i] ?? 0);
    tokens += offered[at] ?? 0;
    const form = slots.formOf[at] ?? 0;
    counts[form] = (counts[form] ?? 0) + 1;
  }
  const [noRoom = 0, listed = 0, outline = 0, shortened = 0, full = 0] = counts;
  const unwanted = ignored.length + excluded.length + (list === undefined ? unchosen.length : 0);
  const totals: FrameTotals = {
    forms: {
      full,
      outline,
      shortened,
      listed: listed + (list === undefined ? 0 : unchosen.length),
      'left-out': noRoom + unwanted,
    },
    noRoom,
    unwanted,
    unchosen: unchosen.length,
  };
  const { preset } = sayings.chosen ?? {};
  const isListed = list !== undefined;
  return { formsOf, isListed, fits, tokens, wantedTokens, totals, ...(preset !== undefined && { preset }) };
}

/** The plan that a {@link fitting} stands for. */
export function* describing(
  { leftOut: ignored }: Pick<Inventory, 'leftOut'>,
  slots: Slots,
  { formsOf, isListed, fits, tokens, wantedTokens, preset }: Fitting,
  sayings: Sayings = {},
): Pausing<Plan> {
  const { ranked, wishes, excluded } = slots.contenders;
  const { chosen, excludedBy } = sayings;
  const offered = new Array<PlannedFile>(ranked.length);
  let count = 0;
  const given: Given = { form: 'full', tokens: 0, needed: 0, asOutline: false, fits };
  for (let i = 0; i < ranked.length; i++) {
    if (i % piece === 0) yield;
    const file = plannedFile(slots, i, formsOf[i] ?? 0, given);
    if (file === undefined) continue;
    const choice = chosen && choiceOf(file.path, wishes[i], chosen.verdicts);
    offered[count++] = choice === undefined ? file : { ...file, choice };
  }
  offered.length = count;
  const byWish: PlannedFile[] = [];
  for (const one of excluded) {
    byWish.push(describeExcluded(one, excludedBy?.(one.file.path) ?? 'left out by you'));
    if (byWish.length % piece === 0) yield;
  }
  let files = offered;
  const others = yield* otherFiles(slots.contenders, isListed, sayings);
  for (const list of [others, byWish, yield* describeIgnored(ignored)]) files = yield* merged(files, list);
  yield* totalling(files);
  return { files, fits, tokens, wantedTokens, ...(preset !== undefined && { preset }) };
}

/** Both in path order, as each of them is. */
function* merged(a: PlannedFile[], b: readonly PlannedFile[]): Pausing<PlannedFile[]> {
  if (b.length === 0) return a;
  const all = new Array<PlannedFile>(a.length + b.length);
  let [at, count] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const file = a[i] as PlannedFile;
    for (let next = b[at]; next !== undefined && comparePaths(next, file) < 0; next = b[++at]) {
      all[count++] = next;
      if (count % piece === 0) yield;
    }
    all[count++] = file;
    if (count % piece === 0) yield;
  }
  for (; at < b.length; at++) {
    all[count++] = b[at] as PlannedFile;
    if (count % piece === 0) yield;
  }
  return all;
}

function choiceOf(
  path: string,
  wish: Wish | undefined,
  verdicts: ReadonlyMap<string, Verdict>,
): Verdict | undefined {
  const verdict = verdicts.get(path);
  return wish === undefined || verdict?.in === true ? verdict : { in: true, why: 'wanted by you' };
}

/** `given` is written over: one for each of 100,000 files would have to be collected. */
function plannedFile(slots: Slots, i: number, choice: number, given: Given): PlannedFile | undefined {
  const ranked = slots.contenders.ranked[i];
  if (ranked === undefined) return undefined;
  const at = mostForms * i;
  const { tokens, counts } = slots.offers;
  given.form = formAt(slots, i, choice);
  given.tokens = tokens[at + choice] ?? 0;
  given.needed = tokens[at + (counts[i] ?? 1) - 1] ?? 0;
  given.asOutline = slots.contenders.wishes[i] === 'outline';
  return describeFile(ranked, given);
}

/** Tokens of the list of what a preset leaves out, where it is cheap and takes no room from what was chosen. */
function* listOf(
  { contenders: { unchosen }, wantedTokens }: Slots,
  room: number | null,
  { chosen, listed }: Sayings,
): Pausing<number | undefined> {
  if (chosen === undefined || unchosen.length === 0) return undefined;
  let list = 0;
  for (const [i, path] of unchosen.entries()) {
    list += listed?.get(path) ?? Infinity;
    if (i % piece === 0) yield;
  }
  const cheap = Math.max(cheapList, wantedTokens * cheapListShare);
  const most = Math.min(cheap, (room ?? Infinity) - wantedTokens);
  return list > most ? undefined : list;
}

function* otherFiles(
  { unchosen }: Contenders,
  isListed: boolean,
  { chosen, listed }: Sayings,
): Pausing<PlannedFile[]> {
  const files: PlannedFile[] = [];
  if (chosen === undefined) return files;
  const { title } = presetOf(chosen.preset);
  for (const path of unchosen) {
    const choice = chosen.verdicts.get(path) ?? { in: false, why: '' };
    const reason = `not in “${title}”: ${choice.why}`;
    if (isListed) files.push({ path, form: 'listed', tokens: listed?.get(path) ?? 0, why: reason, choice });
    else files.push({ ...leftOut(path, reason), choice });
    if (files.length % piece === 0) yield;
  }
  return files;
}

/** What a rule left out, once for one inventory. */
function* describeIgnored(ignored: Inventory['leftOut']): Pausing<PlannedFile[]> {
  const known = ignoredFiles.get(ignored);
  if (known !== undefined) return known;
  const files: PlannedFile[] = [];
  for (const { path, leftOutBy } of ignored) {
    files.push(leftOut(path, describeLeftOut(leftOutBy)));
    if (files.length % piece === 0) yield;
  }
  files.sort(comparePaths);
  ignoredFiles.set(ignored, files);
  return files;
}

const ignoredFiles = new WeakMap<Inventory['leftOut'], PlannedFile[]>();
