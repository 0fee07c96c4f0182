import * as vscode from 'vscode';

import { describeError, isCancellation, LongviewError } from '../core/errors.ts';
import { ask, type Answer } from '../core/review/ask.ts';
import { readTyped } from '../core/review/commands.ts';
import { askOf, composeAsk, promptNotes } from '../core/review/compose.ts';
import type { Prepared } from '../core/review/prepare.ts';
import { anchorShower, type ShownAnchor } from './anchorLinks.ts';
import { answerNotes } from './answerNotes.ts';
import { createAnswerText, targetOf, type AnswerText } from './answerText.ts';
import { tokens } from './format.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { answerScheme } from './ids.ts';
import { offerOtherModel } from './otherModel.ts';
import { describeProgress, describeResending } from './progress.ts';
import type { Services } from './services.ts';
import { signalOf, workspaceRequest } from './workspace.ts';

interface OpenAnswer {
  readonly text: AnswerText;
  readonly controller: AbortController;
}

/** Answers as read-only Markdown documents that grow while they stream. */
export interface AnswerDocuments {
  open(question: string): Promise<GrowingAnswer>;
}

interface GrowingAnswer {
  /** Aborted when the user closes the answer's tab. */
  readonly closed: AbortSignal;
  append(text: string): void;
  anchor(shown: ShownAnchor): void;
}

/** A stream of small changes is drawn at most this often. */
const drawEveryMs = 100;

export function registerAnswerDocuments(context: vscode.ExtensionContext): AnswerDocuments {
  const answers = new Map<string, OpenAnswer>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let opened = 0;
  context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(answerScheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: uri =>
        answers.get(uri.path)?.text.markdown ??
        vscode.l10n.t('This answer belongs to an earlier session and is gone.'),
    }),
    vscode.languages.registerDocumentLinkProvider(
      { scheme: answerScheme },
      { provideDocumentLinks: document => documentLinks(document, answers.get(document.uri.path)?.text) },
    ),
    // The tab, not the document: a document also "closes" when its language mode changes.
    vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
      for (const { input } of closed) {
        if (!(input instanceof vscode.TabInputText) || input.uri.scheme !== answerScheme) continue;
        answers.get(input.uri.path)?.controller.abort();
        answers.delete(input.uri.path);
      }
    }),
  );
  return {
    async open(question) {
      const uri = vscode.Uri.from({ scheme: answerScheme, path: `/Longview Answer ${++opened}.md` });
      const text = createAnswerText(question);
      const answer: OpenAnswer = { text, controller: new AbortController() };
      answers.set(uri.path, answer);
      let timer: NodeJS.Timeout | undefined;
      const draw = () => {
        timer ??= setTimeout(() => {
          timer = undefined;
          changed.fire(uri);
        }, drawEveryMs);
      };
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
      return {
        closed: answer.controller.signal,
        append(more) {
          text.append(more);
          draw();
        },
        anchor(shown) {
          text.anchor(shown);
          draw();
        },
      };
    },
  };
}

function documentLinks(document: vscode.TextDocument, answer: AnswerText | undefined): vscode.DocumentLink[] {
  if (answer === undefined) return [];
  const shownLength = document.getText().length;
  return answer.links
    .filter(link => link.offset + link.length <= shownLength)
    .map(({ offset, length, shown }) => {
      const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
      const link = new vscode.DocumentLink(range, shown.location && targetOf(shown.location));
      link.tooltip = shown.remark ?? vscode.l10n.t('Verified: the quote stands at these lines');
      return link;
    });
}

/** Asks the selected endpoint and streams into a document; cancellable from the progress notification. */
export async function answerInDocument(
  question: string,
  services: Services,
  documents: AnswerDocuments,
): Promise<void> {
  const endpoint = services.endpoints.selected();
  const document = await documents.open(question);
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: 'Longview', cancellable: true },
    async (progress, token) => {
      let show: ReturnType<typeof anchorShower> | undefined;
      let prepared: Prepared | undefined;
      try {
        const base = workspaceRequest();
        using cancelled = signalOf(token);
        const signal = AbortSignal.any([cancelled, document.closed]);
        const composed = await composeAsk({ ...readTyped(question), ...base, signal });
        for (const note of composed.notes) document.append(`_${note}_\n\n`);
        const events = ask(
          {
            ...base,
            takeInventory: services.live.takeThoroughly,
            endpoint,
            counting: await services.counting.of(endpoint, signal),
            store: services.store,
            ...askOf(composed),
            signal,
            onProgress: p => progress.report({ message: describeProgress(p) }),
          },
          services,
        );
        for await (const event of events) {
          switch (event.kind) {
            case 'prepared':
              prepared = event.prepared;
              show = anchorShower(event.prepared.inventory);
              for (const note of promptNotes(composed, event.prepared)) document.append(`_${note}_\n\n`);
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
              progress.report({ message: describeResending(event) });
              break;
            case 'text':
              document.append(event.text);
              break;
            case 'anchor':
              if (show !== undefined) document.anchor(show(event.anchor));
              break;
            case 'done':
              if (prepared !== undefined)
                document.append(
                  footer(event.answer, await answerNotes(event.answer, endpoint, prepared, services)),
                );
          }
        }
      } catch (error) {
        if (isCancellation(error)) {
          document.append(`\n\n---\n${vscode.l10n.t('Cancelled; this is what arrived.')}\n`);
          return;
        }
        services.log.error(error instanceof Error ? error : String(error));
        document.append(`\n\n---\n**${vscode.l10n.t('No answer.')}** ${describeError(error)}\n`);
        if (error instanceof LongviewError && error.code === 'model-not-found')
          // Not awaited: the question is over, whatever becomes of the offer.
          void offerOtherModel(endpoint, services).catch((failed: unknown) =>
            services.log.error(String(failed)),
          );
      }
    },
  );
}

function footer({ failure }: Answer, notes: readonly string[]): string {
  const incomplete =
    failure === undefined ? [] : [`**${vscode.l10n.t('Incomplete.')}** ${describeError(failure)}`];
  return `\n\n---\n${[...notes, ...incomplete].join(' ')}\n`;
}
