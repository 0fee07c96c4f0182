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
  dispose(): void;
}

const key = 'steering';

export function createSteeringChoices(
  state: vscode.Memento,
  log: Pick<vscode.LogOutputChannel, 'warn'>,
): SteeringChoices {
  const changed = new vscode.EventEmitter<Steering>();
  let current = read(state, log);
  return {
    get current() {
      return current;
    },
    onDidChange: changed.event,
    async say(paths, wish) {
      current = steer(current, paths, wish);
      changed.fire(current);
      await state.update(key, steeringToJson(current));
    },
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
