import * as vscode from 'vscode';

import { describeError, isCancellation, LongviewError } from '../core/errors.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import type { Answer } from '../core/review/ask.ts';
import { belowBlock } from '../core/review/belowBlock.ts';
import { conversationTokens, ConversationFull } from '../core/review/conversation.ts';
import { readTyped, typedText } from '../core/review/commands.ts';
import { askOf, composeAsk, promptNotes, type Composed } from '../core/review/compose.ts';
import { choicesOf, followupsOf } from '../core/review/followups.ts';
import type { Prepared } from '../core/review/prepare.ts';
import { tellingSilence } from '../core/review/silence.ts';
import { anchorShower } from './anchorLinks.ts';
import { answerNotes } from './answerNotes.ts';
import type { Arrivals } from './arrivals.ts';
import { readReferences } from './attachments.ts';
import { helpText } from './chatHelp.ts';
import type { ChatAnchors } from './chatAnchors.ts';
import { createChatAnswer, plain, type ChatAnswer } from './chatAnswer.ts';
import { conversationOf, type TurnMetadata } from './chatTurns.ts';
import { followupProvider } from './followups.ts';
import { filesText, tokens } from './format.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { adoptPrints, askRecorded } from './historyService.ts';
import { chat, commands } from './ids.ts';
import { describeListed, shortName } from './modelStep.ts';
import { replacementFor } from './otherModel.ts';
import { describeProgress, describeResending, describeSilence, pacedProgress } from './progress.ts';
import { remedyOf } from './remedies.ts';
import type { Services } from './services.ts';
import { signalOf, workspaceRequest } from './workspace.ts';

/** `@longview` in VS Code's own Chat. */
export function registerParticipant(
  context: vscode.ExtensionContext,
  services: Services,
  arrivals: Arrivals,
  anchors: ChatAnchors,
): void {
  // Older builds and forks come without Chat; answers open as documents there.
  if (!('chat' in vscode) || !('createChatParticipant' in vscode.chat)) return;
  const participant = vscode.chat.createChatParticipant(
    chat.participant,
    async (request, history, stream, token) => {
      if (!arrivals.arrive(typedText({ command: request.command, text: request.prompt }))) {
        stream.markdown(
          vscode.l10n.t('This question is being answered in a document, because Chat was slow to start.'),
        );
        return {};
      }
      return answerInChat(request, history, stream, token, services, anchors);
    },
  );
  participant.iconPath = new vscode.ThemeIcon('book');
  participant.followupProvider = followupProvider;
  context.subscriptions.push(participant);
}

