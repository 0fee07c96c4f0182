import * as vscode from 'vscode';

import { describeEvidence } from '../core/endpoint/evidenceText.ts';
import { hostOf } from '../core/endpoint/gates.ts';
import { totalsOf } from '../core/pack/planTotals.ts';
import { listSecrets } from '../core/pack/secretsReport.ts';
import { reasonOf } from '../core/pack/describeFile.ts';
import type { Survey } from '../core/review/prepare.ts';
import { describeSkip } from '../core/workspace/types.ts';
import { percent, tokens } from './format.ts';
import type { GaugeState } from './gauge.ts';
import {
  budgetRows,
  counterDetail,
  counterSummary,
  describeEndpoint,
  isOver,
  wantedTokens,
} from './gaugeRows.ts';
import { commands, views } from './ids.ts';
import type { Services } from './services.ts';
import { describeSpent, type SpentToday } from './spending.ts';
import { choiceTitle, type SteeringChoices } from './steering.ts';

interface Row {
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  readonly icon?: string;
  readonly command?: string;
  readonly file?: string;
  /** Made when somebody opens the row: there may be 100,000. */
  readonly children?: () => readonly Row[];
}

/** The budget as a native tree: endpoint, limit with its evidence, where the tokens go, what is not in the prompt. */
export function registerBudgetView(context: vscode.ExtensionContext, services: Services): void {
  const { gauge, spending } = services;
  const changed = new vscode.EventEmitter<undefined>();
  const provider: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: changed.event,
    getChildren: row => [
      ...(row === undefined
        ? rows(gauge.state, spending.today(), services.steering)
        : (row.children?.() ?? [])),
    ],
    getTreeItem: row => treeItem(row),
  };
  const view = vscode.window.createTreeView(views.budget, { treeDataProvider: provider });
  const show = (state: GaugeState) => {
    view.message = message(state) ?? '';
    changed.fire(undefined);
  };
  show(gauge.state);
  context.subscriptions.push(
    view,
    changed,
    gauge.onDidChange(show),
    spending.onDidChange(() => changed.fire(undefined)),
  );
}

function message(state: GaugeState): string | undefined {
  switch (state.kind) {
    case 'no-workspace':
      return undefined;
    case 'surveying':
      return state.progress?.kind === 'reading'
        ? vscode.l10n.t('Reading and counting {0} of {1} files…', state.progress.done, state.progress.total)
        : vscode.l10n.t('Listing files…');
    case 'failed':
      return state.message;
    case 'ready':
      return isOver(state.survey)
        ? vscode.l10n.t(
            'The whole workspace needs {0} tokens, more than this endpoint takes. Files that do not fit are listed below.',
            tokens(wantedTokens(state.survey)),
          )
        : undefined;
  }
}

function rows(state: GaugeState, spent: SpentToday, steering: SteeringChoices): Row[] {
  if (state.kind === 'failed' && state.code === 'nothing-chosen') return [choiceRow(steering)];
  if (state.kind !== 'ready') return [];
  const cost = describeSpent(spent);
  const { endpoint, survey } = state;
  const limit = survey.budget?.limit ?? null;
  const leftOut = () => survey.plan.files.filter(f => f.form === 'left-out');
  const gone = totalsOf(survey.plan).forms['left-out'];
  const { skips } = survey.inventory;
  return [
    {
      label: vscode.l10n.t('Endpoint'),
      description: `${describeEndpoint(endpoint)} · ${hostOf(endpoint)}`,
      tooltip: vscode.l10n.t('Select another endpoint'),
      icon: 'plug',
      command: commands.selectEndpoint,
    },
    choiceRow(steering),
    {
      label: vscode.l10n.t('Context limit'),
      description: limit === null ? vscode.l10n.t('unknown') : `${tokens(limit)} · ${limitSource(survey)}`,
      tooltip: describeEvidence(survey.limit, new Date()),
      icon: 'law',
      ...(survey.limit.evidence.length > 0 && {
        children: () =>
          survey.limit.evidence.map(e => ({
            label: e.source,
            description: `${tokens(e.tokens)} · ${e.detail}`,
            tooltip: new Date(e.at).toLocaleString(),
          })),
      }),
    },
    {
      label: vscode.l10n.t('Token count'),
      description: counterSummary(survey),
      tooltip: counterDetail(survey),
      icon: survey.counting.problem === undefined ? 'symbol-numeric' : 'warning',
      ...(!survey.counting.exact && { command: commands.useTokenizer }),
    },
    ...budgetRows(survey, state.conversation, state.last?.overlay).map(row => ({
      label: row.label,
      ...(row.detail !== undefined && { tooltip: `${tokens(row.tokens)} tokens. ${row.detail}` }),
      description: `${tokens(row.tokens)}${limit === null ? '' : ` · ${percent(row.tokens, limit)}`}`,
      icon: 'dash',
    })),
    ...imageRows(survey),
    ...secretRows(survey),
    ...(cost === undefined
      ? []
      : [
          {
            label: vscode.l10n.t('Spent today'),
            description: cost,
            tooltip: vscode.l10n.t(
              'What asks of this workspace cost today: as the endpoint says, or tokens times price.',
            ),
            icon: 'credit-card',
          },
        ]),
    ...group(vscode.l10n.t('Left out'), 'exclude', gone, leftOut, f => ({
      path: f.path,
      why: reasonOf(f) ?? '',
    })),
    ...group(
      vscode.l10n.t('Skipped'),
      'circle-slash',
      skips.length,
      () => skips,
      s => ({
        path: s.path,
        why: describeSkip(s.reason),
      }),
    ),
  ];
}

