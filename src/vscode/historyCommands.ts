import * as vscode from 'vscode';

import { describeError, LongviewError } from '../core/errors.ts';
import type { HistoryEntry } from '../core/review/history.ts';
import { recheckAnchor, recheckSummary, type Recheck } from '../core/review/historyAnchors.ts';
import { historyMarkdown, stateText } from '../core/review/historyMarkdown.ts';
import { searchHistory } from '../core/review/historySearch.ts';
import { pacer } from '../core/pace.ts';
import type { AnswerDocuments } from './answerDocument.ts';
import { followUpInDocument } from './answerInDocument.ts';
import { storedAnchorShower } from './anchorLinks.ts';
import { textOf } from './anchorTracker.ts';
import { commands } from './ids.ts';
import { uriOf } from './places.ts';
import type { Services } from './services.ts';
import { openFolders } from './workspace.ts';

/** What can be done with a kept answer, from its row, its document, or the palette. */
export function registerHistoryCommands(
  context: vscode.ExtensionContext,
  services: Services,
  documents: AnswerDocuments,
): void {
  const { store, changed } = services.history;

  /** A row, a document's URI, the answer in the active editor, or one that is picked. */
  async function chosen(target: unknown): Promise<string | undefined> {
    const row = (target as { id?: unknown } | undefined)?.id;
    if (typeof row === 'string') return row;
    const uri =
      typeof target === 'string' ? vscode.Uri.parse(target) : vscode.window.activeTextEditor?.document.uri;
    return (await documents.get(uri))?.id ?? search(services);
  }

  async function read(id: string): Promise<HistoryEntry> {
    const found = await store.read(id);
    if (found.kind === 'entry') return found.entry;
    const why = found.kind === 'gone' ? vscode.l10n.t('It has been deleted.') : found.why;
    throw new LongviewError(
      'io',
      vscode.l10n.t('The answer cannot be read. {0}', why),
      'Choose another one.',
    );
  }

  const on = (command: string, run: (id: string) => Promise<void>) =>
    vscode.commands.registerCommand(command, async (target: unknown) => {
      try {
        const id = await chosen(target);
        if (id !== undefined) await run(id);
      } catch (error) {
        services.log.error(error instanceof Error ? error : String(error));
        await vscode.window.showErrorMessage(describeError(error));
      }
    });

  context.subscriptions.push(
    on(commands.openAnswer, async id => documents.reopen(id, (await read(id)).title)),
    vscode.commands.registerCommand(commands.searchHistory, async () => {
      const id = await search(services);
      if (id !== undefined) await vscode.commands.executeCommand(commands.openAnswer, { id });
    }),
    on(commands.recheckAnswer, async id => {
      const entry = await read(id);
      const summary = recheckSummary(await recheck(entry));
      await documents.reopen(id, entry.title);
      void vscode.window.showInformationMessage(summary);
    }),
    on(commands.exportAnswer, async id => {
      const entry = await read(id);
      const [folder] = openFolders();
      const name = `${entry.at.slice(0, 10)} ${entry.title
        .replace(/[\\/:*?"<>|\p{Cc}]+/gu, ' ')
        .slice(0, 60)
        .trim()}.md`;
      const base = uriOf(folder?.path ?? '/');
      const target = await services.chooseFile(vscode.Uri.joinPath(base, name));
      if (target === undefined) return;
      const text = historyMarkdown(entry, await recheck(entry));
      await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
      await vscode.window.showTextDocument(target);
    }),
    on(commands.deleteAnswer, async id => {
      const found = await store.read(id);
      const title = found.kind === 'entry' ? found.entry.title : id;
      const yes = vscode.l10n.t('Delete');
      const answer = await services.confirm({
        title: vscode.l10n.t('Delete this answer from the history?'),
        detail: title,
        choices: [yes],
      });
      if (answer !== yes) return;
      await store.delete(id);
      changed();
    }),
    vscode.commands.registerCommand(commands.askFollowUp, async (target: unknown, given: unknown) => {
      const uri =
        typeof target === 'string' ? vscode.Uri.parse(target) : vscode.window.activeTextEditor?.document.uri;
      const open = await documents.get(uri);
      if (open === undefined) {
        await vscode.window.showInformationMessage(vscode.l10n.t('Open an answer first, then ask on.'));
        return;
      }
      const question =
        typeof given === 'string'
          ? given
          : await vscode.window.showInputBox({
              title: vscode.l10n.t('Longview: Ask a Follow-Up'),
              placeHolder: vscode.l10n.t('It is answered over the same files, with the conversation so far.'),
              ignoreFocusOut: true,
            });
      if (question === undefined || question.trim() === '') return;
      await followUpInDocument(open, question.trim(), services, documents);
    }),
  );
}

async function recheck(entry: HistoryEntry): Promise<Recheck[]> {
  const show = storedAnchorShower(openFolders());
  const texts = new Map<string, string | undefined>();
  const pause = pacer(undefined);
  const rechecks: Recheck[] = [];
  for (const anchor of entry.anchors) {
    await pause();
    const uri = show(anchor).location?.uri;
    if (uri !== undefined && !texts.has(uri.toString())) texts.set(uri.toString(), await textOf(uri));
    rechecks.push(recheckAnchor(anchor, uri && texts.get(uri.toString())));
  }
  return rechecks;
}

interface Found extends vscode.QuickPickItem {
  readonly id: string;
}

/** Searches questions and answers while the user types; resolves to the entry that was picked. */
async function search({ history, log }: Services): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<Found>();
  pick.title = vscode.l10n.t('Search Questions and Answers');
  pick.placeholder = vscode.l10n.t('Words that the question or the answer holds');
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  let running = new AbortController();
  const find = async () => {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    pick.busy = true;
    const found: Found[] = [];
    try {
      for await (const { head, excerpt } of searchHistory(history.store, pick.value, signal)) {
        const detail = excerpt === '' ? {} : { detail: excerpt };
        // `alwaysShow`: the words may stand far apart from what is shown of them.
        found.push({
          id: head.id,
          label: head.title,
          description: `${new Date(head.at).toLocaleString()} · ${head.endpoint.name} · ${stateText(head)}`,
          ...detail,
          alwaysShow: true,
        });
        if (found.length === 200) break;
      }
      pick.items = found;
      pick.busy = false;
    } catch (error) {
      if (!signal.aborted) log.error(error instanceof Error ? error : String(error));
    }
  };
  try {
    return await new Promise(resolve => {
      pick.onDidChangeValue(() => void find());
      pick.onDidAccept(() => resolve(pick.selectedItems[0]?.id));
      pick.onDidHide(() => resolve(undefined));
      pick.show();
      void find();
    });
  } finally {
    running.abort();
    pick.dispose();
  }
}
