import * as vscode from 'vscode';

import { describeError } from '../core/errors.ts';
import { prepare } from '../core/review/prepare.ts';
import { registerAddEndpoint } from './addEndpoint.ts';
import { createAnchorTracker } from './anchorTracker.ts';
import { registerAnswerDocuments } from './answerDocument.ts';
import { registerAnswerLenses } from './answerLenses.ts';
import { createArrivals } from './arrivals.ts';
import { registerAskCommand } from './askCommand.ts';
import { registerBudgetMap } from './budgetMap.ts';
import { registerBudgetView } from './budgetView.ts';
import { registerChatAnchors } from './chatAnchors.ts';
import { registerChooseFiles } from './chooseFiles.ts';
import { registerEndpointCommands } from './endpointCommands.ts';
import { registerFilesView } from './filesView.ts';
import { registerGetStarted } from './getStarted.ts';
import { registerHistoryCommands } from './historyCommands.ts';
import { registerHistoryView } from './historyView.ts';
import { commands, views } from './ids.ts';
import { registerModelProvider } from './modelProvider.ts';
import { registerParticipant } from './participant.ts';
import { registerSecrets } from './secrets.ts';
import { createServices, type Services } from './services.ts';
import { registerStatusBar } from './statusBar.ts';
import { registerTools } from './tools.ts';
import { registerUseTokenizer } from './useTokenizer.ts';

/** What tests get: to put their own {@link Services.confirm} in, and to prepare with what this bundle remembers. */
export type TestServices = Services & { readonly prepare: typeof prepare };

/** Wiring only: services, then one line per feature. */
export async function activate(context: vscode.ExtensionContext): Promise<TestServices | undefined> {
  try {
    const services = await createServices(context);
    const arrivals = createArrivals();
    const tracker = createAnchorTracker();
    context.subscriptions.push(tracker);
    const documents = registerAnswerDocuments(context, services.history.store, tracker);
    registerAnswerLenses(context, documents);
    registerHistoryView(context, services);
    registerHistoryCommands(context, services, documents);
    registerStatusBar(context, services);
    registerBudgetView(context, services);
    registerBudgetMap(context, services);
    registerFilesView(context, services);
    registerChooseFiles(context, services);
    registerGetStarted(context, services);
    registerEndpointCommands(context, services);
    registerAddEndpoint(context, services);
    registerSecrets(context, services);
    registerUseTokenizer(context, services);
    registerModelProvider(context, services);
    registerParticipant(context, services, arrivals, registerChatAnchors(context, services, tracker));
    registerTools(context, services);
    registerAskCommand(context, services, arrivals, documents);
    context.subscriptions.push(
      vscode.commands.registerCommand(commands.showLog, () => services.log.show()),
      vscode.commands.registerCommand(commands.refresh, () => services.gauge.refresh()),
      vscode.commands.registerCommand(commands.showBudget, () =>
        vscode.commands.executeCommand(`${views.budget}.focus`),
      ),
    );
    services.gauge.refresh();
    return context.extensionMode === vscode.ExtensionMode.Test
      ? Object.assign(services, { prepare })
      : undefined;
  } catch (error) {
    // VS Code does not tell the user when an extension fails to activate.
    void vscode.window.showErrorMessage(vscode.l10n.t('Longview could not start: {0}', describeError(error)));
    throw error;
  }
}
