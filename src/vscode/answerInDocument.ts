import * as vscode from 'vscode';

import { describeError, isCancellation, LongviewError } from '../core/errors.ts';
import type { Answer } from '../core/review/ask.ts';
import { belowBlock } from '../core/review/belowBlock.ts';
import { readTyped } from '../core/review/commands.ts';
import { askOf, composeAsk, promptNotes } from '../core/review/compose.ts';
import { plainMarkdown } from '../core/review/historyMarkdown.ts';
import { ConversationFull } from '../core/review/conversation.ts';
import type { Prepared, PrepareRequest, WhenFull } from '../core/review/prepare.ts';
import { tellingSilence } from '../core/review/silence.ts';
import type { AnswerDocuments, OpenAnswer } from './answerDocument.ts';
import { anchorShower } from './anchorLinks.ts';
import { answerNotes } from './answerNotes.ts';
import { tokens } from './format.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { adoptPrints, askRecorded } from './historyService.ts';
import { offerOtherModel } from './otherModel.ts';
import { describeProgress, describeResending, describeSilence } from './progress.ts';
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
  wish: Pick<PrepareRequest, 'fresh' | 'whenFull'> = {},
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
  const remark = (note: string) => text.append(`_${note}_\n\n`);
  let answered = '';
  let asked = question;
  try {
    await documents.show(document);
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: 'Longview', cancellable: true },
      async (progress, token) => {
        let show: ReturnType<typeof anchorShower> | undefined;
        let prepared: Prepared | undefined;
        using cancelled = signalOf(token);
        const signal = AbortSignal.any([cancelled, closed.signal]);
        const base = workspaceRequest(services.steering);
        const composed = await composeAsk({ ...readTyped(question), ...base, signal });
        composed.notes.forEach(remark);
        asked = composed.question;
        const events = askRecorded(
          {
            ...base,
            ...askOf(composed),
            ...wish,
            takeInventory: services.live.takeThoroughly,
            endpoint,
            counting: await services.counting.of(endpoint, signal),
            store: services.store,
            turns: composed.anew ? [] : turns,
            signal,
            onProgress: p => progress.report({ message: describeProgress(p) }),
            surface: 'document',
            id,
          },
          services,
        );
        const patient = tellingSilence(
          events,
          ms => progress.report({ message: describeSilence(endpoint, ms) }),
          1000,
        );
        for await (const event of patient) {
          switch (event.kind) {
            case 'prepared':
              if (prepared === undefined) promptNotes(composed, event.prepared).forEach(remark);
              prepared = event.prepared;
              // What the user let go is not told again.
              document.turns.splice(0, prepared.droppedTurns - (turns.length - document.turns.length));
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
            case 'rebased':
            case 'dropped':
            case 'without-images':
              progress.report({ message: describeResending(event) });
              break;
            case 'text':
              answered += event.text;
              text.append(event.text);
              document.draw();
              break;
            case 'anchor':
              answered += event.text;
              if (event.text === '') text.append(belowBlock(answered));
              if (show !== undefined) text.anchor(show(event.anchor), event.anchor);
              if (event.text === '') text.append('\n');
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
      if (error instanceof ConversationFull)
        void offerRoom(error, document, question, services, documents).catch((failed: unknown) =>
          services.log.error(String(failed)),
        );
      if (error instanceof LongviewError && error.code === 'model-not-found')
        // Not awaited: the question is over, whatever becomes of the offer.
        void offerOtherModel(endpoint, services).catch((failed: unknown) =>
          services.log.error(String(failed)),
        );
    }
  } finally {
    document.running = undefined;
    if (answered !== '') document.turns.push({ question: asked, answer: answered });
    await adoptPrints(text.links, id, services);
    document.draw();
  }
}

/** The user chooses what becomes of a conversation that has outgrown its room. */
async function offerRoom(
  full: ConversationFull,
  document: OpenAnswer,
  question: string,
  services: Services,
  documents: AnswerDocuments,
): Promise<void> {
  const labels: Record<WhenFull, string> = {
    'fresh-pack': vscode.l10n.t('Pack anew, with less room for files'),
    'drop-oldest': vscode.l10n.t('Ask without the oldest turns'),
  };
  const picked = await vscode.window.showWarningMessage(full.message, ...full.choices.map(c => labels[c]));
  const choice = full.choices.find(c => labels[c] === picked);
  if (choice === undefined || document.running !== undefined) return;
  const id = services.history.store.newId(new Date());
  const wish = choice === 'fresh-pack' ? { fresh: true, whenFull: choice } : { whenFull: choice };
  await stream(document, { question, id }, services, documents, wish);
}

function footer({ failure }: Answer, notes: readonly string[]): string {
  const incomplete =
    failure === undefined
      ? []
      : [`**${vscode.l10n.t('Incomplete.')}** ${plainMarkdown(describeError(failure))}`];
  return [...notes.map(plainMarkdown), ...incomplete].join(' ');
}
