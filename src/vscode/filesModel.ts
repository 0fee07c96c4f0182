import { inTurns, pacer } from '../core/pace.ts';
import { filesTree, type FilesTree } from '../core/pack/filesTree.ts';
import type { Steering } from '../core/pack/steering.ts';
import type { Plan } from '../core/pack/types.ts';
import type { Gauge } from './gauge.ts';
import type { SteeringChoices } from './steering.ts';

/** Every file of the workspace as the gauge's plan has it, made when somebody looks. */
export interface FilesModel {
  /** Up to date with the gauge; undefined where that has no plan. */
  current(): Promise<FilesTree | undefined>;
}

export function createFilesModel(gauge: Gauge, steering: SteeringChoices): FilesModel {
  let tree: FilesTree | undefined;
  let of: { readonly plan: Plan; readonly wishes: Steering } | undefined;
  let making: Promise<unknown> = Promise.resolve();

  async function update(): Promise<FilesTree | undefined> {
    const { state } = gauge;
    if (state.kind !== 'ready') return undefined;
    const { inventory, plan } = state.survey;
    const wishes = steering.current;
    if (of?.plan === plan && of.wishes === wishes && tree !== undefined) return tree;
    tree = await inTurns(filesTree({ inventory, plan, steering: wishes }, tree), pacer(undefined));
    of = { plan, wishes };
    return tree;
  }

  return {
    // One at a time: the tree is changed in place.
    current() {
      const next = making.then(update);
      making = next.catch(() => undefined);
      return next;
    },
  };
}
