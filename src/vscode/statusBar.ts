import * as vscode from 'vscode';

import { compact, tokens } from './format.ts';
import type { GaugeState } from './gauge.ts';
import { describeEndpoint, gaugeTooltip, isOver, wantedTokens } from './gaugeRows.ts';
import { commands } from './ids.ts';
import type { Services } from './services.ts';

/** The gauge in the status bar: what the next prompt wants, against what the endpoint takes. */
export function registerStatusBar(context: vscode.ExtensionContext, { gauge }: Services): void {
  const item = vscode.window.createStatusBarItem('longview.gauge', vscode.StatusBarAlignment.Left, 10);
  item.name = vscode.l10n.t('Longview Token Gauge');
  item.command = commands.showBudget;
  const show = (state: GaugeState) => {
    draw(item, state);
    item.show();
  };
  show(gauge.state);
  context.subscriptions.push(item, gauge.onDidChange(show));
}

function draw(item: vscode.StatusBarItem, state: GaugeState): void {
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
      item.text = `$(book) ${compact(wanted)} / ${limit === null ? '?' : compact(limit)}`;
      item.tooltip = gaugeTooltip(state.endpoint, state.survey, state.conversation);
      const spoken =
        limit === null
          ? vscode.l10n.t('Longview: {0} tokens, context limit unknown', tokens(wanted))
          : vscode.l10n.t('Longview: {0} of {1} tokens', tokens(wanted), tokens(limit));
      const over = isOver(state.survey) ? `, ${vscode.l10n.t('over budget: files are left out')}` : '';
      item.accessibilityInformation = { label: `${spoken}${over}, ${describeEndpoint(state.endpoint)}` };
      if (limit === null) item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
      else if (isOver(state.survey))
        item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
    }
  }
}
