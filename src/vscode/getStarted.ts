import * as vscode from 'vscode';

import { isAudit } from '../core/review/commands.ts';
import type { HistoryHead } from '../core/review/historyTypes.ts';
import { commands, contextKeys, settingKeys, walkthrough } from './ids.ts';
import type { Services } from './services.ts';
import { readSettings } from './settings.ts';

/** What the walkthrough's steps wait for, besides an endpoint; once true it stays true. */
type Milestone = 'askedOffline' | 'askedEndpoint' | 'audited';
const milestones: readonly Milestone[] = ['askedOffline', 'askedEndpoint', 'audited'];
const memory = 'longview.milestones';

/** "Longview: Get Started", and the conditions that complete its steps. Nothing opens by itself. */
export function registerGetStarted(context: vscode.ExtensionContext, services: Services): void {
  const { history, memento, log } = services;
  const kept = memento.get<unknown>(memory);
  const reached = new Set<Milestone>(Array.isArray(kept) ? milestones.filter(m => kept.includes(m)) : []);
  const set = (key: string, value: boolean) => void vscode.commands.executeCommand('setContext', key, value);
  const showEndpoints = () => set(contextKeys.hasEndpoint, readSettings().endpoints.length > 0);

  async function look(): Promise<void> {
    if (reached.size === milestones.length) return;
    const { entries } = await history.store.list();
    const before = reached.size;
    for (const head of entries) for (const milestone of milestonesOf(head)) reached.add(milestone);
    for (const milestone of reached) set(contextKeys[milestone], true);
    if (reached.size > before) await memento.update(memory, [...reached]);
  }

  showEndpoints();
  for (const milestone of reached) set(contextKeys[milestone], true);
  context.subscriptions.push(
    vscode.commands.registerCommand(commands.getStarted, () =>
      vscode.commands.executeCommand(
        'workbench.action.openWalkthrough',
        `${context.extension.id}#${walkthrough}`,
        false,
      ),
    ),
    history.onDidChange(() => {
      look().catch((error: unknown) => log.warn(`The history could not be read: ${String(error)}`));
    }),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration(settingKeys.endpoints)) showEndpoints();
    }),
  );
}

export function milestonesOf({ state, endpoint, title }: HistoryHead): Milestone[] {
  if (state !== 'done') return [];
  return [
    endpoint.offline ? 'askedOffline' : 'askedEndpoint',
    ...(isAudit(title) ? (['audited'] as const) : []),
  ];
}
