import { describeLeftOut, type Inventory, type SourceFile } from '../workspace/types.ts';
import { rankFiles, type RankContext, type Ranked } from './rank.ts';
import type { Form, Plan, PlannedFile, Signal } from './types.ts';

/** What a plan may use besides `full`; what is absent is not offered. */
export interface PlanInput extends RankContext {
  /** Tokens of files' outlines, by path. */
  readonly outlines?: ReadonlyMap<string, number>;
  /** Tokens of files' lines in the `listed` segment, by path. */
  readonly listed?: ReadonlyMap<string, number>;
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
  const excludes = input.wishes?.excludes;
  const offered =
    excludes === undefined ? inventory.files : inventory.files.filter(f => !excludes.has(f.path));
  const slots = rankFiles(offered, input).map(ranked => slotOf(ranked, input));
  const wantedTokens = slots.reduce((sum, { choices }) => sum + (choices.at(-1)?.tokens ?? 0), 0);
  const fits = room === null || wantedTokens <= room;
  if (fits) for (const slot of slots) slot.chosen = slot.choices.length - 1;
  else fill(slots, room);
  let tokens = 0;
  const planned: PlannedFile[] = inventory.leftOut.map(f => leftOut(f.path, describeLeftOut(f.leftOutBy)));
  if (excludes !== undefined) {
    for (const { path } of inventory.files)
      if (excludes.has(path)) planned.push(leftOut(path, 'left out by you'));
  }
  for (const slot of slots) {
    const file = plannedFile(slot, input, fits);
    tokens += file.tokens;
    planned.push(file);
  }
  planned.sort(byPath);
  return { files: planned, fits, tokens, wantedTokens };
}

/** A file that is not offered to the prompt at all. */
function leftOut(path: string, reason: string): PlannedFile {
  return { path, form: 'left-out', tokens: 0, reason, unwanted: true };
}

function slotOf(ranked: Ranked, { wishes, outlines, listed }: PlanInput): Slot {
  const { file, weight } = ranked;
  const { path, tokens } = file;
  const worth = weight * Math.max(1, tokens) ** sizeExponent;
  const onlyOutline = wishes?.outlines?.has(path) === true;
  const best = onlyOutline ? [] : [bestOf(file, worth, wishes?.pins?.has(path) === true)];
  const most = best[0]?.tokens ?? Infinity;
  const choices: Choice[] = [{ form: 'left-out', tokens: 0, value: 0 }];
  const outline = outlines?.get(path);
  const line = listed?.get(path);
  const useful = outline !== undefined && outline < most * worthwhileOutline;
  if (line !== undefined && line < Math.min(most, useful ? outline : Infinity)) {
    choices.push({ form: 'listed', tokens: line, value: Math.min(weight * listedValue, worth / 8) });
  }
  if (useful) choices.push({ form: 'outline', tokens: outline, value: worth * outlineShare });
  return { ranked, choices: [...choices, ...best], chosen: 0 };
}

/** Data that can be shortened is, but for a pinned file: whoever pins it wants to see all of it. */
function bestOf({ tokens, shortened }: SourceFile, worth: number, isPinned: boolean): Choice {
  return shortened === undefined || isPinned || shortened.tokens >= tokens
    ? { form: 'full', tokens, value: worth }
    : { form: 'shortened', tokens: shortened.tokens, value: worth * shortenedShare };
}

/** From one form of a file to a better one. */
interface Step {
  readonly slot: Slot;
  readonly from: number;
  readonly to: number;
  /** Value per token gained. */
  readonly gain: number;
}

function fill(slots: readonly Slot[], room: number): void {
  const steps = slots.flatMap(stepsOf);
  steps.sort((a, b) => b.gain - a.gain || byPath(a.slot.ranked.file, b.slot.ranked.file) || a.to - b.to);
  let left = room;
  for (const { slot, from, to } of steps) {
    if (slot.chosen !== from) continue;
    const more = cost(slot, to) - cost(slot, from);
    if (more > left) continue;
    slot.chosen = to;
    left -= more;
  }
  // What fits the rest, most wanted first. Room only shrinks, so that one pass leaves nothing that would still fit.
  const byWeight = [...slots].sort(
    (a, b) => b.ranked.weight - a.ranked.weight || byPath(a.ranked.file, b.ranked.file),
  );
  for (const slot of byWeight) {
    for (let to = slot.choices.length - 1; to > slot.chosen; to--) {
      const more = cost(slot, to) - cost(slot, slot.chosen);
      if (more > left) continue;
      slot.chosen = to;
      left -= more;
    }
  }
}

function cost(slot: Slot, choice: number): number {
  return slot.choices[choice]?.tokens ?? 0;
}

/** The steps of a file such that none gains more than the one before it: forms in between that are a bad bargain are passed over. */
function stepsOf(slot: Slot): Step[] {
  const steps: Step[] = [];
  for (let from = 0; from < slot.choices.length - 1;) {
    let best: Step | undefined;
    for (let to = from + 1; to < slot.choices.length; to++) {
      const gain = gainOf(slot, from, to);
      if (best === undefined || gain >= best.gain) best = { slot, from, to, gain };
    }
    if (best === undefined) break;
    steps.push(best);
    from = best.to;
  }
  return steps;
}

function gainOf({ choices }: Slot, from: number, to: number): number {
  const a = choices[from];
  const b = choices[to];
  return a === undefined || b === undefined ? 0 : (b.value - a.value) / Math.max(1, b.tokens - a.tokens);
}

function plannedFile(slot: Slot, { wishes }: PlanInput, fits: boolean): PlannedFile {
  const { file, signals } = slot.ranked;
  const { form, tokens } = slot.choices[slot.chosen] ?? { form: 'left-out', tokens: 0 };
  const planned = { path: file.path, form, tokens, ...(!fits && { signals }) };
  if (form === 'full') return planned;
  if (form === 'shortened') return { ...planned, reason: file.shortened?.reason ?? '' };
  if (wishes?.outlines?.has(file.path) === true) {
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
export function explain({ path, form, tokens, reason, signals }: PlannedFile): string[] {
  const product = (signals ?? []).reduce((weight, s) => weight * s.factor, 1);
  return [
    `${path}: ${form}${tokens > 0 ? `, ${tokens} tokens` : ''}${reason === undefined ? '' : `; ${reason}`}`,
    ...(signals ?? []).map(s => `  × ${s.factor}  ${s.name}`),
    ...(signals === undefined
      ? []
      : [`  = ${Number(product.toPrecision(3))} of an ordinary source file's value per token`]),
  ];
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
