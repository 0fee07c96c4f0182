import type { ServerResponse } from 'node:http';

import { truncate } from './counting.ts';
import type { Counter } from './counting.ts';
import { counterOf, modelsOf } from './state.ts';
import type { MutableRecord, State } from './state.ts';
import { errorLines, eventStream, write, writeStream } from './sse.ts';
import { refusalOf } from './faults.ts';
import type { Ask } from './system.ts';
import type { AnswerRequest, FakeMessage, FakeModel, Refusal, Reply } from './types.ts';

/** What the server core offers a handler. */
export interface Exchange {
  readonly record: MutableRecord;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
  /** Model id, where the path names it and the body does not. */
  readonly pathModel: string | undefined;
  reply(reply: Reply): void;
  /** Breaks the connection on purpose, which is not the client's doing. */
  kill(reset?: boolean): void;
}

/** One request for an answer, from the key that was already accepted to the last byte. */
export async function answerChat(state: State, exchange: Exchange): Promise<void> {
  const { record, response, signal, reply } = exchange;
  const { system, options } = state;
  const body = record.body;
  if (!isObject(body)) return reply({ status: 400, body: { error: { message: 'invalid JSON body' } } });

  const requested = String(exchange.pathModel ?? body['model'] ?? '');
  const id = system.modelId?.(requested) ?? requested;
  const model = modelsOf(state).find(m => m.id === id);
  if (model === undefined) return reply(system.errors.unknownModel(requested));
  if (model.dead === true) return reply(system.errors.deadModel(requested));

  const counter = counterOf(state);
  const messages = readMessages(body);
  const stream = body['stream'] === true;
  const maxTokens = firstNumber(
    body['max_completion_tokens'],
    body['max_tokens'],
    inference(body)['maxTokens'],
  );
  record.promptTokens = counter.messages(messages);
  const ask: Ask = {
    model,
    options,
    promptTokens: record.promptTokens,
    maxTokens,
    stream,
    characters: messages.reduce((sum, m) => sum + m.content.length, 0),
    body,
  };

  const fault = state.faults.shift() ?? state.standingFault;
  if (fault?.kind === 'drop') return exchange.kill();
  const cuts = system.cut !== undefined && (options.silentTruncation ?? system.truncatesByDefault ?? false);
  const refusal: Refusal | undefined =
    (fault && refusalOf(fault, ask, system)) ?? tooFast(ask, state) ?? (cuts ? undefined : system.admit(ask));
  if (refusal !== undefined) {
    if (!stream || refusal.inStream === undefined) return reply(refusal);
    response.writeHead(200, eventStream);
    record.status = 200;
    await write(response, errorLines(refusal.body, refusal.inStream, refusal.done === true), signal);
    response.end();
    return;
  }

  const read = cuts && system.cut ? truncate(messages, model.contextTokens, system.cut, counter) : messages;
  const prompt = read.map(m => m.content).join('\n');
  record.readTokens = read === messages ? record.promptTokens : counter.messages(read);
  record.cachedTokens = state.cached(model.id, prompt);
  const answer = pieces(state, {
    model: model.id,
    messages: read,
    prompt,
    promptTokens: record.readTokens,
    maxTokens,
    body,
    signal,
  });
  const taken = limited(answer, allowance(model, record.readTokens, maxTokens, cuts), counter);

  await state.headersGate.pass(signal);
  if (options.headersDelayMs !== undefined) await delay(options.headersDelayMs, signal);
  const usage = () =>
    system.usage({
      promptTokens: record.readTokens ?? 0,
      completionTokens: taken.tokens(),
      cachedTokens: reportsCache(state) ? record.cachedTokens : undefined,
      model,
    });
  const idOfReply = `chatcmpl-${state.requests.indexOf(record) + 1}`;

  if (stream) {
    response.writeHead(200, eventStream);
    record.status = 200;
    const alive = await writeStream(response, {
      id: idOfReply,
      model: model.id,
      habits: system.stream,
      includeUsage: isObject(body['stream_options']) && body['stream_options']['include_usage'] === true,
      fault,
      pieces: taken.pieces,
      finish: () => ({ reason: taken.reason(), usage: usage() }),
      midStream: system.errors.midStream(),
      chunkGate: state.chunkGate,
      signal,
      kill: exchange.kill,
    });
    if (alive) response.end();
    return;
  }
  if (fault?.kind === 'die' || fault?.kind === 'cut') return exchange.kill();
  let text = '';
  for await (const piece of taken.pieces) {
    await state.chunkGate.pass(signal);
    text += piece;
  }
  if (fault?.kind === 'empty-length') text = '';
  const finish =
    fault?.kind === 'empty-length' || fault?.kind === 'finish-length' ? 'length' : taken.reason();
  const whole = system.shape?.(text, finish, usage()) ?? {
    id: idOfReply,
    object: 'chat.completion',
    created: 1_763_712_000,
    model: model.id,
    choices: [
      { index: 0, message: { role: 'assistant', content: text }, finish_reason: finish, logprobs: null },
    ],
    usage: usage(),
  };
  if (fault?.kind === 'stream-error')
    return reply({ status: 200, body: fault.body ?? system.errors.midStream() });
  reply({ status: 200, body: whole });
}

