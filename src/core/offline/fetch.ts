import { setTimeout as sleep } from 'node:timers/promises';
import { answerPrompt } from './answer.ts';
import { parseLargeJson } from './largeJson.ts';
import { countablePieces, readPrompt, sliceAtFrames } from './prompt.ts';
import { readRequest, type CompletionRequest, type SlicedMessage } from './request.ts';
import { createTurns, type Turns } from './turns.ts';
import * as wire from './wire.ts';

/** Tokens of Llama 4's chat template: once per conversation, and around every message (reference/tokenizer.md). */
export const conversationTokens = 1 + 4;
const messageTokens = 5;

export interface OfflineOptions {
  /** Tokens of the shared window, prompt and answer together. */
  readonly contextLimit: number;
  /**
   * Called with pieces of the prompt, a few at a time, and with the answer. Pieces have about 64 K characters,
   * more where no place comes at which counts add up (minified lines): up to 0.2 s of o200k, so count in workers.
   */
  readonly countTokens: (text: string) => number | Promise<number>;
  /** Longest time in ms that the thread is kept. */
  readonly yieldMs?: number;
  /** Pause in ms before each piece of a streamed answer. */
  readonly delayMs?: number;
}

/**
 * The offline reader: speaks the OpenAI chat-completions format at {@link wire.offlineBaseUrl}, without network
 * and without a model. Rejects with `signal.reason` when cancelled, with a TypeError for any other address.
 */
export function createOfflineFetch(options: OfflineOptions): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!url.href.startsWith(`${wire.offlineBaseUrl}/`))
      throw new TypeError(`The offline reader has no network and cannot reach ${url.origin}.`);
    // A body of many megabytes is not given to a Request, which would copy it.
    const { body, ...rest } = init ?? {};
    const request = new Request(input, rest);
    const { method } = request;
    const signal = init?.signal ?? request.signal;
    signal.throwIfAborted();
    switch (url.pathname.slice(new URL(wire.offlineBaseUrl).pathname.length)) {
      case '/models':
        return method === 'GET' ? wire.modelsResponse(options.contextLimit) : notAllowed();
      case '/chat/completions':
        if (method !== 'POST') return notAllowed();
        return complete(body ?? request.body, options, signal);
      default:
        return Response.json({ detail: 'Not Found' }, { status: 404 });
    }
  };
}

/** FastAPI's shape, as vLLM answers. */
function notAllowed(): Response {
  return Response.json({ detail: 'Method Not Allowed' }, { status: 405 });
}

/** Decoded chunk by chunk, with pauses: 40 MB at once hold the thread for too long. */
async function textOf(body: RequestInit['body'], turns: Turns): Promise<string> {
  if (typeof body === 'string') return body;
  if (!(body instanceof ReadableStream)) return new Response(body ?? null).text();
  const decoder = new TextDecoder();
  const parts: string[] = [];
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    parts.push(decoder.decode(chunk, { stream: true }));
    if (turns.due()) await turns.next();
  }
  parts.push(decoder.decode());
  return parts.join('');
}

async function complete(
  body: RequestInit['body'],
  options: OfflineOptions,
  signal: AbortSignal,
): Promise<Response> {
  // A reader that drops the stream stops the search as well as one that aborts the request.
  const dropped = new AbortController();
  const stop = AbortSignal.any([signal, dropped.signal]);
  const turns = createTurns(options.yieldMs ?? 12, stop);
  let parsed: unknown;
  try {
    parsed = await parseLargeJson(await textOf(body, turns), turns);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return wire.refusalResponse(wire.refusal(400, `The request body is not valid JSON: ${error.message}`));
  }
  const asked = readRequest(parsed);
  if ('kind' in asked) return wire.refusalResponse(asked);
  if (asked.model !== wire.offlineModel)
    return wire.refusalResponse(wire.refusal(404, `The model \`${asked.model}\` does not exist.`, 'model'));
  const messages: SlicedMessage[] = [];
  for (const { role, slices } of asked.messages)
    messages.push({ role, slices: await sliceAtFrames(slices, turns) });
  const request = { ...asked, messages };
  const promptTokens = await countPrompt(request.messages, options, turns);
  signal.throwIfAborted();
  const refused = wire.refuseOverLimit(options.contextLimit, promptTokens, request.maxTokens);
  if (refused !== undefined) return wire.refusalResponse(refused);
  if (request.stream) {
    const events = streamEvents(request, promptTokens, options, turns, stop);
    return streamed(events, dropped);
  }
  const answer = await writeAnswer(request, promptTokens, options, turns);
  signal.throwIfAborted();
  const usage = wire.wireUsage(promptTokens, answer.tokens);
  return wire.completionResponse(wire.newReply(), answer.text, answer.finishReason, usage);
}

