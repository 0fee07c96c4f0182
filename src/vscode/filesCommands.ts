import * as vscode from 'vscode';

import { LongviewError } from '../core/errors.ts';
import { findable, findFiles, type Findable } from '../core/pack/findFile.ts';
import { pacer } from '../core/pace.ts';
import { nameOf } from '../core/workspace/byPath.ts';
import { rowText } from '../core/pack/fileRowText.ts';
import type { FileNode, FilesNode } from '../core/pack/filesTree.ts';
import { tick, type Wish } from '../core/pack/steering.ts';
import { addIgnoreRules, type IgnoreTarget } from '../core/workspace/addIgnoreRules.ts';
import { absolutePathOf, inFolder } from '../core/workspace/folderPaths.ts';
import { ignoreFileName } from '../core/workspace/leftOut.ts';
import type { WorkspaceFolder } from '../core/workspace/types.ts';
import { commands } from './ids.ts';
import { uriOf } from './places.ts';
import { reporting } from './reporting.ts';
import type { Services } from './services.ts';
import { whyFile, withoutIcons, type Reveal } from './whyFile.ts';

/** What can be done with rows of the Files view, and finding them. */
export function registerFileCommands(
  context: vscode.ExtensionContext,
  services: Services,
  reveal: Reveal,
): void {
  const { steering } = services;
  const on = (id: string, run: (nodes: readonly FilesNode[]) => Promise<void>) =>
    vscode.commands.registerCommand(
      id,
      reporting(services, (node?: FilesNode, selected?: readonly FilesNode[]) => run(chosen(node, selected))),
    );
  const saying = (id: string, wish: Wish | undefined) => on(id, nodes => steering.say(steered(nodes), wish));

  context.subscriptions.push(
    saying(commands.pinFiles, 'pin'),
    saying(commands.excludeFiles, 'exclude'),
    saying(commands.outlineFiles, 'outline'),
    saying(commands.sendWhole, 'full'),
    saying(commands.resetFiles, undefined),
    on(commands.includeFiles, nodes =>
      steering.change((now, partly) => tick(now, steered(nodes), true, partly)),
    ),
    on(commands.openFiles, nodes => open(nodes, services)),
    on(commands.ignoreFiles, nodes => ignore(nodes, services)),
    vscode.commands.registerCommand(
      commands.findFile,
      reporting(services, () => find(services, reveal)),
    ),
    vscode.commands.registerCommand(
      commands.whyFile,
      reporting(services, (target?: vscode.Uri | FilesNode) => whyFile(target, services, reveal)),
    ),
  );
}

/** A menu on a row that is not selected is about that row alone. */
function chosen(node: FilesNode | undefined, selected: readonly FilesNode[] = []): readonly FilesNode[] {
  if (node === undefined) return selected;
  return selected.some(one => one.path === node.path) ? selected : [node];
}

/** What rules leave out, and what is skipped, is not the user's to wish for. */
function steered(nodes: readonly FilesNode[]): string[] {
  const isOpen = (node: FilesNode) =>
    node.kind === 'folder' || (node.standing.kind !== 'ignored' && node.standing.kind !== 'skipped');
  return nodes.filter(isOpen).map(node => node.path);
}

async function open(nodes: readonly FilesNode[], { gauge }: Services): Promise<void> {
  if (gauge.state.kind !== 'ready') return;
  const { folders } = gauge.state.survey.inventory;
  for (const { path, kind } of nodes) {
    const absolutePath = kind === 'file' ? absolutePathOf(path, folders) : undefined;
    if (absolutePath === undefined) continue;
    const several = { preview: nodes.length === 1 };
    await vscode.commands.executeCommand('vscode.open', uriOf(absolutePath), several);
  }
}

