import * as vscode from 'vscode';

import { slashCommands, type SlashCommand } from '../core/review/commands.ts';
import { commands } from './ids.ts';

/** Only what stands here can be run by a click: the text around it is ours, never a model's or a file's. */
const enabledCommands = [commands.showBudget, commands.selectEndpoint, commands.addEndpoint];

/** What an empty question gets. */
export function helpText(endpoint: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands };
  text.appendMarkdown(
    `${vscode.l10n.t('Ask a question about this workspace, for example: *Where are errors turned into messages?* The whole workspace goes into one prompt, and what the answer cites is checked.')}\n\n`,
  );
  const all: readonly SlashCommand[] = slashCommands;
  for (const { name, description, example } of all)
    text.appendMarkdown(`- \`/${name}\`${example === undefined ? '' : ` _${example}_`}: ${description}\n`);
  text.appendMarkdown(
    `\n${vscode.l10n.t('Attach files or a selection to point at them.')} [${vscode.l10n.t('Show the budget')}](command:${commands.showBudget}) · [${vscode.l10n.t('Select')}](command:${commands.selectEndpoint}) ${vscode.l10n.t('or')} [${vscode.l10n.t('add an endpoint')}](command:${commands.addEndpoint}); ${vscode.l10n.t('now:')} `,
  );
  text.appendText(endpoint);
  return text;
}
