import * as vscode from 'vscode';

import { streamChat } from '../core/endpoint/client.ts';
import { describeEvidence } from '../core/endpoint/evidenceText.ts';
import { gatherEvidence, resolveLimit, windowToPlan } from '../core/endpoint/limit.ts';
import type { ChatMessage, ContextLimit, Endpoint, Usage } from '../core/endpoint/types.ts';
import { LongviewError } from '../core/errors.ts';
import { countingMeasurer } from '../core/pack/countingMeasurer.ts';
import { learnFromRefusal } from '../core/review/ask.ts';
import { limitUnknown } from '../core/review/prepare.ts';
import { chatOverhead } from '../core/tokens/chatOverhead.ts';
import { tokens } from './format.ts';
import { chat } from './ids.ts';
import type { Services } from './services.ts';
import { readSettings } from './settings.ts';
import { spend } from './spending.ts';
import { signalOf } from './workspace.ts';

/**
 * Our endpoints as VS Code language models, for Chat's model picker and for other extensions. Whoever sends through
 * them passes the same gates as an ask.
 */
export function registerModelProvider(context: vscode.ExtensionContext, services: Services): void {
  // Absent in builds before 1.104 and in some forks.
  if (!('lm' in vscode) || !('registerLanguageModelChatProvider' in vscode.lm)) return;
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.LanguageModelChatProvider = {
    onDidChangeLanguageModelChatInformation: changed.event,
    provideLanguageModelChatInformation: async (_options, token) => {
      using signal = signalOf(token);
      return await Promise.all(services.endpoints.all().map(e => describeModel(e, signal, services)));
    },
    provideLanguageModelChatResponse: async (model, messages, _options, progress, token) =>
      respond(model, messages, progress, token, services),
    provideTokenCount: async (model, text, token) => {
      using signal = signalOf(token);
      const counting = await services.counting.of(services.endpoints.byId(model.id) ?? null, signal);
      const measurer = countingMeasurer(services.measurer, counting);
      return await measurer.count(typeof text === 'string' ? text : textOf(text), signal);
    },
  };
  context.subscriptions.push(
    changed,
    vscode.lm.registerLanguageModelChatProvider(chat.vendor, provider),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration('longview')) changed.fire();
    }),
  );
}

/** An endpoint that cannot be reached now stays in the picker; asking it tells what is wrong. */
const unknownLimit: ContextLimit = { kind: 'unknown', evidence: [] };

async function describeModel(
  endpoint: Endpoint,
  signal: AbortSignal,
  { store, counting }: Pick<Services, 'store' | 'counting'>,
): Promise<vscode.LanguageModelChatInformation> {
  const { id, name, model, maxOutputTokens } = endpoint.config;
  const limit = await gatherEvidence(endpoint, signal, [], { now: () => new Date(), store }).then(
    resolveLimit,
    () => unknownLimit,
  );
  const { errorBound } = await counting.of(endpoint, signal);
  const wanted = maxOutputTokens ?? readSettings().prompt.answerTokens;
  const answer = Math.min(wanted, limit.maxOutputTokens ?? Infinity);
  return {
    id,
    name: name ?? id,
    family: model,
    version: '1',
    detail: limit.kind === 'known' ? tokens(limit.tokens) : vscode.l10n.t('limit unknown'),
    tooltip: vscode.l10n.t('Context limit: {0}', describeEvidence(limit, new Date())),
    // Whoever sizes a prompt to this counts with `provideTokenCount`, which may be off by the bound. Nothing is sent
    // over an unknown limit: whoever sizes a prompt to this sends nothing that matters.
    maxInputTokens:
      limit.kind === 'known' ? Math.max(1, Math.floor(promptRoom(limit, answer) / (1 + errorBound))) : 1,
    maxOutputTokens: answer,
    capabilities: {},
  };
}

/** Tokens that a prompt may have beside an answer, which takes a quarter of the window at most. */
function promptRoom(limit: ContextLimit & { readonly kind: 'known' }, wanted: number): number {
  const answer = Math.min(wanted, limit.tokens / 4);
  return windowToPlan(limit, answer) - answer;
}

async function respond(
  model: vscode.LanguageModelChatInformation,
  messages: readonly vscode.LanguageModelChatRequestMessage[],
  progress: vscode.Progress<vscode.LanguageModelResponsePart>,
  token: vscode.CancellationToken,
  { endpoints, gates, measurer, store, spending, counting: countings }: Services,
): Promise<void> {
  const endpoint = endpoints.byId(model.id);
  if (endpoint === undefined) {
    throw new LongviewError(
      'bad-settings',
      `There is no endpoint "${model.id}".`,
      'Run "Longview: Select Endpoint".',
    );
  }
  using signal = signalOf(token);
  const chatMessages = messages.map(toMessage);
  const counting = await countings.of(endpoint, signal);
  const count = await countingMeasurer(measurer, counting).count(
    chatMessages.map(m => m.content).join('\n'),
    signal,
  );
  const promptTokens = count + chatOverhead(chatMessages.length);
  const evidence = await gatherEvidence(endpoint, signal, [], { now: () => new Date(), store });
  const maxTokens = answerRoom(endpoint, resolveLimit(evidence), promptTokens, model.maxOutputTokens);
  const request = { messages: chatMessages, maxTokens, files: null, tokens: promptTokens };
  let usage: Usage | undefined;
  try {
    for await (const event of streamChat(endpoint, request, gates, signal)) {
      if (event.kind === 'text') progress.report(new vscode.LanguageModelTextPart(event.text));
      else if (event.kind === 'usage') usage = event.usage;
    }
  } catch (error) {
    await learnFromRefusal(
      error,
      { promptTokens, maxTokens, evidence },
      { endpoint, store },
      { now: Date.now() },
    );
    throw error;
  }
  if (usage === undefined) return;
  await countings.learn({ endpoint, counting, promptTokens }, usage);
  await spend(endpoint, usage, { store, spending });
}

/** What the window leaves for the answer. Throws where it is unknown, or the prompt leaves nothing. */
function answerRoom(endpoint: Endpoint, limit: ContextLimit, promptTokens: number, wanted: number): number {
  if (limit.kind === 'unknown') throw limitUnknown(endpoint);
  const { maxInputTokens = Infinity, maxOutputTokens = Infinity } = limit;
  const room = Math.min(wanted, maxOutputTokens, limit.tokens - promptTokens);
  if (room > 0 && promptTokens <= maxInputTokens) return room;
  const most =
    maxInputTokens < limit.tokens
      ? `the endpoint takes at most ${tokens(maxInputTokens)} of them`
      : `the context limit is ${tokens(limit.tokens)}`;
  throw new LongviewError(
    'over-limit',
    `The prompt has ${tokens(promptTokens)} tokens; ${most}. Nothing was sent.`,
    'Send less, or choose an endpoint with a larger window.',
  );
}

function toMessage(message: vscode.LanguageModelChatRequestMessage): ChatMessage {
  const role = message.role === vscode.LanguageModelChatMessageRole.Assistant ? 'assistant' : 'user';
  return { role, content: textOf(message) };
}

function textOf(message: vscode.LanguageModelChatRequestMessage): string {
  return message.content
    .map(part => (part instanceof vscode.LanguageModelTextPart ? part.value : ''))
    .join('');
}
