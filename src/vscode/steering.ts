import * as vscode from 'vscode';

import { describeError } from '../core/errors.ts';
import { presetOf } from '../core/pack/presets.ts';
import { displayName, parseSelection, storedSelection } from '../core/pack/savedSelections.ts';
import { everything, type Selection } from '../core/pack/selection.ts';
import {
  layered,
  noSteering,
  parseSteering,
  steer,
  steeringToJson,
  type Steering,
  type Wish,
} from '../core/pack/steering.ts';

/** Where a selection comes from: a preset by itself, this workspace's own list, or the file it shares. */
export type Origin = 'preset' | 'own' | 'shared';

/** What the user chose for prompts to hold. */
export interface Choice {
  readonly selection: Selection;
  readonly from: Origin;
  /** Its name as stored, where it is a saved one; in one of several folders the shared file's folder goes before it. */
  readonly key?: string;
}

/** What the user wants of files and folders, kept per workspace; every survey and every ask goes by it. */
export interface SteeringChoices {
  /** All wishes: the selection's, and over them the user's own. */
  readonly current: Steering;
  /** What the user said of single paths. */
  readonly own: Steering;
  readonly choice: Choice;
  readonly onDidChange: vscode.Event<Steering>;
  /** As `steer`; `undefined` takes back what was said. Resolves once it is kept. */
  say(paths: readonly string[], wish: Wish | undefined): Promise<void>;
  /** Goes by this from now on; `own` replaces the wishes of single paths, which stay otherwise. */
  choose(choice: Choice, own?: Steering): Promise<void>;
  /**
   * Any change to the user's own wishes, all of it at once; `partly` as for `steer`. Resolves once it is kept.
   */
  change(how: (own: Steering, partly: boolean) => Steering): Promise<void>;
  dispose(): void;
}

/** For the user: the saved selection's name, or the preset's. */
export function choiceTitle({ selection }: Choice): string {
  return selection.name ?? presetOf(selection.preset).title;
}

const key = 'steering';
const choiceKey = 'chosen';
const fromEverything: Choice = { selection: everything, from: 'preset' };

export function createSteeringChoices(
  state: vscode.Memento,
  log: Pick<vscode.LogOutputChannel, 'warn'>,
): SteeringChoices {
  const changed = new vscode.EventEmitter<Steering>();
  let own = readWishes(state, log);
  let choice = readChoice(state, log);
  let current = layered(choice.selection.wishes, own);
  const settle = () => {
    current = layered(choice.selection.wishes, own);
    changed.fire(current);
  };
  async function change(how: (now: Steering, partly: boolean) => Steering): Promise<void> {
    const { preset, wishes } = choice.selection;
    own = how(own, preset !== 'everything' || wishes.size > 0);
    settle();
    await state.update(key, steeringToJson(own));
  }
  return {
    get current() {
      return current;
    },
    get own() {
      return own;
    },
    get choice() {
      return choice;
    },
    onDidChange: changed.event,
    say: (paths, wish) => change((now, partly) => steer(now, paths, wish, partly)),
    change,
    async choose(next, wishes = own) {
      choice = next;
      own = wishes;
      settle();
      await state.update(key, steeringToJson(own));
      const { selection, from, key: name } = choice;
      await state.update(choiceKey, {
        from,
        ...(name !== undefined && { key: name }),
        ...(selection.name !== undefined && { name: selection.name }),
        ...storedSelection(selection),
      });
    },
    dispose: () => changed.dispose(),
  };
}

function readWishes(state: vscode.Memento, log: Pick<vscode.LogOutputChannel, 'warn'>): Steering {
  try {
    return parseSteering(state.get<unknown>(key) ?? {}, 'What was kept for this workspace');
  } catch (error) {
    log.warn(`No file is pinned or taken out: ${describeError(error)}`);
    return noSteering;
  }
}

function readChoice(state: vscode.Memento, log: Pick<vscode.LogOutputChannel, 'warn'>): Choice {
  const kept = state.get<unknown>(choiceKey);
  if (typeof kept !== 'object' || kept === null) return fromEverything;
  const { from, key: stored, name } = kept as Record<string, unknown>;
  try {
    const selection = parseSelection(kept);
    if ((from !== 'own' && from !== 'shared') || typeof stored !== 'string' || typeof name !== 'string')
      return { selection: { ...selection, wishes: noSteering }, from: 'preset' };
    return { selection: { ...selection, name: displayName(name) }, from, key: stored };
  } catch (error) {
    log.warn(`The prompt holds everything: what was chosen for it cannot be read. ${describeError(error)}`);
    return fromEverything;
  }
}
