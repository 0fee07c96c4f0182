import { createHash } from 'node:crypto';

import { LongviewError } from '../errors.ts';
import { inTurns, pacer } from '../pace.ts';
import type { Inventory } from '../workspace/types.ts';
import type { Centrality } from './graph.ts';
import type { Measurer } from './measurer.ts';
import { judging, presetOf, type Facts, type PresetId, type Verdict } from './presets.ts';
import { historyOf, importsOfFiles, type SignalOptions } from './signals.ts';
import { noSteering, wishFor, wishLookup, type Steering } from './steering.ts';

/** What the user chose for prompts to hold: a preset, and where it was saved, a name and wishes. */
export interface Selection {
  readonly preset: PresetId;
  /** As it is displayed; absent for a preset by itself. */
  readonly name?: string;
  /** They are part of the steering that goes with it, and tell its wishes from the user's own. */
  readonly wishes: Steering;
}

export const everything: Selection = { preset: 'everything', wishes: noSteering };

/** A preset's verdicts on the files of one inventory. */
export interface Chosen {
  readonly preset: PresetId;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** The same verdicts have the same. */
  readonly digest: string;
}

const remedy = 'Choose something else: “Longview: Choose What the Prompt Holds” (CLI: --preset).';

/**
 * What a selection takes in. Undefined where it is everything. Throws `nothing-chosen` where the preset cannot serve
 * here, or where it leaves nothing: never is a prompt made of no files because of it.
 */
export async function chooseFiles(
  inventory: Inventory,
  selection: Selection,
  steering: Steering,
  options: SignalOptions,
  measurer: Pick<Measurer, 'centrality' | 'history'>,
): Promise<Chosen | undefined> {
  const { preset, name } = selection;
  if (preset === 'everything') {
    if (name === undefined || inventory.files.length === 0) return undefined;
    const wishOf = wishLookup(steering);
    if (inventory.files.some(f => wishOf(f.path) !== 'exclude')) return undefined;
    throw nothingChosen(selection);
  }
  const facts = await factsFor([preset], inventory, options, measurer);
  const problem = problemOf(preset, facts);
  if (problem !== undefined) throw problem;
  const breathe = pacer(options.signal);
  const verdicts = await inTurns(judging(preset, facts), breathe);
  const hash = createHash('sha256');
  let some = inventory.files.length === 0;
  for (const [path, verdict] of verdicts) {
    hash.update(`${path}\0${verdict.in}\0${verdict.why}\0`);
    some ||= isChosen(path, verdicts, steering);
    await breathe();
  }
  if (!some) throw nothingChosen(selection);
  return { preset, verdicts, digest: `${preset} ${hash.digest('hex')}` };
}

/** Whether a file may stand in the prompt: a wish on its path wins over the preset. */
export function isChosen(
  path: string,
  verdicts: ReadonlyMap<string, Verdict> | undefined,
  steering: Steering,
): boolean {
  const wish = steering.size === 0 ? undefined : wishFor(steering, path)?.wish;
  if (wish !== undefined) return wish !== 'exclude';
  return verdicts?.get(path)?.in ?? true;
}

export function nothingChosen({ preset, name }: Selection): LongviewError {
  return nothing(`“${name ?? presetOf(preset).title}” holds no file of this workspace.`);
}

function nothing(message: string): LongviewError {
  return new LongviewError('nothing-chosen', message, remedy);
}

/** What was found out for presets; `changed` is absent where git cannot tell. */
interface Found extends Omit<Facts, 'changed'> {
  readonly changed: ReadonlySet<string>;
  readonly whyUnknown?: LongviewError;
  readonly bases: readonly string[];
}

/** Of the graph and of git only what these presets go by. */
export async function factsFor(
  asked: readonly PresetId[],
  inventory: Inventory,
  options: SignalOptions,
  measurer: Pick<Measurer, 'centrality' | 'history'>,
): Promise<Found> {
  const history = asked.includes('changed') ? await historyOf(inventory, options, measurer) : { bases: [] };
  const needsImports = asked.includes('tests') || (history.changed !== undefined && history.changed.size > 0);
  const graph = needsImports ? await importsOfFiles(inventory, options, measurer) : undefined;
  return {
    files: inventory.files,
    imports: graph === undefined ? [] : { [Symbol.iterator]: () => pairsOf(graph) },
    changed: history.changed ?? new Set(),
    ...(history.changed === undefined && { whyUnknown: gitMissing(options) }),
    bases: history.bases,
  };
}

/** Why a preset cannot serve, by what was found. */
export function problemOf(
  preset: PresetId,
  { changed, whyUnknown, bases }: Found,
): LongviewError | undefined {
  if (preset !== 'changed') return undefined;
  if (whyUnknown !== undefined) return whyUnknown;
  if (changed.size > 0) return undefined;
  return nothing(`No file here has changed on this branch since ${bases[0] ?? 'the last commit'}.`);
}

function gitMissing({ trusted = false }: SignalOptions): LongviewError {
  const { title } = presetOf('changed');
  return trusted
    ? nothing(`“${title}” needs git, and a folder with a commit: what has changed is not known here.`)
    : new LongviewError(
        'nothing-chosen',
        `“${title}” needs git, which Longview does not run in a workspace that is not trusted.`,
        'Trust the workspace, or choose something else: “Longview: Choose What the Prompt Holds”.',
      );
}

function* pairsOf({
  code,
  imports,
}: Pick<Centrality, 'imports'> & { readonly code: Inventory['files'] }): Generator<[string, string]> {
  for (let i = 0; i + 1 < imports.length; i += 2) {
    const from = code[imports[i] ?? 0];
    const to = code[imports[i + 1] ?? 0];
    if (from !== undefined && to !== undefined) yield [from.path, to.path];
  }
}
