import * as vscode from 'vscode';

import { describeError, isCancellation } from '../core/errors.ts';
import type { Answer } from '../core/review/ask.ts';
import { plainMarkdown } from '../core/review/historyMarkdown.ts';
import type { Prepared } from '../core/review/prepare.ts';
import type { AnswerDocuments, OpenAnswer } from './answerDocument.ts';
import { anchorShower } from './anchorLinks.ts';
import { answerNotes } from './answerNotes.ts';
import { tokens } from './format.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { askRecorded } from './historyService.ts';
import { describeProgress, describeResending } from './progress.ts';
import type { Services } from './services.ts';
import { signalOf, workspaceRequest } from './workspace.ts';

/** Asks the selected endpoint and streams into a new document; cancellable from the progress notification. */
export async function answerInDocument(
  question: string,
  services: Services,
  documents: AnswerDocuments,
): Promise<void> {
  const id = services.history.store.newId(new Date());
  const document = documents.create(id, question);
  await stream(document, { question, id }, services, documents);
}

/** Asks on in the document of an earlier answer. */
export async function followUpInDocument(
  document: OpenAnswer,
  question: string,
  services: Services,
  documents: AnswerDocuments,
): Promise<void> {
  // One answer at a time: a turn that is not whole cannot be told to the endpoint.
  if (document.running !== undefined) return;
  await stream(document, { question, id: services.history.store.newId(new Date()) }, services, documents);
}

async function stream(
  document: OpenAnswer,
  { question, id }: { readonly question: string; readonly id: string },
  services: Services,
  documents: AnswerDocuments,
): Promise<void> {
  const endpoint = services.endpoints.selected();
  const closed = new AbortController();
  const turns = [...document.turns];
  const { text } = document;
  document.running = closed;
  text.question(question);
  const end = (markdown: string) => {
    text.note(markdown);
    document.draw();
  };
  let answered = '';
  try {
    await documents.show(document);
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: 'Longview', cancellable: true },
      async (progress, token) => {
        let show: ReturnType<typeof anchorShower> | undefined;
        let prepared: Prepared | undefined;
        const events = askRecorded(
          {
            ...workspaceRequest(),
            endpoint,
            store: services.store,
            question,
            turns,
            signal: AbortSignal.any([signalOf(token), closed.signal]),
            onProgress: p => progress.report({ message: describeProgress(p) }),
            surface: 'document',
            id,
          },
          services,
        );
        for await (const event of events) {
          switch (event.kind) {
            case 'prepared':
              prepared = event.prepared;
              show = anchorShower(event.prepared.inventory);
              progress.report({
                message: vscode.l10n.t(
                  '{0} answers; the prompt has {1} tokens…',
                  describeEndpoint(endpoint),
                  tokens(event.prepared.promptTokens),
                ),
              });
              break;
            case 'waiting':
            case 'refit':
              progress.report({ message: describeResending(event) });
              break;
            case 'text':
              answered += event.text;
              text.append(event.text);
              document.draw();
              break;
            case 'anchor':
              answered += event.text;
              if (show !== undefined) text.anchor(show(event.anchor), event.anchor);
              document.draw();
              break;
            case 'done':
              if (prepared !== undefined)
                end(footer(event.answer, await answerNotes(event.answer, endpoint, prepared, services)));
          }
        }
      },
    );
  } catch (error) {
    if (isCancellation(error)) {
      end(vscode.l10n.t('Cancelled; this is what arrived.'));
    } else {
      services.log.error(error instanceof Error ? error : String(error));
      end(`**${vscode.l10n.t('No answer.')}** ${plainMarkdown(describeError(error))}`);
    }
  } finally {
    document.running = undefined;
    if (answered !== '') document.turns.push({ question, answer: answered });
    await adoptPrints(document, id, services);
    document.draw();
  }
}

/** The history knows the content of the cited lines, so that they are found again after any edit. */
async function adoptPrints({ text }: OpenAnswer, id: string, { history, log }: Services): Promise<void> {
  try {
    const read = await history.store.read(id);
    if (read.kind !== 'entry') return;
    const links = text.links.slice(-read.entry.anchors.length);
    read.entry.anchors.forEach((anchor, i) => {
      const link = links[i];
      if (link?.anchor.path === anchor.path) link.anchor = anchor;
    });
  } catch (error) {
    log.warn(`The history could not be read: ${String(error)}`);
  }
}

function footer({ failure }: Answer, notes: readonly string[]): string {
  const incomplete =
    failure === undefined
      ? []
      : [`**${vscode.l10n.t('Incomplete.')}** ${plainMarkdown(describeError(failure))}`];
  return [...notes, ...incomplete].join(' ');
}