/** Pieces that are counted at the same time, for counters that have workers. */
const countedAtOnce = 4;

async function countPrompt(
  messages: readonly SlicedMessage[],
  { countTokens }: OfflineOptions,
  turns: Turns,
): Promise<number> {
  let tokens = conversationTokens + messages.length * messageTokens;
  let counting: Promise<number>[] = [];
  const settle = async (): Promise<void> => {
    for (const n of await Promise.all(counting)) tokens += n;
    counting = [];
  };
  for (const slice of messages.flatMap(({ slices }) => slices))
    for (const piece of countablePieces(slice)) {
      counting.push(Promise.resolve(countTokens(piece)));
      if (counting.length === countedAtOnce) await settle();
      if (turns.due()) await turns.next();
    }
  await settle();
  return tokens;
}

interface WrittenAnswer {
  readonly text: string;
  readonly tokens: number;
  readonly finishReason: wire.FinishReason;
}

/** The answer, cut where `max_tokens` or the window ends, as a model's would be. */
async function writeAnswer(
  request: CompletionRequest,
  promptTokens: number,
  { contextLimit, countTokens }: OfflineOptions,
  turns: Turns,
): Promise<WrittenAnswer> {
  const text = await answerPrompt(await readPrompt(request.messages, turns), turns);
  const room = Math.min(request.maxTokens ?? Infinity, contextLimit - promptTokens);
  const tokens = await countTokens(text);
  if (tokens <= room) return { text, tokens, finishReason: 'stop' };
  let fits = 0;
  let fitsTokens = 0;
  for (let tooLong = text.length; tooLong - fits > 1;) {
    const middle = (fits + tooLong) >> 1;
    const middleTokens = await countTokens(text.slice(0, middle));
    if (middleTokens > room) tooLong = middle;
    else [fits, fitsTokens] = [middle, middleTokens];
  }
  if (/[\ud800-\udbff]$/.test(text.slice(0, fits))) fits--; // half a character
  return { text: text.slice(0, fits), tokens: fitsTokens, finishReason: 'length' };
}

/** Headers are out before the search starts, as a server's are once it has accepted a prompt. */
function streamed(events: AsyncGenerator<string, void, void>, dropped: AbortController): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await events.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel(reason) {
      dropped.abort(reason);
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
}

async function* streamEvents(
  request: CompletionRequest,
  promptTokens: number,
  options: OfflineOptions,
  turns: Turns,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  const reply = wire.newReply();
  yield wire.chunkEvent(reply, { role: 'assistant', content: '' });
  const answer = await writeAnswer(request, promptTokens, options, turns);
  for (const content of answer.text.match(/[^\n]*\n+|[^\n]+/g) ?? []) {
    // An answer that is asked for line by line must leave room in between for whoever wants to cancel it.
    if (options.delayMs === undefined) await turns.next();
    else await sleep(options.delayMs, undefined, { signal });
    signal.throwIfAborted();
    yield wire.chunkEvent(reply, { content });
  }
  yield wire.chunkEvent(reply, {}, answer.finishReason);
  if (request.includeUsage) yield wire.usageEvent(reply, wire.wireUsage(promptTokens, answer.tokens));
  yield wire.doneEvent;
}