async function answerInChat(
  request: vscode.ChatRequest,
  history: vscode.ChatContext,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
  services: Services,
  anchors: ChatAnchors,
): Promise<vscode.ChatResult> {
  let text = '';
  let composed: Composed | undefined;
  let conversation = conversationOf(history);
  const metadata = (answer: string, dropped = 0): TurnMetadata => ({
    ...(composed !== undefined && { turn: { question: composed.question, answer } }),
    ...(composed?.command !== undefined && { command: composed.command }),
    ...(composed?.anew === true && { fresh: true }),
    dropped: conversation.dropped + dropped,
  });
  let asked: Endpoint | undefined;
  let drawn: ChatAnswer | undefined;
  try {
    const referring = await readReferences(request);
    const typed = readTyped(typedText({ command: request.command, text: referring.text }));
    if (typed.text === '' && referring.attachments.length === 0) {
      if (typed.command === 'fresh') return beginAnew(stream);
      if (typed.command === undefined) {
        stream.markdown(helpText(describeEndpoint(services.endpoints.selected())));
        return {};
      }
    }
    const base = workspaceRequest(services.steering);
    using signal = signalOf(token);
    composed = await composeAsk({ ...typed, ...base, attachments: referring.attachments, signal });
    const endpoint = chooseEndpoint(request.model, services, stream);
    asked = endpoint;
    tell(stream, composed.notes);
    if (composed.anew) conversation = { turns: [], fresh: true, dropped: 0 };
    let show: ReturnType<typeof anchorShower> | undefined;
    let answer: Answer | undefined;
    let prepared: Prepared | undefined;
    drawn = createChatAnswer(stream, anchors);
    const id = services.history.store.newId(new Date());
    const events = askRecorded(
      {
        ...base,
        ...askOf(composed),
        turns: conversation.turns,
        fresh: composed.fresh || conversation.fresh,
        takeInventory: services.live.takeThoroughly,
        endpoint,
        counting: await services.counting.of(endpoint, signal),
        store: services.store,
        signal,
        onProgress: pacedProgress(progress => stream.progress(describeProgress(progress))),
        surface: 'chat',
        id,
      },
      services,
    );
    const patient = tellingSilence(events, ms => stream.progress(describeSilence(endpoint, ms)), 60_000);
    for await (const event of patient) {
      switch (event.kind) {
        case 'prepared':
          if (prepared === undefined) tell(stream, promptNotes(composed, event.prepared));
          prepared = event.prepared;
          show = anchorShower(event.prepared.inventory);
          stream.progress(
            vscode.l10n.t(
              '{0} packed, {1} tokens, for {2}…',
              filesText(event.prepared.pack.manifest.length),
              tokens(event.prepared.promptTokens),
              describeEndpoint(endpoint),
            ),
          );
          break;
        case 'waiting':
        case 'refit':
        case 'rebased':
        case 'dropped':
        case 'without-images':
          stream.progress(describeResending(event));
          break;
        case 'text':
          text += event.text;
          drawn.text(event.text);
          break;
        case 'anchor':
          text += event.text;
          // A code block's own citation stands below it, on a line of its own.
          if (event.text === '') drawn.text(belowBlock(text));
          if (show !== undefined) drawn.anchor(show(event.anchor), event.anchor);
          if (event.text === '') drawn.text('\n');
          break;
        case 'done':
          drawn.end();
          answer = event.answer;
      }
    }
    await adoptPrints(drawn.links, id, services);
    if (answer === undefined || prepared === undefined) return {};
    services.gauge.showAnswer(endpoint, {
      conversation: conversationTokens(prepared, answer),
      overlay: prepared.addition.overlayTokens,
      usage: answer.usage,
      ...(answer.truncation && { truncation: answer.truncation }),
    });
    const notes = await answerNotes(answer, endpoint, prepared, services);
    stream.markdown(`\n\n---\n_${notes.map(plain).join(' ')}_`);
    const followups = followupsOf(answer, composed.command);
    const kept = { ...metadata(answer.text, prepared.droppedTurns), followups };
    return answer.failure === undefined ? { metadata: kept } : fail(answer.failure, stream, kept);
  } catch (error) {
    drawn?.end();
    if (isCancellation(error)) return { metadata: metadata(text) };
    if (error instanceof ConversationFull && composed !== undefined) {
      const followups = choicesOf(error, composed);
      return fail(error, stream, { dropped: conversation.dropped, followups });
    }
    if (error instanceof LongviewError && (error.code === 'no-consent' || error.code === 'bad-usage')) {
      stream.markdown(plain(describeError(error)));
      offerRemedy(error, stream);
      return {};
    }
    services.log.error(error instanceof Error ? error : String(error));
    if (asked !== undefined && error instanceof LongviewError && error.code === 'model-not-found')
      await showReplacements(stream, asked, services);
    return fail(error, stream, {});
  }
}

function beginAnew(stream: vscode.ChatResponseStream): vscode.ChatResult {
  stream.markdown(
    vscode.l10n.t('The next question packs the workspace anew, and the turns above are not sent with it.'),
  );
  return { metadata: { fresh: true } satisfies TurnMetadata };
}

/** One line of our own above the answer for each. */
function tell(stream: vscode.ChatResponseStream, notes: readonly string[]): void {
  for (const note of notes) stream.markdown(`_${plain(note)}_\n\n`);
}

function fail(error: unknown, stream: vscode.ChatResponseStream, metadata: TurnMetadata): vscode.ChatResult {
  offerRemedy(error, stream);
  return { metadata, errorDetails: { message: describeError(error) } };
}

function offerRemedy(error: unknown, stream: vscode.ChatResponseStream): void {
  const remedy = remedyOf(error);
  if (remedy !== undefined) stream.button(remedy);
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

/** One click on a button switches the endpoint to another model of the same provider. */
async function showReplacements(
  stream: vscode.ChatResponseStream,
  endpoint: Endpoint,
  services: Services,
): Promise<void> {
  const { why, models } = await replacementFor(endpoint, services);
  stream.markdown(new vscode.MarkdownString(`$(warning) ${plain(why)}`, true));
  const use = { endpoint: endpoint.config.id };
  for (const model of models.slice(0, 3)) {
    stream.markdown(`\n\n${plain(model.id)} · ${plain(describeListed(model))}\n`);
    stream.button({
      command: commands.useModel,
      title: vscode.l10n.t('Use {0}', shortName(model.id)),
      arguments: [{ ...use, model: model.id }],
    });
  }
  if (models.length > 3)
    stream.button({ command: commands.useModel, title: vscode.l10n.t('Other Models…'), arguments: [use] });
}
