import * as vscode from 'vscode';

import { isFresh } from '../core/endpoint/evidenceStore.ts';
import { compact, tokens } from './format.ts';
import type { GaugeState } from './gauge.ts';
import { describeEndpoint, healthOf, wantedTokens, type GaugeHealth } from './gaugeRows.ts';
import { gaugeTooltip } from './gaugeTooltip.ts';
import { commands } from './ids.ts';
import type { Services } from './services.ts';
import { choiceTitle, type Choice } from './steering.ts';

/** "2 min ago" must not stand still. */
const redrawEveryMs = 60_000;
/** A limit that stays stale, because its list cannot be had, is not asked for more often. */
const recheckEveryMs = 60 * 60_000;

/** The gauge in the status bar: what the next prompt wants, against what the endpoint takes. */
export function registerStatusBar(context: vscode.ExtensionContext, services: Services): void {
  const { gauge, spending, steering } = services;
  const item = vscode.window.createStatusBarItem('longview.gauge', vscode.StatusBarAlignment.Left, 10);
  item.name = vscode.l10n.t('Longview Token Gauge');
  let rechecked = Date.now();
  const show = () => {
    draw(item, gauge.state, spending.today(), steering.choice);
    item.show();
  };
  const timer = setInterval(() => {
    const now = new Date();
    if (gauge.state.kind !== 'ready') return;
    show();
    if (!isRecheckDue(gauge.state, now, rechecked)) return;
    rechecked = now.getTime();
    gauge.refresh();
  }, redrawEveryMs);
  show();
  context.subscriptions.push(item, gauge.onDidChange(show), spending.onDidChange(show), {
    dispose: () => clearInterval(timer),
  });
}

/** Whether to ask now, where the last time was at `rechecked`, Unix time in ms. */
export function isRecheckDue(state: GaugeState, now: Date, rechecked: number): boolean {
  return isStale(state, now) && now.getTime() - rechecked >= recheckEveryMs;
}

/** Whether the limit rests on the word of a server or list that should be asked again. */
function isStale(state: GaugeState, now: Date): boolean {
  if (state.kind !== 'ready' || state.endpoint.kind === 'offline') return false;
  const { limit } = state.survey;
  const asked = limit.evidence.filter(e => e.source === 'served' || e.source === 'listed');
  return asked.length > 0 && !asked.some(e => isFresh(e, now));
}

/** A failed survey has no limit to show, and nothing can be asked: an error as an unknown limit is. */
export function draw(
  item: Pick<
    vscode.StatusBarItem,
    'text' | 'tooltip' | 'command' | 'backgroundColor' | 'accessibilityInformation'
  >,
  state: GaugeState,
  spent: ReturnType<Services['spending']['today']>,
  choice: Choice,
): void {
  item.command =
    state.kind === 'failed' && state.code === 'nothing-chosen'
      ? { command: commands.chooseFiles, title: vscode.l10n.t('Choose What the Prompt Holds') }
      : { command: commands.selectEndpoint, title: vscode.l10n.t('Select Endpoint') };
  item.backgroundColor = undefined;
  item.accessibilityInformation = undefined;
  switch (state.kind) {
    case 'no-workspace':
      item.text = '$(book) Longview';
      item.tooltip = vscode.l10n.t('Open a folder to see what fits the endpoint’s context limit.');
      return;
    case 'surveying':
      item.text = '$(loading~spin) Longview';
      item.tooltip = vscode.l10n.t('Reading and counting the workspace…');
      return;
    case 'failed':
      item.text = '$(book) Longview $(error)';
      item.tooltip = state.message;
      item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
      return;
    case 'ready': {
      const wanted = wantedTokens(state.survey);
      const limit = state.survey.budget?.limit ?? null;
      const health = healthOf(state);
      item.text = `$(book) ${compact(wanted)} / ${limit === null ? '?' : compact(limit)}`;
      item.tooltip = gaugeTooltip(state, spent, choice);
      const spoken =
        limit === null
          ? vscode.l10n.t('Longview: {0} tokens', tokens(wanted))
          : vscode.l10n.t('Longview: {0} of {1} tokens', tokens(wanted), tokens(limit));
      const { colour, words } = told(health);
      const holds = vscode.l10n.t('holds: {0}', choiceTitle(choice));
      item.accessibilityInformation = {
        label: [spoken, ...words, holds, describeEndpoint(state.endpoint)].join(', '),
      };
      if (colour !== undefined) item.backgroundColor = new vscode.ThemeColor(`statusBarItem.${colour}`);
    }
  }
}

/** Colours are for states the user should do something about, and are said in words as well. */
export function told(health: GaugeHealth): {
  readonly colour?: 'errorBackground' | 'warningBackground';
  readonly words: readonly string[];
} {
  switch (health) {
    case 'unknown-limit':
      return { colour: 'errorBackground', words: [vscode.l10n.t('context limit unknown')] };
    case 'truncated':
      return { colour: 'errorBackground', words: [vscode.l10n.t('the last prompt was cut silently')] };
    case 'over':
      return { colour: 'warningBackground', words: [vscode.l10n.t('over budget: files are left out')] };
    case 'near':
      return { colour: 'warningBackground', words: [vscode.l10n.t('nearly full')] };
    case 'well':
      return { words: [] };
  }
}
