import * as vscode from 'vscode';

import { hostOf } from '../core/endpoint/gates.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { describeEvidence } from '../core/endpoint/evidenceText.ts';
import { describeImages } from '../core/review/imagePlan.ts';
import type { Survey } from '../core/review/prepare.ts';
import { summariseCounting } from '../core/tokens/counting.ts';
import { percent, tokens } from './format.ts';
import type { GaugeState } from './gauge.ts';
import { commands } from './ids.ts';
import { describeSpent, type SpentToday } from './spending.ts';
import { choiceTitle, type Choice } from './steering.ts';

/** One line of "where the tokens go". */
export interface GaugeRow {
  readonly label: string;
  /** Why the tokens are kept, where the label does not say. */
  readonly detail?: string;
  /** Tokens. */
  readonly tokens: number;
}

/** What it would take if every file fitted. */
export function wantedTokens(survey: Survey): number {
  return survey.tokens.instructions + survey.plan.wantedTokens;
}

export function isOver(survey: Survey): boolean {
  return !survey.plan.fits;
}

/**
 * The rows add up to the limit; where that is unknown, there is only what a prompt would take. `conversation`: tokens
 * that the last one takes; it uses up what is kept for it, and then what is free.
 */
export function budgetRows(survey: Survey, conversation = 0): GaugeRow[] {
  const { budget, plan } = survey;
  const full = plan.files.filter(f => f.form === 'full').length;
  if (budget?.limit == null || budget.room === null) {
    return [
      { label: vscode.l10n.t('Files ({0})', tokens(full)), tokens: plan.tokens },
      ...imageRows(survey),
      { label: vscode.l10n.t('Instructions'), tokens: survey.tokens.instructions },
    ];
  }
  const free = budget.room - plan.tokens;
  const beyond = Math.min(free, Math.max(0, conversation - budget.reserve));
  const spoken = Math.min(conversation, budget.reserve) + beyond;
  return [
    { label: vscode.l10n.t('Files ({0})', tokens(full)), tokens: plan.tokens },
    ...imageRows(survey),
    { label: vscode.l10n.t('Instructions'), tokens: budget.instructions },
    {
      label: vscode.l10n.t('Question'),
      detail: vscode.l10n.t('Kept for the question; a longer one takes more.'),
      tokens: budget.question,
    },
    { label: vscode.l10n.t('Answer'), detail: vscode.l10n.t('Kept for the answer.'), tokens: budget.answer },
    ...(spoken > 0
      ? [
          {
            label: vscode.l10n.t('Conversation so far'),
            detail: vscode.l10n.t('Earlier questions and answers, and what changed since the pack.'),
            tokens: spoken,
          },
        ]
      : []),
    {
      label: vscode.l10n.t('Conversation'),
      detail: vscode.l10n.t('Kept for follow-up questions and their answers.'),
      tokens: budget.reserve + beyond - spoken,
    },
    ...(budget.margin > 0
      ? [
          {
            label: vscode.l10n.t('Margin'),
            detail: vscode.l10n.t('The count is an estimate for this model; this covers its error.'),
            tokens: budget.margin,
          },
        ]
      : []),
    { label: vscode.l10n.t('Free'), tokens: free - beyond },
  ];
}

function imageRows({ images }: Survey): GaugeRow[] {
  if (images === undefined || images.tokens === 0) return [];
  const detail = images.note;
  return [
    { label: vscode.l10n.t('Images ({0})', tokens(images.chosen.length)), detail, tokens: images.tokens },
  ];
}

export function describeEndpoint(endpoint: Endpoint): string {
  return endpoint.config.name ?? endpoint.config.id;
}

/** The counter in a few words: `exact (o200k)`, or `±` with what it rests on. */
export function counterSummary({ counting, counter }: Survey): string {
  return summariseCounting(counting, counter.errorBound);
}

/** Why it counts so, and why not with the user's own tokenizer, where one is set. */
export function counterDetail({ counting, counter }: Survey): string {
  return [...(counting.problem === undefined ? [] : [counting.problem]), counter.note].join(' ');
}

