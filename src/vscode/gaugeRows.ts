import * as vscode from 'vscode';

import type { Endpoint } from '../core/endpoint/types.ts';
import { totalsOf } from '../core/pack/planTotals.ts';
import type { Survey } from '../core/review/prepare.ts';
import { summariseCounting } from '../core/tokens/counting.ts';
import { tokens } from './format.ts';
import type { GaugeState } from './gauge.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;

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

/** What the status bar warns of; the first that is true. */
export type GaugeHealth = 'unknown-limit' | 'truncated' | 'over' | 'near' | 'well';

/** Less than this share of the limit free: the next files may not fit. */
const nearShare = 0.05;

export function healthOf({ survey, last }: Pick<Ready, 'survey' | 'last'>): GaugeHealth {
  const { budget, plan } = survey;
  if (budget === null) return 'unknown-limit';
  if (last?.truncation !== undefined) return 'truncated';
  if (isOver(survey)) return 'over';
  if (budget.limit === null || budget.room === null) return 'well';
  return budget.room - plan.tokens < budget.limit * nearShare ? 'near' : 'well';
}

/** The heaviest folders at the top of the pack, tokens as planned; the rest is in one row. Names are the workspace's. */
export function folderRows({ plan }: Pick<Survey, 'plan'>, most = 5): GaugeRow[] {
  const rows = [...totalsOf(plan).folders]
    .map(([folder, sum]) => ({
      label: folder === '' ? vscode.l10n.t('files at the top') : folder,
      tokens: sum,
    }))
    .filter(row => row.tokens > 0)
    .sort((a, b) => b.tokens - a.tokens);
  const rest = rows.slice(most);
  if (rest.length < 2) return rows;
  const others = rest.reduce((sum, row) => sum + row.tokens, 0);
  return [...rows.slice(0, most), { label: vscode.l10n.t('{0} others', rest.length), tokens: others }];
}

/**
 * The rows add up to the limit; where that is unknown, there is only what a prompt would take. `conversation`: tokens
 * that the last one takes, `overlay` of them for what changed; it uses up what is kept for it, and then what is free.
 */
export function budgetRows(survey: Survey, conversation = 0, overlay = 0): GaugeRow[] {
  const { budget, plan } = survey;
  const { full } = totalsOf(plan).forms;
  if (budget?.limit == null || budget.room === null) {
    return [
      { label: vscode.l10n.t('Files ({0})', tokens(full)), tokens: plan.tokens },
      ...imageRows(survey),
      { label: vscode.l10n.t('Instructions'), tokens: survey.tokens.instructions },
    ];
  }
  const free = budget.room - plan.tokens;
  const beyond = Math.min(free, Math.max(0, conversation - budget.reserve));
  const grown = Math.min(conversation, budget.reserve) + beyond;
  const changed = Math.min(overlay, grown);
  const spoken = grown - changed;
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
    ...(changed > 0
      ? [
          {
            label: vscode.l10n.t('Changed files'),
            detail: vscode.l10n.t('What changed since the pack was made, sent along with the question.'),
            tokens: changed,
          },
        ]
      : []),
    ...(spoken > 0
      ? [
          {
            label: vscode.l10n.t('Conversation so far'),
            detail: vscode.l10n.t('Earlier questions and answers.'),
            tokens: spoken,
          },
        ]
      : []),
    {
      label: vscode.l10n.t('Conversation'),
      detail: vscode.l10n.t('Kept for follow-up questions and their answers.'),
      tokens: budget.reserve + beyond - grown,
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
