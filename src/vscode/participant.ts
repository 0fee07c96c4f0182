import * as vscode from 'vscode';

import { describeError, isCancellation, LongviewError } from '../core/errors.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import type { Answer } from '../core/review/ask.ts';
import { conversationTokens, ConversationFull } from '../core/review/conversation.ts';
import type { AttachedFile, Prepared, PrepareRequest, WhenFull } from '../core/review/prepare.ts';
import type { Turn } from '../core/review/prompt.ts';
import { createSafeMarkdown } from '../core/review/safeMarkdown.ts';
import { anchorShower, type ShownAnchor } from './anchorLinks.ts';
import { answerNotes } from './answerNotes.ts';
import type { Arrivals } from './arrivals.ts';
import { tokens } from './format.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { askRecorded } from './historyService.ts';
import { chat, commands } from './ids.ts';
import { describeListed, shortName } from './modelStep.ts';
import { replacementFor } from './otherModel.ts';
import { describeProgress, describeResending, pacedProgress } from './progress.ts';
import type { Services } from './services.ts';
import { signalOf, workspaceRequest } from './workspace.ts';

/** Kept with every answer, so that a follow-up can tell the endpoint what was asked and answered. */
interface TurnMetadata {
  readonly turn: Turn;
  /** Turns at the chat's beginning that are no longer sent, because the user chose so. */
  readonly dropped: number;
}

/** Kept with an answer that was not given because the conversation had outgrown its room. */
interface FullMetadata {
  readonly full: { readonly question: string; readonly choices: readonly WhenFull[] };
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
  participant.followupProvider = { provideFollowups: ({ metadata }) => choicesOf(metadata) };
  context.subscriptions.push(participant);
}

/** What the user may do when the conversation has outgrown its room. */
function choicesOf(metadata: Partial<FullMetadata> | undefined): vscode.ChatFollowup[] {
  const { question, choices = [] } = metadata?.full ?? {};
  if (typeof question !== 'string') return [];
  return choices.map(choice => ({
    prompt: question,
    participant: chat.participant,
    ...choiceLabels[choice],
  }));
}

const choiceLabels = {
  'fresh-pack': {
    command: chat.fresh,
    label: vscode.l10n.t('Pack anew, with less room for files'),
  },
  'drop-oldest': {
    command: chat.shorten,
    label: vscode.l10n.t('Ask without the oldest turns'),
  },
} satisfies Record<WhenFull, { command: string; label: string }>;

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
  let asked: Endpoint | undefined;
  const { turns, dropped } = turnsOf(history);
  try {
    const endpoint = chooseEndpoint(request.model, services, stream);
    asked = endpoint;
    let show: ReturnType<typeof anchorShower> | undefined;
    let answer: Answer | undefined;
    let prepared: Prepared | undefined;
    using signal = signalOf(token);
    const safe = createSafeMarkdown();
    const events = askRecorded(
      {
        ...workspaceRequest(),
        ...wishOf(request.command),
        takeInventory: services.live.takeThoroughly,
        endpoint,
        counting: await services.counting.of(endpoint, signal),
        store: services.store,
        question,
        turns,
        attached: attachedTo(request),
        signal,
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
        case 'rebased':
        case 'dropped':
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
    services.gauge.showConversation(endpoint, conversationTokens(prepared, answer));
    const notes = await answerNotes(answer, endpoint, prepared, services);
    const turn = { question, answer: answer.text };
    return finish(stream, { turn, dropped: dropped + prepared.droppedTurns }, answer, notes);
  } catch (error) {
    if (isCancellation(error))
      return { metadata: { turn: { question, answer: text }, dropped } satisfies TurnMetadata };
    if (error instanceof ConversationFull) {
      const metadata: FullMetadata = { full: { question, choices: error.choices } };
      return { metadata, errorDetails: { message: describeError(error) } };
    }
    if (error instanceof LongviewError && error.code === 'no-consent') {
      stream.markdown(plain(describeError(error)));
      return {};
    }
    services.log.error(error instanceof Error ? error : String(error));
    if (asked !== undefined && error instanceof LongviewError && error.code === 'model-not-found')
      await showReplacements(stream, asked, services);
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

/** One click on a button switches the endpoint to another model of the same provider. */
async function showReplacements(
  stream: vscode.ChatResponseStream,
  endpoint: Endpoint,
  services: Services,
): Promise<void> {
  const { why, models } = await replacementFor(endpoint, services);
  stream.markdown(`$(warning) ${plain(why)}`);
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
  metadata: TurnMetadata,
  answer: Answer,
  notes: readonly string[],
): vscode.ChatResult {
  stream.markdown(`\n\n---\n_${notes.join(' ')}_`);
  if (answer.failure === undefined) return { metadata };
  return { metadata, errorDetails: { message: describeError(answer.failure) } };
}

/** `/fresh` and `/shorten`: both also say what to do when the conversation does not fit. */
function wishOf(command: string | undefined): Pick<PrepareRequest, 'fresh' | 'whenFull'> {
  if (command === chat.fresh) return { fresh: true, whenFull: 'fresh-pack' };
  return command === chat.shorten ? { whenFull: 'drop-oldest' } : {};
}

/** Files and selections that the user attached. */
function attachedTo({ references }: vscode.ChatRequest): AttachedFile[] {
  return references.flatMap(({ value }) => {
    if (value instanceof vscode.Uri) return value.scheme === 'file' ? [{ absolutePath: value.fsPath }] : [];
    if (!(value instanceof vscode.Location) || value.uri.scheme !== 'file') return [];
    const { start, end } = value.range;
    return [{ absolutePath: value.uri.fsPath, startLine: start.line + 1, endLine: end.line + 1 }];
  });
}

/** The earlier turns of this chat that Longview answered, without those that were dropped for good. */
function turnsOf({ history }: vscode.ChatContext): { readonly turns: Turn[]; readonly dropped: number } {
  let dropped = 0;
  const turns = history.flatMap(turn => {
    if (!(turn instanceof vscode.ChatResponseTurn) || turn.participant !== chat.participant) return [];
    const metadata = turn.result.metadata as Partial<TurnMetadata> | undefined;
    const kept = metadata?.turn;
    if (typeof metadata?.dropped === 'number') dropped = metadata.dropped;
    return typeof kept?.question === 'string' && typeof kept.answer === 'string' && kept.answer !== ''
      ? [kept]
      : [];
  });
  return { turns: turns.slice(dropped), dropped };
}