/** All that a link in the tooltip may do. */
const linked = [
  commands.recheckLimit,
  commands.measureLimit,
  commands.editEndpoint,
  commands.selectEndpoint,
  commands.showBudget,
  commands.chooseFiles,
];

function link(title: string, command: (typeof linked)[number], given?: string): string {
  const query = given === undefined ? '' : `?${encodeURIComponent(JSON.stringify([given]))}`;
  return `[${title}](command:${command}${query})`;
}

/** The way on from the tooltip; the offline reader’s limit is a setting. */
function links({ config, kind }: Endpoint): string {
  return [
    link(`$(plug) ${vscode.l10n.t('Switch')}`, commands.selectEndpoint),
    ...(kind === 'offline'
      ? []
      : [
          link(`$(edit) ${vscode.l10n.t('Edit')}`, commands.editEndpoint, config.id),
          link(`$(refresh) ${vscode.l10n.t('Re-check Limit')}`, commands.recheckLimit, config.id),
          link(`$(dashboard) ${vscode.l10n.t('Measure')}`, commands.measureLimit, config.id),
        ]),
    link(`$(list-tree) ${vscode.l10n.t('Budget')}`, commands.showBudget),
    link(`$(list-filter) ${vscode.l10n.t('Choose Files')}`, commands.chooseFiles),
  ].join(' &nbsp; ');
}

/** The table of the status bar's tooltip. Names come from settings and folders, so they are escaped. */
export function gaugeTooltip(
  { endpoint, survey, conversation }: Omit<Extract<GaugeState, { kind: 'ready' }>, 'kind'>,
  spent?: SpentToday,
  choice?: Choice,
): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString('', true);
  // Our own few commands and nothing else, whatever a name may hold.
  markdown.isTrusted = { enabledCommands: linked };
  const limit = survey.budget?.limit ?? null;
  const cost = spent && describeSpent(spent);
  const costs = cost === undefined ? '' : `\n\n${vscode.l10n.t('Spent here today: {0}.', cost)}`;
  markdown.appendMarkdown('**');
  markdown.appendText(describeEndpoint(endpoint));
  markdown.appendMarkdown('** · ');
  markdown.appendText(hostOf(endpoint));
  markdown.appendMarkdown('\n\n');
  if (choice !== undefined) {
    markdown.appendText(vscode.l10n.t('Holds: {0}', choiceTitle(choice)));
    markdown.appendMarkdown('\n\n');
  }
  if (limit === null) {
    markdown.appendMarkdown(
      vscode.l10n.t(
        'The context limit is **unknown**: the endpoint’s model list does not tell it. Nothing is sent over an unknown limit. Set `contextLimit` in the setting `longview.endpoints`.',
      ),
    );
    markdown.appendMarkdown(`${costs}\n\n---\n\n${links(endpoint)}`);
    return markdown;
  }
  markdown.appendMarkdown(`| | ${vscode.l10n.t('Tokens')} | |\n|:--|--:|--:|\n`);
  for (const row of budgetRows(survey, conversation)) {
    markdown.appendMarkdown(`| ${row.label} | ${tokens(row.tokens)} | ${percent(row.tokens, limit)} |\n`);
  }
  markdown.appendMarkdown(`| **${vscode.l10n.t('Context limit')}** | **${tokens(limit)}** | |\n\n`);
  markdown.appendText(`${vscode.l10n.t('Limit')}: ${describeEvidence(survey.limit, new Date())}`);
  markdown.appendMarkdown('\n\n');
  markdown.appendText(`${vscode.l10n.t('Token count')}: ${counterSummary(survey)}. ${counterDetail(survey)}`);
  for (const line of describeImages(survey.images)) {
    markdown.appendMarkdown('\n\n');
    markdown.appendText(line);
  }
  if (isOver(survey)) {
    const leftOut = survey.plan.files.filter(f => f.form === 'left-out').length;
    markdown.appendMarkdown(
      `\n\n$(warning) ${vscode.l10n.t('The whole workspace needs {0} tokens: {1} files are left out.', tokens(wantedTokens(survey)), tokens(leftOut))}`,
    );
  }
  markdown.appendMarkdown(`${costs}\n\n---\n\n${links(endpoint)}`);
  return markdown;
}
