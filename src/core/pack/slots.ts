import type { Pausing } from '../pace.ts';
import { comparePaths } from '../workspace/byPath.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import {
  descending,
  emptyOffers,
  fillRoom,
  giveBack,
  mostForms,
  stepsOf,
  type Offers,
  type Steps,
} from './fill.ts';
import type { PresetId, Verdict } from './presets.ts';
import { rankFiles, type Ranked } from './rank.ts';
import { noSteering, wishLookup, type Steering, type Wish } from './steering.ts';
import type { TokensByPath } from './tokenColumn.ts';
import type { Form } from './types.ts';

/** What a plan may use besides `full`; what is absent is not offered. */
export interface FormCosts {
  /** Tokens of files' outlines, by path. */
  readonly outlines?: TokensByPath;
  /** The same for files whose outlines have not been made: what they may take. */
  readonly expected?: (file: SourceFile) => number | undefined;
  /** Tokens of files' lines in the `listed` segment, by path. */
  readonly listed?: TokensByPath;
}

/** What decides which files contend for the prompt. */
export interface Wanted {
  readonly steering?: Steering;
  /** The inventory's files, ranked; by names and sizes alone where absent. */
  readonly ranked?: readonly Ranked[];
  /** What a preset leaves out is at most listed, unless a wish says otherwise. */
  readonly chosen?: { readonly preset: PresetId; readonly verdicts: ReadonlyMap<string, Verdict> };
}

/** The files that may be in the prompt, in path order. */
export interface Contenders {
  readonly ranked: readonly Ranked[];
  readonly wishes: readonly (Wish | undefined)[];
  readonly excluded: readonly Ranked[];
  /** What a preset leaves out. */
  readonly unchosen: readonly string[];
  /** Those most wanted first, once it was asked for. */
  order?: Uint32Array;
}

/** The same with their forms. One serves for any room. */
export interface Slots {
  readonly contenders: Contenders;
  readonly offers: Offers;
  /** Of the offers, as indices of `forms`. */
  readonly formOf: Uint8Array;
  /** In the best forms. */
  readonly wantedTokens: number;
  /** Once it was asked for. */
  steps?: Steps;
}

/** Numbers in typed arrays stand for these. */
export const forms: readonly Form[] = ['left-out', 'listed', 'outline', 'shortened', 'full'];

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
/** An outline must save this much to be one. */
const worthwhileOutline = 0.8;

/** Files looked at without a pause. */
const piece = 1000;

/** What the plan would outline. */
export function* outlinesWanted(
  contenders: Contenders,
  room: number | null,
  costs: FormCosts,
): Pausing<SourceFile[]> {
  const slots = yield* offering(contenders, costs);
  const chosen = yield* assign(slots, room);
  yield;
  const files: SourceFile[] = [];
  const { ranked } = contenders;
  for (let i = 0; i < ranked.length; i++) {
    if (i % (8 * piece) === 0) yield;
    const { file } = ranked[i] as Ranked;
    if (formAt(slots, i, chosen[i] ?? 0) === 'outline') files.push(file);
  }
  giveBack(slots.offers);
  return files;
}

/** Which of its forms each file gets. */
export function* assign(slots: Slots, room: number | null): Pausing<Uint8Array> {
  const { contenders, offers, wantedTokens } = slots;
  if (room === null || wantedTokens <= room) return offers.counts.map(count => count - 1);
  slots.steps ??= yield* stepsOf(offers);
  contenders.order ??= yield* orderOf(contenders.ranked);
  yield;
  return yield* fillRoom(offers, slots.steps, contenders.order, room);
}

function* orderOf(ranked: readonly Ranked[]): Pausing<Uint32Array> {
  const weights = new Float32Array(ranked.length);
  for (let i = 0; i < ranked.length; i++) {
    if (i % piece === 0) yield;
    weights[i] = ranked[i]?.weight ?? 0;
  }
  return yield* descending(weights);
}

