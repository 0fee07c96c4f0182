import * as vscode from 'vscode';

import { describeError, isCancellation, LongviewError } from '../core/errors.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import type { Answer } from '../core/review/ask.ts';
import type { Prepared } from '../core/review/prepare.ts';
import type { Turn } from '../core/review/prompt.ts';
import { createSafeMarkdown } from '../core/review/safeMarkdown.ts';
import { anchorShower, type ShownAnchor } from './anchorLinks.ts';
import { answerNotes } from './answerNotes.ts';
import type { Arrivals } from './arrivals.ts';
import { tokens } from './format.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { askRecorded } from './historyService.ts';
import { chat } from './ids.ts';
import { describeProgress, describeResending, pacedProgress } from './progress.ts';
import type { Services } from './services.ts';
import { signalOf, workspaceRequest } from './workspace.ts';

/** Kept with every answer, so that a follow-up can tell the endpoint what was asked and answered. */
interface TurnMetadata {
  readonly turn: Turn;
}

/** `@longview` in VS Code's own Chat. */
export function registerParticipant(
  context: vscode.ExtensionContext,
  services: Services,
  arrivals: Arrivals,
): void {
  // Older builds and forks come without Chat; answers open as documents there.
  if (!('chat' in vscode) || !('createChatParticipant' in vscode.chat)) return;
  const participant = vscode.chat.createChatParticipant(
    chat.participant,
    async (request, history, stream, token) => {
      if (!arrivals.arrive(request.prompt)) {
        stream.markdown(
          vscode.l10n.t('This question is being answered in a document, because Chat was slow to start.'),
        );
        return {};
      }
      return answerInChat(request, history, stream, token, services);
    },
  );
  participant.iconPath = new vscode.ThemeIcon('book');
  context.subscriptions.push(participant);
}

async function answerInChat(
  request: vscode.ChatRequest,
  history: vscode.ChatContext,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
  services: Services,
): Promise<vscode.ChatResult> {
  const question = request.prompt.trim();
  if (question === '') {
    stream.markdown(
      vscode.l10n.t(
        'Ask a question about this workspace, for example: *Where are errors turned into messages?*',
      ),
    );
    return {};
  }
  let text = '';
  try {
    const endpoint = chooseEndpoint(request.model, services, stream);
    let show: ReturnType<typeof anchorShower> | undefined;
    let answer: Answer | undefined;
    let prepared: Prepared | undefined;
    const safe = createSafeMarkdown();
    const events = askRecorded(
      {
        ...workspaceRequest(),
        endpoint,
        store: services.store,
        question,
        turns: turnsOf(history),
        signal: signalOf(token),
        onProgress: pacedProgress(progress => stream.progress(describeProgress(progress))),
        surface: 'chat',
      },
      services,
    );
    for await (const event of events) {
      switch (event.kind) {
        case 'prepared':
          prepared = event.prepared;
          show = anchorShower(event.prepared.inventory);
          stream.progress(
            vscode.l10n.t(
              '{0} files packed, {1} tokens, for {2}…',
              event.prepared.pack.manifest.length,
              tokens(event.prepared.promptTokens),
              describeEndpoint(endpoint),
            ),
          );
          break;
        case 'waiting':
        case 'refit':
          stream.progress(describeResending(event));
          break;
        case 'text':
          text += event.text;
          stream.markdown(safe.push(event.text));
          break;
        case 'anchor':
          text += event.text;
          stream.markdown(safe.interrupt());
          if (show !== undefined) showAnchor(stream, show(event.anchor));
          break;
        case 'done':
          stream.markdown(safe.end());
          answer = event.answer;
      }
    }
    if (answer === undefined || prepared === undefined) return {};
    return finish(stream, question, answer, await answerNotes(answer, endpoint, prepared, services));
  } catch (error) {
    if (isCancellation(error))
      return { metadata: { turn: { question, answer: text } } satisfies TurnMetadata };
    if (error instanceof LongviewError && error.code === 'no-consent') {
      stream.markdown(plain(describeError(error)));
      return {};
    }
    services.log.error(error instanceof Error ? error : String(error));
    return { errorDetails: { message: describeError(error) } };
  }
}

/** Our own model where the user picked one in Chat; else the selected endpoint, said aloud. */
function chooseEndpoint(
  model: vscode.LanguageModelChat,
  { endpoints, log }: Services,
  stream: vscode.ChatResponseStream,
): Endpoint {
  const picked = model.vendor === chat.vendor ? endpoints.byId(model.id) : undefined;
  if (picked !== undefined) return picked;
  const selected = endpoints.selected();
  log.debug(`Chat gave the model ${model.vendor}/${model.id}, which is not ours.`);
  const line = new vscode.MarkdownString('_');
  line.appendText(
    vscode.l10n.t('Answered by {0}, the endpoint selected in Longview.', describeEndpoint(selected)),
  );
  line.appendMarkdown('_\n\n');
  stream.markdown(line);
  return selected;
}

function showAnchor(stream: vscode.ChatResponseStream, shown: ShownAnchor): void {
  if (shown.location !== undefined) stream.anchor(shown.location, shown.label);
  else stream.markdown(`~~${plain(shown.label)}~~`);
  stream.markdown(
    shown.remark === undefined ? ` ${shown.mark}` : ` ${shown.mark} _(${plain(shown.remark)})_`,
  );
}

/** Text of a file or a model inside our own Markdown. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!~<>|$]/g, '\\$&').replace(/\s+/g, ' ');
}

function finish(
  stream: vscode.ChatResponseStream,
  question: string,
  answer: Answer,
  notes: readonly string[],
): vscode.ChatResult {
  stream.markdown(`\n\n---\n_${notes.join(' ')}_`);
  const metadata: TurnMetadata = { turn: { question, answer: answer.text } };
  if (answer.failure === undefined) return { metadata };
  return { metadata, errorDetails: { message: describeError(answer.failure) } };
}

/** The earlier turns of this chat that Longview answered. */
function turnsOf({ history }: vscode.ChatContext): Turn[] {
  return history.flatMap(turn => {
    if (!(turn instanceof vscode.ChatResponseTurn) || turn.participant !== chat.participant) return [];
    const metadata = turn.result.metadata as Partial<TurnMetadata> | undefined;
    const kept = metadata?.turn;
    return typeof kept?.question === 'string' && typeof kept.answer === 'string' && kept.answer !== ''
      ? [kept]
      : [];
  });
}