/** Writes rules for these into the files of the folders they stand in, and shows them. */
async function ignore(nodes: readonly FilesNode[], { gauge, virtual }: Services): Promise<void> {
  if (gauge.state.kind !== 'ready') return;
  if (!vscode.workspace.isTrusted) {
    throw new LongviewError(
      'untrusted',
      vscode.l10n.t('Nothing is written into a folder that you do not trust.'),
      vscode.l10n.t('Trust the workspace, or exclude the files: that is kept in VS Code.'),
    );
  }
  const targets = new Map<WorkspaceFolder, IgnoreTarget[]>();
  for (const { path, kind } of nodes) {
    const at = inFolder(path, gauge.state.survey.inventory.folders);
    if (at === undefined) continue;
    if (at.below === '') {
      throw new LongviewError(
        'io',
        vscode.l10n.t('{0} is a folder of the workspace itself.', path),
        vscode.l10n.t('Remove it from the workspace, or exclude it.'),
      );
    }
    targets.set(at.folder, [
      ...(targets.get(at.folder) ?? []),
      { path: at.below, isFolder: kind === 'folder' },
    ]);
  }
  for (const [folder, all] of targets) {
    const uri = vscode.Uri.joinPath(uriOf(folder.path), ignoreFileName);
    const isOpen = (d: vscode.TextDocument) => d.isDirty && d.uri.toString() === uri.toString();
    if (vscode.workspace.textDocuments.some(isOpen)) {
      throw new LongviewError(
        'io',
        vscode.l10n.t('{0} has changes that are not saved.', ignoreFileName),
        vscode.l10n.t('Save it, then try again.'),
      );
    }
    const { line } = await virtual.writing(folder.path, ignoreFileName, () =>
      addIgnoreRules(folder.path, all),
    );
    const at = new vscode.Range(line - 1, 0, line - 1 + all.length, 0);
    await vscode.window.showTextDocument(uri, { selection: at });
  }
}

interface Item extends vscode.QuickPickItem {
  readonly node?: FileNode;
}

/** More rows than anybody reads are not sent to the window. */
const mostShown = 200;

/** Finds a file among all of them while the user types, and shows it in the view. */
async function find({ files }: Services, reveal: Reveal): Promise<void> {
  const tree = await files.current();
  if (tree === undefined) {
    throw new LongviewError(
      'empty-workspace',
      vscode.l10n.t('The files have not been counted yet.'),
      vscode.l10n.t('Open a folder, or wait for the count.'),
    );
  }
  const all: Findable<{ readonly path: string }>[] = [];
  const breathe = pacer(undefined);
  for (const path of tree.paths()) {
    all.push(findable({ path, name: nameOf(path) }));
    if (all.length % 1000 === 0) await breathe();
  }
  const pick = vscode.window.createQuickPick<Item>();
  const ask: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('question'),
    tooltip: vscode.l10n.t('Why Is This File Not in the Prompt?'),
  };
  pick.placeholder = vscode.l10n.t('Words of the path');
  const search = () => {
    const { hits, total } = findFiles(all, pick.value, mostShown);
    pick.title = vscode.l10n.t(
      'Find a File: {0} of {1}',
      total.toLocaleString(),
      all.length.toLocaleString(),
    );
    // `alwaysShow`: the words may stand in any order.
    pick.items = hits.flatMap(({ path }) => {
      const node = tree.nodes.get(path);
      if (node?.kind !== 'file') return [];
      const description = rowText(node, tree.root.sums.tokens);
      const shown = { label: withoutIcons(node.name), description, detail: withoutIcons(path) };
      return [{ node, ...shown, alwaysShow: true, buttons: [ask] }];
    });
  };
  search();
  try {
    const accepted = await new Promise<{ node: FileNode | undefined; why: boolean } | undefined>(resolve => {
      pick.onDidChangeValue(search);
      pick.onDidAccept(() => resolve({ node: pick.selectedItems[0]?.node, why: false }));
      pick.onDidTriggerItemButton(({ item }) => resolve({ node: item.node, why: true }));
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
    if (accepted?.node === undefined) return;
    if (accepted.why) await vscode.commands.executeCommand(commands.whyFile, accepted.node);
    else await reveal(accepted.node.path);
  } finally {
    pick.dispose();
  }
}
