import * as vscode from 'vscode';

import { describeError, LongviewError } from '../core/errors.ts';
import { displayName } from '../core/pack/savedSelections.ts';
import { sharedSelections } from '../core/pack/selectionsFile.ts';
import { noSteering } from '../core/pack/steering.ts';
import { pickChoice } from './choicePicker.ts';
import { commands } from './ids.ts';
import type { Shared } from './selections.ts';
import type { Services } from './services.ts';
import { choiceTitle, type Choice } from './steering.ts';
import { openFolders } from './workspace.ts';

/** "Longview: Choose What the Prompt Holds": presets and saved selections; saving, sharing and deleting these. */
export function registerChooseFiles(context: vscode.ExtensionContext, services: Services): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(commands.chooseFiles, async () => {
      try {
        await chooseFiles(services);
      } catch (error) {
        services.log.error(error instanceof Error ? error : String(error));
        await vscode.window.showErrorMessage(describeError(error));
      }
    }),
  );
}

async function chooseFiles(services: Services): Promise<void> {
  if (openFolders().length === 0)
    throw new LongviewError('no-workspace', 'No folder is open.', 'Open a folder, then choose.');
  const picked = await pickChoice(services);
  const { steering } = services;
  switch (picked?.kind) {
    case undefined:
      return;
    case 'choose':
      // What cannot serve here is not taken: the prompt would hold nothing.
      if (picked.totals?.kind === 'cannot')
        void vscode.window.showWarningMessage(describeError(picked.totals.why));
      else await steering.choose(picked.choice);
      return;
    case 'take-back':
      await steering.say([''], undefined);
      return;
    case 'save':
      return save(services);
    case 'share':
      return share(picked.choice, services);
    case 'delete':
      return remove(picked.choice, picked.shared, services);
    case 'open':
      await vscode.window.showTextDocument(picked.file);
  }
}

/** The preset and all wishes under a name; the user's own wishes are part of it from then on. */
async function save({ steering, selections }: Services): Promise<void> {
  const { usable } = selections.own();
  const { choice, current } = steering;
  const taken = new Set([...usable.values()].map(selection => selection.name));
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Save What the Prompt Holds'),
    prompt: vscode.l10n.t('A name for this selection'),
    value: choice.from === 'own' ? choiceTitle(choice) : '',
    validateInput: text => {
      const name = displayName(text);
      if (name === '') return vscode.l10n.t('Give it a name.');
      return taken.has(name)
        ? {
            message: vscode.l10n.t('Replaces the selection of this name.'),
            severity: vscode.InputBoxValidationSeverity.Info,
          }
        : undefined;
    },
  });
  if (typed === undefined) return;
  const name = displayName(typed);
  const key = [...usable].find(([, selection]) => selection.name === name)?.[0] ?? name;
  const selection = { name, preset: choice.selection.preset, wishes: current };
  await selections.keep(key, selection);
  await steering.choose({ selection, from: 'own', key }, noSteering);
}

/** Moves an own selection into the file of a folder. */
async function share({ selection, key }: Choice, services: Services): Promise<void> {
  const { selections, steering } = services;
  const name = selection.name ?? '';
  const folder = await chooseFolder(await selections.shared());
  if (folder === undefined || key === undefined) return;
  if (folder.problem !== undefined) throw new LongviewError('bad-settings', folder.problem, '');
  const there = [...folder.saved.usable].find(([, other]) => other.name === name)?.[0];
  if (there !== undefined && !(await isReplacing(name, services))) return;
  const target = there ?? name;
  await selections.share(folder, target, selection);
  await selections.keep(key, undefined);
  const { choice } = steering;
  if (choice.from === 'own' && choice.key === key)
    await steering.choose({ selection, from: 'shared', key: folder.prefix + target });
  const open = vscode.l10n.t('Open File');
  const said = vscode.l10n.t(
    '“{0}” is shared in {1}. Commit the file to give it to others.',
    name,
    sharedSelections,
  );
  void vscode.window.showInformationMessage(said, open).then(async answer => {
    if (answer === open) await vscode.window.showTextDocument(folder.file);
  });
}

async function isReplacing(name: string, { confirm }: Services): Promise<boolean> {
  const replace = vscode.l10n.t('Replace');
  const answer = await confirm({
    title: vscode.l10n.t('Replace “{0}” in {1}?', name, sharedSelections),
    detail: vscode.l10n.t('A selection of this name is shared already.'),
    choices: [replace],
  });
  return answer === replace;
}

async function chooseFolder(shared: readonly Shared[]): Promise<Shared | undefined> {
  if (shared.length <= 1) return shared[0];
  const picked = await vscode.window.showQuickPick(
    shared.map(folder => ({ label: folder.prefix.slice(0, -1), folder })),
    { title: vscode.l10n.t('Share in Which Folder?') },
  );
  return picked?.folder;
}

/** What is chosen stays chosen: only its name goes. */
async function remove(choice: Choice, shared: Shared | undefined, services: Services): Promise<void> {
  const { selections, confirm } = services;
  const { key, from } = choice;
  if (key === undefined) return;
  const name = choiceTitle(choice);
  const deleting = vscode.l10n.t('Delete');
  const answer = await confirm({
    title: vscode.l10n.t('Delete the selection “{0}”?', name),
    detail:
      from === 'shared'
        ? vscode.l10n.t('It is taken out of {0}, for everybody who gets that file.', sharedSelections)
        : vscode.l10n.t('No file is touched.'),
    choices: [deleting],
  });
  if (answer !== deleting) return;
  if (shared === undefined) await selections.keep(key, undefined);
  else await selections.share(shared, key.slice(shared.prefix.length), undefined);
}
