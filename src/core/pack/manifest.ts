import type { Pausing } from '../pace.ts';
import { copyOf, findPlaces } from '../workspace/byPath.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import type { Manifest, ManifestEntry, Plan, PlannedFile } from './types.ts';

/** A file of a pack, as plan and inventory have it. */
export interface Packed {
  readonly planned: PlannedFile & { readonly form: ManifestEntry['form'] };
  readonly source: SourceFile;
}

/**
 * A manifest that looks its entries up in the plan and the inventory that the pack was made of: one for each of 100,000
 * files takes long to make, and much to keep.
 */
export interface PackedFiles extends Manifest {
  packed(index: number): Packed | undefined;
}

/** Files looked at without a pause. */
const piece = 1000;

/** What a plan packs of an inventory. */
export function* packing(
  { files: planned }: Pick<Plan, 'files'>,
  inventory: Pick<Inventory, 'files'>,
): Pausing<PackedFiles> {
  // It lives as long as the pack.
  const sources = copyOf(inventory.files);
  const sourceAt = findPlaces(sources);
  const inPlan = new Uint32Array(planned.length);
  const inSources = new Uint32Array(planned.length);
  let length = 0;
  for (let i = 0; i < planned.length; i++) {
    if (i % piece === 0) yield;
    const { form, path } = planned[i] as PlannedFile;
    if (form === 'listed' || form === 'left-out') continue;
    const at = sourceAt(path);
    if (at === undefined) continue;
    inPlan[length] = i;
    inSources[length++] = at;
  }

  const packed = (index: number): Packed | undefined =>
    index >= 0 && index < length
      ? {
          planned: planned[inPlan[index] ?? 0] as Packed['planned'],
          source: sources[inSources[index] ?? 0] as SourceFile,
        }
      : undefined;
  const at = (index: number): ManifestEntry | undefined => {
    const found = packed(index);
    if (found === undefined) return undefined;
    const { path, form, tokens } = found.planned;
    const { absolutePath, lines, hash } = found.source;
    return { path, absolutePath, form, tokens, lines, hash };
  };
  return {
    length,
    packed,
    at,
    indexOf(path) {
      let [low, high] = [0, length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((planned[inPlan[middle] ?? 0]?.path ?? '') < path) low = middle + 1;
        else high = middle;
      }
      return low < length && planned[inPlan[low] ?? 0]?.path === path ? low : undefined;
    },
    *[Symbol.iterator]() {
      for (let i = 0; i < length; i++) yield at(i) as ManifestEntry;
    },
  };
}
