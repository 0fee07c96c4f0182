import * as vscode from 'vscode';

import { describeError } from '../core/errors.ts';
import {
  noSteering,
  parseSteering,
  steer,
  steeringToJson,
  type Steering,
  type Wish,
} from '../core/pack/steering.ts';

/** What the user wants of files and folders, kept per workspace; every survey and every ask goes by it. */
export interface SteeringChoices {
  readonly current: Steering;
  readonly onDidChange: vscode.Event<Steering>;
  /** As `steer`; `undefined` takes back what was said. Resolves once it is kept. */
  say(paths: readonly string[], wish: Wish | undefined): Promise<void>;
  /** Any change, all of it at once. Resolves once it is kept. */
  change(how: (current: Steering) => Steering): Promise<void>;
  dispose(): void;
}

const key = 'steering';

export function createSteeringChoices(
  state: vscode.Memento,
  log: Pick<vscode.LogOutputChannel, 'warn'>,
): SteeringChoices {
  const changed = new vscode.EventEmitter<Steering>();
  let current = read(state, log);
  async function change(how: (current: Steering) => Steering): Promise<void> {
    current = how(current);
    changed.fire(current);
    await state.update(key, steeringToJson(current));
  }
  return {
    get current() {
      return current;
    },
    onDidChange: changed.event,
    say: (paths, wish) => change(now => steer(now, paths, wish)),
    change,
    dispose: () => changed.dispose(),
  };
}

function read(state: vscode.Memento, log: Pick<vscode.LogOutputChannel, 'warn'>): Steering {
  try {
    return parseSteering(state.get<unknown>(key) ?? {}, 'What was kept for this workspace');
  } catch (error) {
    log.warn(`No file is pinned or taken out: ${describeError(error)}`);
    return noSteering;
  }
}
