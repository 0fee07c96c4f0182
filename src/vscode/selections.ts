import * as vscode from 'vscode';

import { describeError, LongviewError } from '../core/errors.ts';
import {
  noSelections,
  parseSelections,
  wishesWithin,
  withSelection,
  type SavedSelections,
} from '../core/pack/savedSelections.ts';
import type { Selection } from '../core/pack/selection.ts';
import { readShared, sharedSelections, writeShared } from '../core/pack/selectionsFile.ts';
import { uniqueNames } from '../core/workspace/listFiles.ts';
import { uriOf } from './places.ts';
import type { SteeringChoices } from './steering.ts';
import type { VirtualFolders } from './virtualFolders.ts';
import { openFolders } from './workspace.ts';

/** What one folder shares, or why that cannot be used. */
export interface Shared {
  readonly file: vscode.Uri;
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Of several folders its name with a `/`; else ''. */
  readonly prefix: string;
  readonly saved: SavedSelections;
  readonly problem?: string;
}

/** Saved selections: this workspace's own, kept by VS Code, and those it shares in files. */
export interface Selections {
  own(): SavedSelections;
  /** By folder, in order. Never rejects: a file that cannot be used says why. */
  shared(): Promise<readonly Shared[]>;
  /** Sets an own one, or with `undefined` deletes it. */
  keep(name: string, selection: Pick<Selection, 'preset' | 'wishes'> | undefined): Promise<void>;
  /** The same in the file of a folder. Throws where its paths are elsewhere, or the file is not understood. */
  share(
    folder: Shared,
    name: string,
    selection: Pick<Selection, 'preset' | 'wishes'> | undefined,
  ): Promise<void>;
  dispose(): void;
}

const memory = 'selections';

export function createSelections(
  state: vscode.Memento,
  steering: SteeringChoices,
  virtual: VirtualFolders,
  log: Pick<vscode.LogOutputChannel, 'warn'>,
): Selections {
  const read = () => parseSelections(state.get<unknown>(memory) ?? {}, 'What was saved for this workspace');
  const own = () => {
    try {
      return read();
    } catch (error) {
      log.warn(describeError(error));
      return noSelections;
    }
  };

  const shared = () => {
    const folders = openFolders();
    const names = uniqueNames(folders.map(folder => folder.name));
    return Promise.all(
      folders.map(async ({ path }, i) => {
        const prefix = folders.length > 1 ? `${names[i]}/` : '';
        const file = vscode.Uri.joinPath(uriOf(path), sharedSelections);
        try {
          await virtual.fetch(path, sharedSelections);
          return { file, folder: path, prefix, saved: await readShared(path, prefix) };
        } catch (error) {
          return { file, folder: path, prefix, saved: noSelections, problem: describeError(error) };
        }
      }),
    );
  };

  /** What was chosen of a shared file stays what the file says; where it says nothing any more, what it said last. */
  async function follow(): Promise<void> {
    const { choice } = steering;
    if (choice.from !== 'shared' || choice.key === undefined) return;
    for (const { prefix, saved } of await shared()) {
      if (!choice.key.startsWith(prefix)) continue;
      const selection = saved.usable.get(choice.key.slice(prefix.length));
      if (selection === undefined || steering.choice !== choice) continue;
      await steering.choose({ ...choice, selection });
      return;
    }
    log.warn(
      `“${choice.selection.name ?? choice.key}” is not in ${sharedSelections} any more; it stays as it was.`,
    );
  }

  // Of a folder that is new, only the folder may be told.
  const watcher = vscode.workspace.createFileSystemWatcher('**/.longview{,/selections.json}');
  const following = () => void follow().catch((error: unknown) => log.warn(describeError(error)));
  watcher.onDidChange(following);
  watcher.onDidCreate(following);
  following();

  return {
    own,
    shared,
    async keep(name, selection) {
      // What is not understood is not written over.
      await state.update(memory, withSelection(read(), name, selection));
    },
    async share({ folder, prefix }, name, selection) {
      if (!vscode.workspace.isTrusted)
        throw new LongviewError(
          'untrusted',
          vscode.l10n.t('Nothing is written into a folder that you do not trust.'),
          vscode.l10n.t('Trust the workspace, or keep the selection to yourself.'),
        );
      const wishes = selection && wishesWithin(selection.wishes, prefix);
      if (selection !== undefined && wishes === undefined)
        throw new LongviewError(
          'bad-usage',
          'The selection speaks of files in several folders, and each folder shares its own.',
          'Save one for each folder.',
        );
      await virtual.writing(folder, sharedSelections, () =>
        writeShared(folder, name, selection && wishes && { preset: selection.preset, wishes }),
      );
    },
    dispose: () => void watcher.dispose(),
  };
}
