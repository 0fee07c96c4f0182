import * as vscode from 'vscode';

import { describeError, LongviewError } from '../core/errors.ts';
import { readTyped } from '../core/review/commands.ts';
import type { AnswerDocuments } from './answerDocument.ts';
import { answerInDocument } from './answerInDocument.ts';
import type { Arrivals } from './arrivals.ts';
import { chat, commands } from './ids.ts';
import type { Services } from './services.ts';
import { readSettings } from './settings.ts';
import { openFolders } from './workspace.ts';
import { noWorkspace } from '../core/workspace/skips.ts';

const openChat = 'workbench.action.chat.open';
/** How long Chat may take to call the participant before the answer opens as a document. */
const patienceMs = 6000;

/** "Longview: Ask About This Workspace": in Chat where there is one, else in a document. */
export function registerAskCommand(
  context: vscode.ExtensionContext,
  services: Services,
  arrivals: Arrivals,
  documents: AnswerDocuments,
): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(commands.ask, async (given?: unknown) => {
      try {
        if (openFolders().length === 0) {
          throw noWorkspace();
        }
        const question = typeof given === 'string' ? given.trim() : await askForQuestion();
        if (question === undefined || question === '') return;
        // A command that is not ours must not become one of Chat's own, or a question.
        readTyped(question);
        if (await tryChat(question, services, arrivals)) return;
        await answerInDocument(question, services, documents);
      } catch (error) {
        services.log.error(error instanceof Error ? error : String(error));
        await vscode.window.showErrorMessage(describeError(error));
      }
    }),
  );
}

async function askForQuestion(): Promise<string | undefined> {
  const question = await vscode.window.showInputBox({
    title: vscode.l10n.t('Longview: Ask About This Workspace'),
    placeHolder: vscode.l10n.t('Where are errors turned into messages for the user?'),
    ignoreFocusOut: true,
    validateInput: unknownCommand,
  });
  return question?.trim();
}

function unknownCommand(typed: string): string | undefined {
  // Not while its name is still being typed.
  if (!/\s/.test(typed.trim()) && !typed.endsWith(' ')) return undefined;
  try {
    readTyped(typed);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}

/** True where Chat took the question. `chat` insists on it; `document` never tries. */
async function tryChat(question: string, services: Services, arrivals: Arrivals): Promise<boolean> {
  const { answers, chatSwitchedOff } = readSettings();
  if (answers === 'document') return false;
  const available = !chatSwitchedOff && (await vscode.commands.getCommands(true)).includes(openChat);
  if (!available) {
    if (answers === 'auto') return false;
    throw new LongviewError(
      'bad-settings',
      chatSwitchedOff
        ? 'Chat is switched off by the setting chat.disableAIFeatures.'
        : 'This editor has no Chat.',
      'Set longview.answers to "auto" or "document".',
    );
  }
  const arrived = answers === 'auto' ? arrivals.expect(question, patienceMs) : Promise.resolve(true);
  const opened = vscode.commands.executeCommand(openChat, {
    query: `@${chat.name} ${question}`,
    modelSelector: { vendor: chat.vendor, id: services.endpoints.selected().config.id },
  });
  // Chat's own promise may wait for the whole answer, or for a sign-in; arriving is what counts.
  Promise.resolve(opened).catch((error: unknown) => services.log.warn(`Chat did not open: ${String(error)}`));
  return arrived;
}
