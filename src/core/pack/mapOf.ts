import { reasonOf } from './describeFile.ts';
import { atOnce, type Pausing } from '../pace.ts';
import { findNext } from '../workspace/byPath.ts';
import type { ContextLimit, EvidenceSource } from '../endpoint/types.ts';
import type { Inventory } from '../workspace/types.ts';
import type { BudgetMap, MapFile, MapForm, MapMark, MapPart, WhatIf } from './budgetMap.ts';
import type { Budget, Plan, PlannedFile } from './types.ts';

/** What a survey knows; see `BudgetMap`. */
export interface MapInput {
  readonly inventory: Pick<Inventory, 'files'>;
  readonly plan: Plan;
  /** Null where the limit is unknown. */
  readonly budget: Budget | null;
  readonly limit: ContextLimit;
}

export interface MapExtras {
  readonly title: string;
  /** Tokens of the conversation so far: they use up what is kept for it, and then what is free. */
  readonly conversation?: number;
  /** Tokens of the pack's own lines around the files, where it has been rendered. */
  readonly frames?: number;
  readonly whatIf?: readonly WhatIf[];
  /** Tokens up to which the Lab measured that the model still finds what it is asked for; absent where nobody has. */
  readonly effective?: number;
}

/** The map of a plan. With a limit, files and parts add up to it. */
export function mapOf(input: MapInput, extras: MapExtras): BudgetMap {
  return atOnce(mapping(input, extras));
}

/** {@link mapOf}, in pieces. */
export function* mapping(
  { inventory, plan, budget, limit }: MapInput,
  extras: MapExtras,
): Pausing<BudgetMap> {
  const { title, conversation = 0, frames = 0, whatIf = [], effective } = extras;
  return {
    title,
    limit: budget?.limit ?? null,
    files: yield* filesOf(inventory, plan),
    parts: budget === null ? [] : partsOf(budget, plan, conversation, frames),
    marks: marksOf(limit, budget, effective),
    whatIf,
  };
}

function* filesOf({ files }: Pick<Inventory, 'files'>, plan: Plan): Pausing<MapFile[]> {
  const sourceAt = findNext(files);
  const all: MapFile[] = [];
  for (const planned of plan.files) {
    const { path, tokens } = planned;
    const reason = reasonOf(planned);
    // What a `.longviewignore` leaves out was never read, so its size is unknown and it has no area.
    const source = sourceAt(path);
    all.push({
      path,
      language: source?.language ?? 'plaintext',
      full: source?.tokens ?? 0,
      form: formOf(planned),
      tokens,
      ...(reason !== undefined && { reason }),
    });
    if (all.length % piece === 0) yield;
  }
  return all;
}

/** Files looked at without a pause. */
const piece = 1000;

function formOf({ form, unwanted }: PlannedFile): MapForm {
  return unwanted === true ? 'excluded' : form;
}

function partsOf(budget: Budget, plan: Plan, conversation: number, frames: number): MapPart[] {
  const { limit, room, instructions, question, reserve, answer, margin, images = 0 } = budget;
  if (limit === null || room === null) return [];
  const left = room - plan.tokens;
  const around = Math.min(frames, left);
  const beyond = Math.min(left - around, Math.max(0, conversation - reserve));
  const spoken = Math.min(conversation, reserve) + beyond;
  const parts: MapPart[] = [
    {
      kind: 'instructions',
      label: around > 0 ? 'Instructions and lines around files' : 'Instructions',
      tokens: instructions + around,
    },
    { kind: 'images', label: 'Images', tokens: images },
    { kind: 'conversation', label: 'Conversation so far', tokens: spoken },
    { kind: 'question', label: 'Kept for the question', tokens: question },
    { kind: 'conversation', label: 'Kept for the conversation', tokens: reserve + beyond - spoken },
    { kind: 'answer', label: 'Kept for the answer', tokens: answer },
    { kind: 'margin', label: 'Margin for the estimated count', tokens: margin },
    { kind: 'free', label: 'Free', tokens: left - around - beyond },
  ];
  return parts.filter(part => part.tokens > 0);
}

function marksOf(limit: ContextLimit, budget: Budget | null, effective: number | undefined): MapMark[] {
  const marks: MapMark[] = [];
  // What is planned for, which is less where input and output are limited apart.
  if (budget?.limit != null) marks.push({ kind: 'real', label: 'real limit', tokens: budget.limit });
  const advertised = latestOf(limit, 'advertised');
  if (advertised !== undefined)
    marks.push({ kind: 'advertised', label: 'advertised limit', tokens: advertised.tokens });
  if (effective !== undefined) marks.push({ kind: 'effective', label: 'effective limit', tokens: effective });
  return marks;
}

function latestOf({ evidence }: ContextLimit, source: EvidenceSource) {
  return evidence
    .filter(e => e.source === source)
    .reduce<(typeof evidence)[number] | undefined>(
      (a, b) => (a === undefined || b.at >= a.at ? b : a),
      undefined,
    );
}

/** A plan for another window, file by file in the order of the map's. Null: nothing would fit there. */
export function* whatIfOf(
  plan: Plan,
  limit: number,
  other: { readonly plan: Plan; readonly budget: Budget } | null,
): Pausing<WhatIf> {
  const plannedAt = findNext(other?.plan.files ?? []);
  const forms: MapForm[] = [];
  const tokens: number[] = [];
  for (const file of plan.files) {
    const now = plannedAt(file.path);
    forms.push(now === undefined ? (file.unwanted === true ? 'excluded' : 'left-out') : formOf(now));
    tokens.push(now?.tokens ?? 0);
    if (forms.length % piece === 0) yield;
  }
  return { limit, forms, tokens, parts: other === null ? [] : partsOf(other.budget, other.plan, 0, 0) };
}