/** The bucket: what is larger than a whole minute's tokens can never pass. */
function tooFast(ask: Ask, { options, system }: State): Reply | undefined {
  const limit = options.tokensPerMinute;
  const requested = ask.promptTokens + (ask.maxTokens ?? 0);
  if (limit === undefined || requested <= limit) return undefined;
  return system.errors.rate({
    model: ask.model.id,
    limit,
    used: 0,
    requested,
    retryAfterSeconds: 0,
    permanent: true,
  });
}

function reportsCache({ system, options }: State): boolean {
  return system.cache !== undefined && (options.reportsCache ?? system.cache.reportsByDefault);
}

function allowance(model: FakeModel, read: number, maxTokens: number | undefined, cuts: boolean): number {
  const window = cuts ? Infinity : Math.max(1, model.contextTokens - read);
  return Math.min(maxTokens ?? Infinity, model.maxOutputTokens ?? Infinity, window);
}

async function* pieces(state: State, request: AnswerRequest): AsyncIterable<string> {
  const { answer = 'The fake read {promptTokens} tokens.', chunkChars = 24 } = state.options;
  const said =
    typeof answer === 'string'
      ? answer.replace('{promptTokens}', String(request.promptTokens))
      : await answer(request);
  if (typeof said !== 'string') return yield* said;
  for (let i = 0; i < said.length; i += chunkChars) yield said.slice(i, i + chunkChars);
}

/** Stops the answer at `most` tokens, and keeps the count. */
function limited(source: AsyncIterable<string>, most: number, counter: Counter) {
  let used = 0;
  let full = false;
  async function* take(): AsyncIterable<string> {
    for await (const piece of source) {
      const size = counter.text(piece);
      if (used + size > most) {
        full = true;
        const rest = counter.head(piece, most - used);
        used = most;
        if (rest !== '') yield rest;
        return;
      }
      used += size;
      yield piece;
    }
  }
  return { pieces: take(), tokens: () => used, reason: () => (full ? 'length' : 'stop') };
}

/** Plain text of the messages; parts (`{text}`, Bedrock's included) are joined. */
function readMessages(body: Record<string, unknown>): FakeMessage[] {
  const system = Array.isArray(body['system'])
    ? [{ role: 'system', content: body['system'] as unknown }]
    : [];
  const list = Array.isArray(body['messages']) ? (body['messages'] as unknown[]) : [];
  return [...system, ...list]
    .filter(isObject)
    .map(m => ({ role: String(m['role']), content: textOf(m['content']) }));
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map(part => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

function inference(body: Record<string, unknown>): Record<string, unknown> {
  return isObject(body['inferenceConfig']) ? body['inferenceConfig'] : {};
}

function firstNumber(...values: readonly unknown[]): number | undefined {
  return values.find(v => typeof v === 'number');
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
