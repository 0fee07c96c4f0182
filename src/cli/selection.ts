import { LongviewError } from '../core/errors.ts';
import { everything, type Selection } from '../core/pack/selection.ts';
import { readShared, sharedSelections } from '../core/pack/selectionsFile.ts';
import { layered, noSteering, type Steering } from '../core/pack/steering.ts';
import type { Options } from './args.ts';
import { printableName } from './printable.ts';
import type { Terminal } from './terminal.ts';

/**
 * What `--preset` or `--selection` names, with the wishes of `--pin` and its like over it. Throws `bad-usage` for a
 * selection that `folder` (absolute) does not share, `bad-settings` where its file cannot be used.
 */
export async function chosenBy(
  { preset, selection: name, steering = noSteering }: Options,
  folder: string,
  terminal: Terminal,
): Promise<{ readonly selection: Selection; readonly steering: Steering }> {
  if (name === undefined)
    return { selection: { ...everything, ...(preset !== undefined && { preset }) }, steering };
  const { usable, unusable } = await readShared(folder);
  for (const { name: other, why } of unusable)
    terminal.tell(`${sharedSelections}: “${printableName(other)}” cannot be used: ${printableName(why)}.`);
  const selection = usable.get(name) ?? [...usable.values()].find(one => one.name === name);
  if (selection !== undefined) return { selection, steering: layered(selection.wishes, steering) };
  const names = [...usable.values()].map(one => one.name);
  throw new LongviewError(
    'bad-usage',
    `${sharedSelections} holds no selection “${name}”.`,
    names.length === 0 ? 'It holds none.' : `It holds: ${names.map(printableName).join(', ')}.`,
  );
}
