import * as vscode from 'vscode';

import { dollars } from '../core/endpoint/cost.ts';
import { describeEvidence } from '../core/endpoint/evidenceText.ts';
import { hostOf } from '../core/endpoint/gates.ts';
import { estimateCost } from '../core/endpoint/price.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { totalsOf } from '../core/pack/planTotals.ts';
import { costAtMost, promptTokensOf } from '../core/review/budgetReport.ts';
import { describeImages } from '../core/review/imagePlan.ts';
import { describeListingNote, isRemarkable } from '../core/workspace/listingNotes.ts';
import { percent, tokens } from './format.ts';
import type { GaugeState } from './gauge.ts';
import {
  budgetRows,
  counterDetail,
  counterSummary,
  describeEndpoint,
  folderRows,
  healthOf,
  wantedTokens,
} from './gaugeRows.ts';
import { commands } from './ids.ts';
import { describeSpent, type SpentToday } from './spending.ts';
import { choiceTitle, type Choice } from './steering.ts';

/** All that a link in the tooltip may do. */
const linked = [
  commands.recheckLimit,
  commands.measureLimit,
  commands.editEndpoint,
  commands.selectEndpoint,
  commands.showBudget,
  commands.showMap,
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
    link(`$(graph) ${vscode.l10n.t('Map')}`, commands.showMap),
    link(`$(list-filter) ${vscode.l10n.t('Choose Files')}`, commands.chooseFiles),
  ].join(' &nbsp; ');
}

/** A repository may hold many others. */
const mostNotes = 3;

type Ready = Omit<Extract<GaugeState, { kind: 'ready' }>, 'kind'>;

/** Text of settings, folders or servers, as a cell of a table: it can neither end the cell nor be markup. */
export function cell(text: string): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
  const { value } = new vscode.MarkdownString('', true).appendText(plain);
  return value.replaceAll('<', '&lt;').replaceAll('|', '&#124;');
}

/** The same as a paragraph that does not begin with it: with spaces that never break, lines would break inside words. */
function sentence(text: string): string {
  return cell(text).replaceAll('&nbsp;', ' ');
}

/** The table of the status bar's tooltip. Names come from settings and folders, so they are escaped. */
export function gaugeTooltip(ready: Ready, spent?: SpentToday, choice?: Choice): vscode.MarkdownString {
  const { endpoint, survey, conversation, last } = ready;
  const markdown = new vscode.MarkdownString('', true);
  // Our own few commands and nothing else, whatever a name may hold.
  markdown.isTrusted = { enabledCommands: linked };
  const limit = survey.budget?.limit ?? null;
  const paragraphs: string[] = [];
  if (limit === null)
    paragraphs.push(
      vscode.l10n.t(
        'The context limit is **unknown**: the endpoint’s model list does not tell it. Nothing is sent over an unknown limit. Set `contextLimit` in the setting `longview.endpoints`.',
      ),
    );
  else {
    const row = (label: string, count: number) =>
      `| ${label} | ${tokens(count)} | ${percent(count, limit)} |\n`;
    const [files, ...rest] = budgetRows(survey, conversation, last?.overlay);
    paragraphs.push(
      [
        `| | ${vscode.l10n.t('Tokens')} | |\n|:--|--:|--:|\n`,
        files === undefined ? '' : row(files.label, files.tokens),
        ...folderRows(survey).map(({ label, tokens: count }) => row(`&nbsp;&nbsp;${cell(label)}`, count)),
        ...rest.map(({ label, tokens: count }) => row(label, count)),
        `| **${vscode.l10n.t('Context limit')}** | **${tokens(limit)}** | |`,
      ].join(''),
      sentence(`${vscode.l10n.t('Limit')}: ${describeEvidence(survey.limit, new Date())}`),
      sentence(`${vscode.l10n.t('Token count')}: ${counterSummary(survey)}. ${counterDetail(survey)}`),
      ...describeImages(survey.images).map(sentence),
      ...notesOn(survey.inventory).map(sentence),
    );
  }
  markdown.appendMarkdown(
    [
      `**${cell(describeEndpoint(endpoint))}** · ${cell(hostOf(endpoint))}`,
      ...(choice === undefined ? [] : [cell(vscode.l10n.t('Holds: {0}', choiceTitle(choice)))]),
      ...paragraphs,
      ...warning(ready).map(text => `$(warning) ${text}`),
      ...costs(ready, spent),
      '---',
      links(endpoint),
    ].join('\n\n'),
  );
  return markdown;
}

/** Where git did not serve, and why. */
function notesOn({ notes }: Ready['survey']['inventory']): string[] {
  const remarkable = notes.filter(isRemarkable);
  const more = remarkable.length - mostNotes;
  return [
    ...remarkable.slice(0, mostNotes).map(describeListingNote),
    ...(more > 0 ? [vscode.l10n.t('The same or the like holds for {0} other folders.', tokens(more))] : []),
  ];
}

/** Why the status bar has the colour it has. */
function warning({ survey, last }: Ready): string[] {
  const { plan } = survey;
  switch (healthOf({ survey, ...(last && { last }) })) {
    case 'truncated': {
      const { sent = 0, read = 0 } = last?.truncation ?? {};
      return [
        vscode.l10n.t(
          'Of the last prompt, {0} tokens, the endpoint read only {1}: its answer was not about everything.',
          tokens(sent),
          tokens(read),
        ),
      ];
    }
    case 'over': {
      const needed = tokens(wantedTokens(survey));
      const left = totalsOf(plan).noRoom;
      if (left === 0)
        return [vscode.l10n.t('All of it needs {0} tokens: not every file is there in full.', needed)];
      return [
        left === 1
          ? vscode.l10n.t('All of it needs {0} tokens: 1 file is left out.', needed)
          : vscode.l10n.t('All of it needs {0} tokens: {1} files are left out.', needed, tokens(left)),
      ];
    }
    case 'near':
      return [vscode.l10n.t('Nearly full: with a few more files, not everything will fit.')];
    case 'unknown-limit':
    case 'well':
      return [];
  }
}

/** What the next prompt may cost, what of the last one came from a cache, and what was spent today. */
function costs({ survey, price, last }: Ready, spent: SpentToday | undefined): string[] {
  const lines: string[] = [];
  if (price !== undefined && survey.budget !== null) {
    const most = dollars(costAtMost(price, survey));
    const promptTokens = promptTokensOf(survey);
    const cachedTokens = survey.tokens.instructions + survey.plan.tokens;
    const least = estimateCost(price, { promptTokens, cachedTokens, completionTokens: survey.budget.answer });
    lines.push(
      price.cachedInput === undefined
        ? vscode.l10n.t('The next question costs {0} at most.', most)
        : vscode.l10n.t(
            'The next question costs {0} at most, {1} where its files, {2} of it, are still cached.',
            most,
            dollars(least),
            percent(cachedTokens, promptTokens),
          ),
    );
  }
  const { promptTokens = null, cachedTokens = null } = last?.usage ?? {};
  if (promptTokens !== null && cachedTokens !== null && promptTokens > 0)
    lines.push(
      vscode.l10n.t(
        'Of the last prompt, {0} came from the endpoint’s cache.',
        percent(Math.min(cachedTokens, promptTokens), promptTokens),
      ),
    );
  const today = spent && describeSpent(spent);
  if (today !== undefined) lines.push(vscode.l10n.t('Spent here today: {0}.', today));
  return lines;
}
