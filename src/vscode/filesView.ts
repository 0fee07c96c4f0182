import * as vscode from 'vscode';

import { formsText, rowDetails, rowText, share } from '../core/pack/fileRowText.ts';
import { childrenOf, tickOf, type FilesNode, type FilesTree } from '../core/pack/filesTree.ts';
import { tick, type Wish } from '../core/pack/steering.ts';
import { absolutePathOf } from '../core/workspace/folderPaths.ts';
import { hasInvalidBytes } from '../core/workspace/names.ts';
import { registerFileCommands } from './filesCommands.ts';
import { compact } from './format.ts';
import type { GaugeState } from './gauge.ts';
import { views } from './ids.ts';
import { uriOf } from './places.ts';
import type { Services } from './services.ts';

/** Marks the rows of what is not in the prompt, and nothing in the explorer. */
const dimmed = 'longview-not-in-prompt';

/** Every file with its tokens and form, and a checkbox: what the next prompt holds, and what it should. */
export function registerFilesView(context: vscode.ExtensionContext, services: Services): void {
  const { files, gauge, steering } = services;
  const changed = new vscode.EventEmitter<undefined>();
  let shown: FilesTree | undefined;
  const pack = () => shown?.root.sums.tokens ?? 0;

  const provider: vscode.TreeDataProvider<FilesNode> = {
    onDidChangeTreeData: changed.event,
    async getChildren(node) {
      if (node?.kind === 'file') return [];
      const tree = await files.current();
      if (tree === undefined) return [];
      shown = tree;
      const now = tree.nodes.get(node?.path ?? '');
      return now?.kind === 'folder' ? [...childrenOf(now)] : [];
    },
    getParent: node => (node.parent?.path === '' ? undefined : node.parent),
    getTreeItem: node =>
      treeItem(node, pack(), uriOfNode(node, services), services.steering.own.get(node.path)),
    resolveTreeItem(item, node) {
      item.tooltip = tooltip(node, pack());
      return item;
    },
  };
  const view = vscode.window.createTreeView(views.files, {
    treeDataProvider: provider,
    manageCheckboxStateManually: true,
    canSelectMany: true,
    showCollapseAll: true,
  });

  async function refresh(): Promise<void> {
    if (!view.visible) return;
    shown = await files.current();
    view.message = message(gauge.state, shown);
    view.description = shown === undefined ? '' : describe(gauge.state);
    changed.fire(undefined);
  }
  const refreshing = () => void refresh().catch((error: unknown) => services.log.error(String(error)));

  context.subscriptions.push(
    view,
    changed,
    gauge.onDidChange(refreshing),
    view.onDidChangeVisibility(refreshing),
    view.onDidChangeCheckboxState(({ items }) => {
      const paths = (state: vscode.TreeItemCheckboxState) =>
        items.filter(([, now]) => now === state).map(([node]) => node.path);
      const { Checked, Unchecked } = vscode.TreeItemCheckboxState;
      // All of a gesture is one change, and one new plan.
      steering
        .change((now, partly) =>
          tick(tick(now, paths(Unchecked), false, partly), paths(Checked), true, partly),
        )
        .catch((error: unknown) => services.log.error(String(error)));
    }),
    vscode.window.registerFileDecorationProvider({
      provideFileDecoration: uri =>
        uri.query === dimmed
          ? new vscode.FileDecoration(
              undefined,
              undefined,
              new vscode.ThemeColor('list.deemphasizedForeground'),
            )
          : undefined,
    }),
  );
  registerFileCommands(context, services, async path => {
    const node = (await files.current())?.nodes.get(path);
    if (node === undefined) return false;
    await view.reveal(node, { select: true, focus: true, expand: false });
    return true;
  });
  refreshing();
}

function message(state: GaugeState, tree: FilesTree | undefined): string {
  switch (state.kind) {
    case 'no-workspace':
      return '';
    case 'surveying':
      return vscode.l10n.t('Counting…');
    case 'failed':
      return state.message;
    case 'ready':
      return tree === undefined ? '' : formsText(tree.root.sums);
  }
}

function describe(state: GaugeState): string {
  if (state.kind !== 'ready') return '';
  const { plan, budget } = state.survey;
  // Beside the view's title there is little room; the gauge has all digits.
  const taken = compact(plan.tokens);
  return budget?.limit == null ? taken : `${taken} · ${share(plan.tokens, budget.limit)}`;
}

function uriOfNode(node: FilesNode, { gauge }: Services): vscode.Uri | undefined {
  // A name that is no text has no URI.
  if (gauge.state.kind !== 'ready' || hasInvalidBytes(node.path)) return undefined;
  const path = absolutePathOf(node.path, gauge.state.survey.inventory.folders);
  return path === undefined ? undefined : uriOf(path);
}

function treeItem(
  node: FilesNode,
  pack: number,
  uri: vscode.Uri | undefined,
  own: Wish | undefined,
): vscode.TreeItem {
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(node.name, node.kind === 'folder' ? Collapsed : None);
  const text = rowText(node, pack);
  const ticked = tickOf(node);
  item.id = `${node.kind} ${node.path}`;
  item.description = ticked === 'partly' ? `◐ ${text}` : text;
  item.accessibilityInformation = { label: `${node.name}, ${text}` };
  item.contextValue = contextOf(node, own);
  item.iconPath = node.kind === 'folder' ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
  if (uri !== undefined) {
    const out = ticked === 'off' || ticked === 'none';
    item.resourceUri = out || isLeftOut(node) ? uri.with({ query: dimmed }) : uri;
    if (node.kind === 'file')
      item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [uri] };
  }
  if (ticked === 'none') return item;
  const { Checked, Unchecked } = vscode.TreeItemCheckboxState;
  item.checkboxState = {
    state: ticked === 'off' ? Unchecked : Checked,
    tooltip:
      ticked === 'off'
        ? vscode.l10n.t('Not in the prompt: excluded, or not chosen')
        : ticked === 'partly'
          ? vscode.l10n.t('Some of it is excluded')
          : vscode.l10n.t('In the prompt where there is room'),
  };
  return item;
}

function isLeftOut(node: FilesNode): boolean {
  return (
    node.kind === 'file' && node.standing.kind === 'planned' && node.standing.planned.form === 'left-out'
  );
}

/** What the menus' `when` clauses look at: `wish-` is what counts, `said` that it was said of this very path. */
function contextOf(node: FilesNode, own: Wish | undefined): string {
  const said = own === undefined ? [] : ['said'];
  if (node.kind === 'folder')
    return [
      'folder',
      ...(tickOf(node) === 'none' ? [] : ['steered']),
      ...(own === undefined ? [] : [`wish-${own}`]),
      ...said,
    ].join(' ');
  const { standing } = node;
  switch (standing.kind) {
    case 'ignored':
    case 'skipped':
      return `file ${standing.kind}`;
    case 'excluded':
    case 'unchosen':
      return ['file', 'steered', 'excluded', ...said].join(' ');
    case 'planned':
      return [
        'file',
        'steered',
        standing.planned.form,
        ...(standing.wish === undefined ? [] : [`wish-${standing.wish}`]),
        ...said,
      ].join(' ');
  }
}

function tooltip(node: FilesNode, pack: number): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendMarkdown('**').appendText(node.path).appendMarkdown('**');
  for (const line of rowDetails(node, pack)) text.appendMarkdown('\n\n').appendText(line);
  return text;
}