export function* contending({ files }: Pick<Inventory, 'files'>, input: Wanted): Pausing<Contenders> {
  const { steering = noSteering, ranked = rankFiles(files, { steering }) } = input;
  const wishOf = wishLookup(steering);
  // Lists that grow are copied again and again.
  const kept = new Array<Ranked>(ranked.length);
  const wishes = new Array<Wish | undefined>(ranked.length);
  let count = 0;
  const excluded: Ranked[] = [];
  const unchosen: string[] = [];
  const sorted = yield* sortedByPath(ranked);
  for (let i = 0; i < sorted.length; i++) {
    if (i % piece === 0) yield;
    const one = sorted[i] as Ranked;
    const { path } = one.file;
    const wish = wishOf(path);
    if (wish === 'exclude') excluded.push(one);
    else if (wish === undefined && input.chosen?.verdicts.get(path)?.in === false) unchosen.push(path);
    else {
      kept[count] = one;
      wishes[count++] = wish;
    }
  }
  kept.length = wishes.length = count;
  yield;
  return { ranked: kept, wishes, excluded, unchosen };
}

/** The forms each file may get; see `planSlots`. */
export function* offering(contenders: Contenders, costs: FormCosts): Pausing<Slots> {
  const { ranked, wishes } = contenders;
  const offers = emptyOffers(ranked.length);
  const formOf = new Uint8Array(offers.tokens.length);
  let wantedTokens = 0;
  for (let i = 0; i < ranked.length; i++) {
    if (i % piece === 0) yield;
    offer(ranked[i] as Ranked, wishes[i], costs, i, offers, formOf);
    wantedTokens += offers.tokens[mostForms * i + (offers.counts[i] ?? 1) - 1] ?? 0;
  }
  return { contenders, offers, formOf, wantedTokens };
}

/** An inventory's files are in order already, as a rule. */
function* sortedByPath(ranked: readonly Ranked[]): Pausing<readonly Ranked[]> {
  let before = '';
  for (let i = 0; i < ranked.length; i++) {
    if (i % (8 * piece) === 0) yield;
    const { path } = (ranked[i] as Ranked).file;
    if (path < before) return [...ranked].sort((a, b) => comparePaths(a.file, b.file));
    before = path;
  }
  return ranked;
}

/** Writes what file `i` may get, which is nothing at least. */
function offer(
  { file, weight }: Ranked,
  wish: Wish | undefined,
  { outlines, expected, listed }: FormCosts,
  i: number,
  { counts, tokens, values }: Offers,
  formOf: Uint8Array,
): void {
  const first = mostForms * i;
  let at = first + 1;
  const { path } = file;
  const worth = weight * Math.max(1, file.tokens) ** sizeExponent;
  const isData = file.shortened !== undefined && file.shortened.tokens < file.tokens;
  // Data that can be shortened is, where nobody wants to see all of it.
  const short = isData && wish !== 'pin' && wish !== 'full' ? file.shortened : undefined;
  const most = wish === 'outline' ? Infinity : (short ?? file).tokens;
  const outline = outlines?.get(path) ?? expected?.(file);
  const line = listed?.get(path);
  const useful = outline !== undefined && outline < most * worthwhileOutline;
  if (line !== undefined && line < Math.min(most, useful ? outline : Infinity)) {
    formOf[at] = 1;
    tokens[at] = line;
    values[at++] = Math.min(weight * listedValue, worth / 8);
  }
  if (useful) {
    formOf[at] = 2;
    tokens[at] = outline;
    values[at++] = worth * outlineShare;
  }
  if (most !== Infinity) {
    formOf[at] = short === undefined ? 4 : 3;
    tokens[at] = most;
    values[at++] = short === undefined ? worth : worth * shortenedShare;
  }
  counts[i] = at - first;
}

export function formAt({ formOf }: Slots, i: number, choice: number): Form {
  return forms[formOf[mostForms * i + choice] ?? 0] ?? 'left-out';
}
