import * as vscode from 'vscode';

import { chat } from './ids.ts';
import { isRefusal, notFound, refuse, tooSilent, wordsOf } from './languageModelErrors.ts';
import {
  chunkEvent,
  doneEvent,
  errorEvent,
  messagesOf,
  refusalResponse,
  type WireMessage,
} from './languageModelWire.ts';

/** VS Code without the API has no such models to offer. */
export function hasLanguageModels(): boolean {
  return 'lm' in vscode && 'selectChatModels' in vscode.lm;
}

/**
 * VS Code's language models behind the wire format of our endpoints, so that everything above is one code path:
 * `models`, `chat/completions` (streamed) and `/tokenize`, vLLM's shape, for `countTokens`.
 *
 * `vendor` limits the list to one. It must be given for a configured endpoint: listing all would ask our own provider
 * for its models, which asks every endpoint for its limit. After `silenceMs` without a part it gives up.
 */
export function createLanguageModelFetch(silenceMs: () => number, vendor?: string): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const signal = init?.signal ?? undefined;
    signal?.throwIfAborted();
    switch (url.pathname) {
      case '/v1/models':
        return Response.json({ object: 'list', data: (await modelsOf(vendor)).map(card) });
      case '/v1/chat/completions':
        return answer(await bodyOf(init), silenceMs(), signal);
      case '/tokenize':
        return countTokens(await bodyOf(init));
      default:
        return refusalResponse(404, 'VS Code’s language models have no such address.');
    }
  };
}

/** Without those that are ours: an endpoint must not lead back to itself. */
async function modelsOf(vendor: string | undefined): Promise<vscode.LanguageModelChat[]> {
  if (!hasLanguageModels() || vendor === chat.vendor) return [];
  const models = await vscode.lm.selectChatModels(vendor === undefined ? {} : { vendor });
  return models.filter(model => model.vendor !== chat.vendor);
}

function card(model: vscode.LanguageModelChat): object {
  return {
    id: `${model.vendor}/${model.id}`,
    object: 'model',
    owned_by: model.vendor,
    name: model.name,
    maxInputTokens: model.maxInputTokens,
  };
}

interface Body {
  readonly model: string;
  readonly messages: readonly WireMessage[];
  readonly maxTokens: number | undefined;
}

async function bodyOf(init: RequestInit | undefined): Promise<Body | undefined> {
  const json = JSON.parse(await new Response(init?.body ?? '{}').text()) as Record<string, unknown>;
  const messages = messagesOf(json['messages']);
  const { model, max_tokens: maxTokens } = json;
  if (typeof model !== 'string' || messages === undefined) return undefined;
  return { model, messages, maxTokens: typeof maxTokens === 'number' ? maxTokens : undefined };
}

/** A model's own id may hold slashes, a vendor's may not. */
export function vendorOf(model: string): string {
  return model.split('/', 1)[0] ?? '';
}

async function findModel(name: string): Promise<vscode.LanguageModelChat | undefined> {
  return (await modelsOf(vendorOf(name))).find(m => `${m.vendor}/${m.id}` === name);
}

/** VS Code knows no system role. */
function toMessages(messages: readonly WireMessage[]): vscode.LanguageModelChatMessage[] {
  return messages.map(({ role, content }) =>
    role === 'assistant'
      ? vscode.LanguageModelChatMessage.Assistant(content)
      : vscode.LanguageModelChatMessage.User(content),
  );
}

async function countTokens(body: Body | undefined): Promise<Response> {
  if (body === undefined) return refusalResponse(400, 'There are no messages to count.');
  const model = await findModel(body.model);
  if (model === undefined) return notFound(body.model);
  const counts = await Promise.all(toMessages(body.messages).map(async m => model.countTokens(m)));
  return Response.json({ count: counts.reduce((sum, n) => sum + n, 0) });
}

/** Headers are held back until the first part: what is refused before it has a status of its own. */
async function answer(
  body: Body | undefined,
  silenceMs: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  if (body === undefined) return refusalResponse(400, 'The request holds no messages.');
  const model = await findModel(body.model);
  if (model === undefined) return notFound(body.model);
  const source = new vscode.CancellationTokenSource();
  const watch = startWatch(source, silenceMs, signal, body.model);
  try {
    const options = {
      justification: vscode.l10n.t('You asked Longview a question and selected this model to answer it.'),
      ...(body.maxTokens !== undefined && { modelOptions: { max_tokens: body.maxTokens } }),
    };
    const response = await watch.race(model.sendRequest(toMessages(body.messages), options, source.token));
    const parts = response.stream[Symbol.asyncIterator]();
    const first = await watch.race(parts.next());
    return streamed(first, parts, watch, body.model);
  } catch (error) {
    watch.end();
    signal?.throwIfAborted();
    return refuse(error, body.model);
  }
}

interface Watch {
  /** Rejects with the reason when the request is cancelled or silent for too long. */
  race<T>(promise: PromiseLike<T>): Promise<T>;
  /** Nobody reads on: the model need not write on. */
  cancel(): void;
  end(): void;
}

function startWatch(
  source: vscode.CancellationTokenSource,
  silenceMs: number,
  signal: AbortSignal | undefined,
  model: string,
): Watch {
  let fail: (reason: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  // Whoever is not listening any more need not know.
  failed.catch(() => undefined);
  const stop = (reason: unknown) => {
    fail(reason);
    source.cancel();
  };
  const cancel = () => stop(signal?.reason);
  signal?.addEventListener('abort', cancel, { once: true });
  let timer: NodeJS.Timeout | undefined;
  return {
    race: async promise => {
      clearTimeout(timer);
      timer = setTimeout(() => stop(tooSilent(model, silenceMs)), Math.min(silenceMs, 2 ** 31 - 1));
      return Promise.race([promise, failed]);
    },
    cancel: () => source.cancel(),
    end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      source.dispose();
    },
  };
}

function streamed(
  first: IteratorResult<unknown>,
  parts: AsyncIterator<unknown>,
  watch: Watch,
  model: string,
): Response {
  const encoder = new TextEncoder();
  let next: IteratorResult<unknown> | undefined = first;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const part = next ?? (await watch.race(parts.next()));
        next = undefined;
        if (part.done === true) {
          watch.end();
          controller.enqueue(encoder.encode(chunkEvent(model, '', 'stop') + doneEvent));
          controller.close();
          // Other parts are thoughts and calls of tools, which nobody offered.
        } else controller.enqueue(encoder.encode(chunkEvent(model, textOf(part.value), null)));
      } catch (error) {
        watch.end();
        // What the model's extension says stays readable; a cancelled or silent stream just fails.
        if (!isRefusal(error)) controller.error(error);
        else {
          controller.enqueue(encoder.encode(errorEvent(wordsOf(error))));
          controller.close();
        }
      }
    },
    cancel() {
      watch.cancel();
      watch.end();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
}

function textOf(part: unknown): string {
  return part instanceof vscode.LanguageModelTextPart ? part.value : '';
}
