import type { LongviewError } from '../errors.ts';
import { countersOwn, countingMeasurer, inEndpointTokens } from '../pack/countingMeasurer.ts';
import type { Measurer } from '../pack/measurer.ts';
import { judging, type PresetId, type Verdict } from '../pack/presets.ts';
import { factsFor, isChosen, nothingChosen, problemOf, type Selection } from '../pack/selection.ts';
import { wishFor, type Steering } from '../pack/steering.ts';
import { inTurns, pacer } from '../pace.ts';
import { takeInventory } from '../workspace/inventory.ts';
import type { SourceFile } from '../workspace/types.ts';
import { countingFor } from './counting.ts';
import type { PrepareRequest } from './prepareTypes.ts';

/** What a choice would put into the prompt if there were room for all of it, or why it cannot serve. */
export type ChoiceTotals =
  | { readonly kind: 'holds'; readonly files: number; readonly tokens: number }
  | { readonly kind: 'cannot'; readonly why: LongviewError };

export interface Choice {
  readonly selection: Selection;
  /** The selection's wishes, and the user's own over them. */
  readonly steering: Steering;
}

export type ChoiceRequest = Pick<
  PrepareRequest,
  'folders' | 'trusted' | 'endpoint' | 'counting' | 'takeInventory' | 'settings' | 'signal'
>;

/** Totals of many choices, in order, for little more than one takes. Throws `signal.reason`. */
export async function choiceTotals(
  request: ChoiceRequest,
  choices: readonly Choice[],
  workers: Measurer,
): Promise<ChoiceTotals[]> {
  const { folders, trusted, settings, signal } = request;
  const counting = request.counting ?? countingFor(request.endpoint);
  const options = { maxFileBytes: settings.maxFileBytes, trusted, ...(signal && { signal }) };
  const take = request.takeInventory ?? takeInventory;
  const { inventory: counted } = await take(folders, options, countersOwn(workers, counting));
  const breathe = pacer(signal);
  const files = await inTurns(inEndpointTokens(counted.files, counting), breathe);
  const inventory = { ...counted, files };
  const presets = [...new Set(choices.map(({ selection }) => selection.preset))];
  const facts = await factsFor(presets, inventory, options, countingMeasurer(workers, counting));
  const verdicts = new Map<PresetId, ReadonlyMap<string, Verdict>>();
  const totals: ChoiceTotals[] = [];
  for (const { selection, steering } of choices) {
    const { preset } = selection;
    const why = problemOf(preset, facts);
    if (why !== undefined) {
      totals.push({ kind: 'cannot', why });
      continue;
    }
    let own = verdicts.get(preset);
    if (own === undefined && preset !== 'everything')
      verdicts.set(preset, (own = await inTurns(judging(preset, facts), breathe)));
    let files = 0;
    let tokens = 0;
    for (const file of inventory.files) {
      await breathe();
      if (!isChosen(file.path, own, steering)) continue;
      files++;
      tokens += wantedOf(file, steering);
    }
    if (files === 0 && inventory.files.length > 0)
      totals.push({ kind: 'cannot', why: nothingChosen(selection) });
    else totals.push({ kind: 'holds', files, tokens });
  }
  return totals;
}

function wantedOf({ path, tokens, shortened }: SourceFile, steering: Steering): number {
  const wish = steering.size === 0 ? undefined : wishFor(steering, path)?.wish;
  const whole = wish === 'pin' || wish === 'full';
  return shortened === undefined || whole ? tokens : Math.min(tokens, shortened.tokens);
}
