import * as vscode from 'vscode';

import type { HistoryHead, HistoryState, Unreadable } from '../core/review/history.ts';
import { plainMarkdown, stateText } from '../core/review/historyMarkdown.ts';
import { commands, views } from './ids.ts';
import type { Services } from './services.ts';

type Row =
  | { readonly kind: 'day'; readonly label: string; readonly rows: readonly Row[] }
  /** `id` is what the commands of a row take. */
  | { readonly kind: 'ask'; readonly id: string; readonly head: HistoryHead }
  | { readonly kind: 'unreadable'; readonly id: string; readonly why: string };

/** Asks of this workspace as a native tree, by day, newest first. */
export function registerHistoryView(context: vscode.ExtensionContext, { history, log }: Services): void {
  const changed = new vscode.EventEmitter<undefined>();
  const provider: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: changed.event,
    async getChildren(row) {
      if (row !== undefined) return row.kind === 'day' ? [...row.rows] : [];
      try {
        const { entries, unreadable } = await history.store.list();
        view.message = '';
        return rowsOf(entries, unreadable, new Date());
      } catch (error) {
        log.error(error instanceof Error ? error : String(error));
        view.message = vscode.l10n.t('The history cannot be read: {0}', String(error));
        return [];
      }
    },
    getTreeItem: row => treeItem(row),
  };
  const view = vscode.window.createTreeView(views.history, { treeDataProvider: provider });
  context.subscriptions.push(
    view,
    changed,
    history.onDidChange(() => changed.fire(undefined)),
  );
}

function rowsOf(entries: readonly HistoryHead[], unreadable: readonly Unreadable[], now: Date): Row[] {
  const days = new Map<string, Row[]>();
  for (const head of entries) {
    const label = dayOf(new Date(head.at), now);
    days.set(label, [...(days.get(label) ?? []), { kind: 'ask', id: head.id, head }]);
  }
  const groups = [...days].map(([label, rows]): Row => ({ kind: 'day', label, rows }));
  if (unreadable.length === 0) return groups;
  const broken = unreadable.map((u): Row => ({ kind: 'unreadable', ...u }));
  return [...groups, { kind: 'day', label: vscode.l10n.t('Cannot be read'), rows: broken }];
}

function dayOf(date: Date, now: Date): string {
  const midnight = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  // Days of a change to summer time have 23 or 25 hours.
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (days <= 0) return vscode.l10n.t('Today');
  if (days === 1) return vscode.l10n.t('Yesterday');
  return date.toLocaleDateString(undefined, {
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  });
}

function treeItem(row: Row): vscode.TreeItem {
  const { Expanded, None } = vscode.TreeItemCollapsibleState;
  switch (row.kind) {
    case 'day': {
      const item = new vscode.TreeItem(row.label, Expanded);
      item.id = `day ${row.label}`;
      return item;
    }
    case 'unreadable': {
      const item = new vscode.TreeItem(row.id, None);
      item.id = row.id;
      item.description = row.why;
      item.tooltip = `${row.id}\n${row.why}`;
      item.iconPath = new vscode.ThemeIcon('warning');
      item.contextValue = 'unreadable';
      return item;
    }
    case 'ask':
      return askItem(row, None);
  }
}

function askItem(
  { id, head }: Extract<Row, { kind: 'ask' }>,
  state: vscode.TreeItemCollapsibleState,
): vscode.TreeItem {
  const item = new vscode.TreeItem(head.title, state);
  item.id = id;
  const time = new Date(head.at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  const { total, verified } = head.anchors;
  const anchors = total === 0 ? '' : ` · ✓ ${verified}/${total}`;
  item.description = `${time} · ${head.endpoint.name}${anchors}`;
  item.iconPath = iconOf(head);
  item.contextValue = 'answer';
  item.command = {
    command: commands.openAnswer,
    title: vscode.l10n.t('Open Answer'),
    arguments: [{ id }],
  };
  const tooltip = new vscode.MarkdownString();
  tooltip.appendMarkdown('**').appendText(head.title).appendMarkdown('**\n\n');
  const facts = [
    `${new Date(head.at).toLocaleString()}: ${stateText(head)}`,
    `${head.endpoint.name}, ${head.endpoint.model}, ${head.endpoint.host}`,
    vscode.l10n.t('{0} of {1} anchors verified', verified, total),
    ...(head.follows === undefined ? [] : [vscode.l10n.t('A follow-up')]),
  ];
  tooltip.appendMarkdown(facts.map(fact => `- ${plainMarkdown(fact)}`).join('\n'));
  item.tooltip = tooltip;
  item.accessibilityInformation = {
    label: `${head.title}, ${stateText(head)}, ${time}, ${head.endpoint.name}, ${vscode.l10n.t('{0} of {1} anchors verified', verified, total)}`,
  };
  return item;
}

/** What ended well shows who answered; what did not shows how it ended. */
function iconOf({ state, endpoint }: HistoryHead): vscode.ThemeIcon {
  const icons: Record<Exclude<HistoryState, 'done'>, [string, string?]> = {
    running: ['loading~spin'],
    incomplete: ['warning', 'list.warningForeground'],
    failed: ['error', 'list.errorForeground'],
    cancelled: ['circle-slash'],
    interrupted: ['debug-disconnect', 'list.warningForeground'],
  };
  if (state === 'done') return new vscode.ThemeIcon(endpoint.offline ? 'book' : 'comment-discussion');
  const [icon, colour] = icons[state];
  return new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
}
