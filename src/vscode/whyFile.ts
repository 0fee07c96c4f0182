import { existsSync } from 'node:fs';
import * as vscode from 'vscode';

import type { FilesNode } from '../core/pack/filesTree.ts';
import { steer, tick, wishFor } from '../core/pack/steering.ts';
import { describeWhy, rankOf, type WhyAction, type WhyCase } from '../core/pack/whyFile.ts';
import { absolutePathOf, inFolder, innermostFolder, workspacePath } from '../core/workspace/folderPaths.ts';
import { fsPath, isGitInternal } from '../core/workspace/names.ts';
import { ignoredBy } from '../core/workspace/whyIgnored.ts';
import { commands, settingKeys } from './ids.ts';
import { pathOf, uriOf } from './places.ts';
import type { Services } from './services.ts';

/** Shows a path in the Files view; false where it is not there. */
export type Reveal = (path: string) => Promise<boolean>;

interface Item extends vscode.QuickPickItem {
  readonly action?: WhyAction;
}

/**
 * Answers for a row, a file of the explorer, or the active editor. A list: its title is the question, its placeholder
 * the answer, its rows are the facts and what can be done.
 */
export async function whyFile(
  target: vscode.Uri | FilesNode | undefined,
  services: Services,
  reveal: Reveal,
): Promise<void> {
  const asked = target ?? vscode.window.activeTextEditor?.document.uri;
  if (asked === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Open a file first, then ask again.'));
    return;
  }
  const found = await caseOf(asked, services);
  const why = describeWhy(found.known);
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = vscode.l10n.t('Why Is This File Not in the Prompt? {0}', found.name);
  pick.placeholder = why.answer;
  const facts: Item[] = [why.answer, ...why.facts].map((label, i) => ({
    label: `${i === 0 ? '$(info) ' : ''}${withoutIcons(label)}`,
    alwaysShow: true,
  }));
  const actions: Item[] = why.actions.map(action => ({
    action,
    label: action.label,
    description: action.detail,
    iconPath: new vscode.ThemeIcon(iconOf(action)),
    alwaysShow: true,
  }));
  const can: Item = { label: vscode.l10n.t('What you can do'), kind: vscode.QuickPickItemKind.Separator };
  pick.items = [...facts, ...(actions.length > 0 ? [can, ...actions] : [])];
  pick.activeItems = actions.slice(0, 1);
  try {
    const action = await new Promise<WhyAction | undefined>(resolve => {
      // A fact is there to be read: choosing it does nothing.
      pick.onDidAccept(() => {
        const chosen = pick.selectedItems[0]?.action;
        if (chosen !== undefined) resolve(chosen);
      });
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
    pick.hide();
    if (action !== undefined) await act(action, found, services, reveal);
  } finally {
    pick.dispose();
  }
}

interface Found {
  readonly name: string;
  /** Workspace-relative; '' where it has no place in the workspace. */
  readonly path: string;
  readonly known: WhyCase;
}

/** What is known of a file. */
export async function caseOf(target: vscode.Uri | FilesNode, services: Services): Promise<Found> {
  const uri = target instanceof vscode.Uri ? target : undefined;
  const { state } = services.gauge;
  const uriPath = uri && pathOf(uri);
  if (uri !== undefined && uriPath === undefined) {
    const name = uri.path.split('/').at(-1) ?? '';
    return { name, path: '', known: { kind: 'no-file', name: name === '' ? uri.toString() : name } };
  }
  if (state.kind !== 'ready') {
    const why =
      state.kind === 'failed' ? state.message : vscode.l10n.t('The files have not been counted yet.');
    return { name: uriPath ?? '', path: '', known: { kind: 'not-counted', why } };
  }
  const { folders } = state.survey.inventory;
  if (!(target instanceof vscode.Uri)) {
    const { path } = target;
    const absolutePath = absolutePathOf(path, folders) ?? path;
    return { name: path, path, known: await knownOf(path, absolutePath, services) };
  }
  const absolutePath = uriPath ?? '';
  const path = workspacePath(absolutePath, folders);
  return path === undefined
    ? { name: absolutePath, path: '', known: { kind: 'outside', path: absolutePath } }
    : { name: path, path, known: await knownOf(path, absolutePath, services) };
}

async function knownOf(path: string, absolutePath: string, services: Services): Promise<WhyCase> {
  const { state } = services.gauge;
  const tree = await services.files.current();
  if (state.kind !== 'ready' || tree === undefined) return { kind: 'not-listed', path };
  const { folders } = state.survey.inventory;
  const node = tree.nodes.get(path);
  if (node?.kind === 'file') {
    const { standing } = node;
    switch (standing.kind) {
      case 'planned': {
        const wish = wishFor(services.steering.current, path);
        const rank = rankOf(path, state.survey.plan);
        const { planned, source } = standing;
        const said = wish && { ...wish, isOwn: services.steering.own.has(wish.of) };
        return { kind: 'planned', planned, source, ...(said && { wish: said }), ...(rank && { rank }) };
      }
      case 'unchosen':
        return { kind: 'unchosen', planned: standing.planned, source: standing.source };
      case 'excluded': {
        const of = wishFor(services.steering.current, path)?.of ?? path;
        const { source, why } = standing;
        return { kind: 'excluded', path, of, source, ...(why !== undefined && { why }) };
      }
      case 'ignored': {
        const by = standing.file.leftOutBy;
        const file = by.kind === 'own-output' ? undefined : absolutePathOf(by.source, folders);
        return { kind: 'left-out', path, by, ...(file !== undefined && { file }) };
      }
      case 'skipped':
        return { kind: 'skipped', path, skip: standing.skip };
    }
  }
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const above = tree.nodes.get(path.slice(0, slash));
    if (above?.kind === 'file' && above.standing.kind === 'skipped')
      return { kind: 'skipped', path, skip: above.standing.skip };
  }
  if (isGitInternal(inFolder(path, folders)?.below ?? path)) return { kind: 'git-internal', path };
  if (!(await exists(absolutePath))) return { kind: 'gone', path };
  const folder = innermostFolder(absolutePath, folders)?.path ?? absolutePath;
  const by = await ignoredBy(absolutePath, folder, { trusted: vscode.workspace.isTrusted });
  return by === undefined ? { kind: 'not-listed', path } : { kind: 'ignored', path, by };
}

async function exists(path: string): Promise<boolean> {
  const uri = uriOf(path);
  // A name that is no text has no URI.
  if (uri.scheme === 'file') return existsSync(fsPath(path));
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

/** A name may look like one of VS Code's icons, `$(trash)`. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '$\u200b(');
}

function iconOf(action: WhyAction): string {
  switch (action.kind) {
    case 'say':
      return action.wish === 'pin'
        ? 'pin'
        : action.wish === 'exclude'
          ? 'exclude'
          : action.wish === undefined
            ? 'discard'
            : 'add';
    case 'open-rule':
      return 'go-to-file';
    case 'choose':
      return 'checklist';
    case 'open-setting':
      return 'gear';
    case 'select-endpoint':
      return 'plug';
    case 'add-folder':
      return 'root-folder';
    case 'count-again':
      return 'refresh';
    case 'reveal':
      return 'list-tree';
    case 'save':
      return 'save-as';
  }
}

async function act(action: WhyAction, { path }: Found, services: Services, reveal: Reveal): Promise<void> {
  const run = vscode.commands.executeCommand;
  switch (action.kind) {
    case 'say': {
      const { wish } = action;
      await services.steering.change((now, partly) =>
        wish === 'include' ? tick(now, [path], true, partly) : steer(now, [path], wish, partly),
      );
      return;
    }
    case 'open-rule': {
      const at = new vscode.Position(action.line - 1, 0);
      await vscode.window.showTextDocument(uriOf(action.file), {
        selection: new vscode.Range(at, at),
      });
      return;
    }
    case 'choose':
      await run(commands.chooseFiles);
      return;
    case 'open-setting':
      await run('workbench.action.openSettings', settingKeys.maxFileSizeMB);
      return;
    case 'select-endpoint':
      await run(commands.selectEndpoint);
      return;
    case 'add-folder':
      await run('workbench.action.addRootFolder');
      return;
    case 'count-again':
      services.gauge.refresh();
      return;
    case 'reveal':
      await reveal(path);
      return;
    case 'save':
      await run('workbench.action.files.saveAs');
  }
}