function choiceRow({ choice, own }: SteeringChoices): Row {
  const said = own.size === 1 ? vscode.l10n.t('1 path') : vscode.l10n.t('{0} paths', own.size);
  return {
    label: vscode.l10n.t('Prompt holds'),
    description: [choiceTitle(choice), ...(own.size === 0 ? [] : [said])].join(' · '),
    tooltip:
      own.size === 0
        ? vscode.l10n.t('Choose what the prompt holds')
        : vscode.l10n.t('Choose what the prompt holds. You said otherwise of {0}.', said),
    icon: 'list-filter',
    command: commands.chooseFiles,
  };
}

/** Which images go along, and why others do not. */
function imageRows({ images }: Survey): Row[] {
  if (images === undefined) return [];
  const { chosen, others, why } = images;
  const all = [...chosen, ...others];
  return [
    {
      label: vscode.l10n.t('Images in Markdown'),
      description: vscode.l10n.t('{0} of {1} go along', tokens(chosen.length), tokens(all.length)),
      tooltip: why ?? images.note,
      icon: 'file-media',
      ...(all.length > 0 && {
        children: () =>
          all.map(({ path, tokens: count, reason, referredBy }) => ({
            label: path,
            description: reason ?? vscode.l10n.t('at most {0} tokens', tokens(count ?? 0)),
            tooltip: `${path}\n${referredBy.slice(0, 5).join('\n')}`,
            icon: reason === undefined ? 'file-media' : 'circle-slash',
          })),
      }),
    },
  ];
}

function secretRows({ inventory }: Survey): Row[] {
  const found = listSecrets(inventory.files);
  if (found.length === 0) return [];
  const allowed = found.filter(secret => secret.allowed).length;
  return [
    {
      label: vscode.l10n.t('Redacted secrets'),
      description:
        allowed === 0
          ? tokens(found.length)
          : vscode.l10n.t('{0} · {1} allowed', tokens(found.length - allowed), tokens(allowed)),
      tooltip: vscode.l10n.t('See where they stand, and what is sent as it is'),
      icon: 'shield',
      command: commands.reviewSecrets,
    },
  ];
}

function limitSource({ limit }: Survey): string {
  return limit.kind === 'known' ? limit.source : vscode.l10n.t('unknown');
}

/** A list of more is found, and can be searched, in the Files view. */
const mostShown = 1000;

function group<T>(
  label: string,
  icon: string,
  count: number,
  items: () => readonly T[],
  read: (item: T) => { path: string; why: string },
) {
  if (count === 0) return [];
  const children = (): readonly Row[] => {
    const shown = items()
      .slice(0, mostShown)
      .map(item => {
        const { path, why } = read(item);
        return { label: path, description: why, tooltip: `${path}\n${why}`, icon: 'file' };
      });
    const more = count - shown.length;
    if (more === 0) return shown;
    const all = vscode.l10n.t('The Files view shows every file, each with its reason.');
    const label = vscode.l10n.t('{0} more', tokens(more));
    return [...shown, { label, tooltip: all, icon: 'list-tree', command: `${views.files}.focus` }];
  };
  return [{ label, description: tokens(count), icon, children } satisfies Row];
}

function treeItem(row: Row): vscode.TreeItem {
  const collapsible = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(
    row.label,
    row.children === undefined ? collapsible.None : collapsible.Collapsed,
  );
  if (row.description !== undefined) item.description = row.description;
  item.tooltip = row.tooltip ?? `${row.label}: ${row.description ?? ''}`;
  item.accessibilityInformation = { label: `${row.label}: ${row.description ?? ''}` };
  if (row.icon !== undefined) item.iconPath = new vscode.ThemeIcon(row.icon);
  if (row.command !== undefined) item.command = { command: row.command, title: row.label };
  return item;
}
