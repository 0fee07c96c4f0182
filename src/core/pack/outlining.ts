import { eachInTurns, inTurns, pacer } from '../pace.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import type { Measurer } from './measurer.ts';
import { hasOutline } from './outline.ts';
import { outlinesWanted, type Contenders, type FormCosts } from './slots.ts';
import { createTokenColumn, unknown, type TokenColumn } from './tokenColumn.ts';

/** What a file's outline takes of the file's tokens, until some have been made; close to the median of what was seen. */
const expectedOutline = 0.22;
/** Each round outlines what the plan of the round before wants outlined; what is still unknown then has no outline. */
const outlineRounds = 6;
/** An outline may be this much shorter than those of its like. */
const shortOutline = 0.6;
const mostAtLast = 64;

/** The outlines that were made for a plan. */
export interface Outlining {
  readonly tokens: TokenColumn;
  /** Makes those that were not asked for before. */
  outline(files: readonly SourceFile[]): Promise<void>;
  /** Makes outlines until a plan in this room, tokens, wants none any more that was not asked for. */
  outlineWanted(contenders: Contenders, room: number, costs: Pick<FormCosts, 'listed'>): Promise<void>;
}

/** Throws `signal.reason`. */
export function createOutlining(
  inventory: Pick<Inventory, 'files'>,
  { maxFileBytes, signal }: { readonly maxFileBytes: number; readonly signal?: AbortSignal },
  measurer: Measurer,
): Outlining {
  const column = createTokenColumn(inventory.files);
  const { tokens, placeOf } = column;
  const isAsked = ({ path }: SourceFile) => tokens[placeOf(path) ?? -1] !== unknown;
  const breathe = pacer(signal);
  /** Of all files that have an outline: what they take in full, and as outlines. */
  let [whole, outlined] = [0, 0];

  async function outline(files: readonly SourceFile[]): Promise<void> {
    if (files.length === 0) return;
    const made = await measurer.outlines(files, { maxFileBytes, ...(signal && { signal }) });
    let at = 0;
    await eachInTurns(files, breathe, file => {
      const found = made[at++] ?? 0;
      const place = placeOf(file.path);
      if (place !== undefined) tokens[place] = found;
      if (found === 0) return;
      whole += file.tokens;
      outlined += found;
    });
  }

  return {
    tokens: column,
    outline,
    async outlineWanted(contenders, room, costs) {
      let ending = false;
      for (let round = 0; round < outlineRounds; round++) {
        await breathe();
        const share = whole === 0 || round === 0 ? expectedOutline : Math.min(1, outlined / whole);
        const part = share * (ending ? shortOutline : 1);
        const expected = (file: SourceFile) =>
          isAsked(file) || !hasOutline(file.language) ? undefined : Math.ceil(file.tokens * part);
        const all = { ...costs, outlines: column, expected };
        const wanted = await inTurns(outlinesWanted(contenders, room, all), breathe);
        const left = wanted.filter(file => !isAsked(file));
        if (left.length === 0 && ending) break;
        if (left.length === 0) ending = true;
        // In the end only what may fill the last of the room, where it is shorter than most.
        await outline(ending ? left.slice(0, mostAtLast) : left);
      }
    },
  };
}
