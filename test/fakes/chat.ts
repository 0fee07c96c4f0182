import type { ServerResponse } from 'node:http';

import { answerOf } from './answer.ts';
import type { LimitedAnswer } from './answer.ts';
import { truncate } from './counting.ts';
import { refusalOf } from './faults.ts';
import { isObject, readImages, readMaxTokens, readMessages, wantsUsage } from './request.ts';
import { errorLines, eventStream, write, writeBinary, writeStream } from './sse.ts';
import { counterOf, modelsOf } from './state.ts';
import type { MutableRecord, State } from './state.ts';
import type { Accounting, Ask } from './system.ts';
import type { FakeMessage, FakeModel, Fault, Refusal, Reply } from './types.ts';

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
  const { record, reply } = exchange;
  const { system, options } = state;
  if (!isObject(record.body))
    return reply({
      status: 400,
      body: { error: { message: 'We could not parse the JSON body of your request.' } },
    });
  const body = record.body;

  const requested = String(exchange.pathModel ?? body['model'] ?? '');
  const id = system.modelId?.(requested) ?? requested;
  const models = modelsOf(state);
  const model = models.find(m => m.id === id) ?? (system.anyModel === true ? models[0] : undefined);
  if (model === undefined) return reply(system.errors.unknownModel(requested));
  if (model.dead === true) return reply(system.errors.deadModel(requested));
  const rejected = (options.rejects ?? system.rejects ?? []).find(name => name in body);
  if (rejected !== undefined) return reply(system.errors.unknownParameter(rejected));

  const messages = readMessages(body);
  const images = readImages(body);
  record.images = images.filter(image => image !== null);
  const most = options.images ?? Infinity;
  if (images.length > most) return reply(system.errors.images(model.id, options, most));
  if (images.includes(null)) return reply(system.errors.images(model.id, options, undefined));
  const imageTokens = images.length * (options.imageTokens ?? 1000);
  record.promptTokens = counterOf(state).messages(messages) + imageTokens;
  const ask: Ask = {
    model,
    options,
    promptTokens: record.promptTokens,
    maxTokens: readMaxTokens(body),
    stream: system.streams?.(record.path) ?? body['stream'] === true,
    characters: messages.reduce((sum, m) => sum + m.content.length, 0),
    body,
  };
  const fault = state.faults.shift() ?? state.standingFault;
  if (fault?.kind === 'drop') return exchange.kill();
  const refusal = judge(state, ask, fault);
  if (refusal !== undefined) return refuse(state, exchange, ask, refusal);
  return give(state, exchange, ask, messages, fault);
}

function cuts({ system, options }: State): boolean {
  return system.cut !== undefined && (options.silentTruncation ?? system.truncatesByDefault ?? false);
}

function judge(state: State, ask: Ask, fault: Fault | undefined): Refusal | undefined {
  const forced = fault === undefined ? undefined : refusalOf(fault, ask, state.system);
  return forced ?? tooFast(state, ask) ?? (cuts(state) ? undefined : state.system.admit(ask));
}

/** The bucket: what is larger than a whole minute's tokens can never pass. */
function tooFast({ options, system }: State, ask: Ask): Reply | undefined {
  const limit = options.tokensPerMinute;
  const requested = ask.promptTokens + (ask.maxTokens ?? 0);
  if (limit === undefined || requested <= limit) return undefined;
  const model = ask.model.id;
  return system.errors.rate({ model, limit, used: 0, requested, retryAfterSeconds: 0, permanent: true });
}

/** A plain reply, or 200 and then the error, where the system has begun to stream by then. */
async function refuse(
  { system }: State,
  { record, response, signal, reply }: Exchange,
  ask: Ask,
  refusal: Refusal,
): Promise<void> {
  if (!ask.stream || refusal.inStream === undefined) return reply(refusal);
  record.status = 200;
  response.writeHead(200, {
    ...system.headers,
    ...(system.binary ? { 'content-type': system.binary.contentType } : eventStream),
  });
  await write(
    response,
    system.binary?.failure(refusal.body) ?? errorLines(refusal.body, refusal.inStream, refusal.done === true),
    signal,
  );
  response.end();
}

async function give(
  state: State,
  exchange: Exchange,
  ask: Ask,
  messages: readonly FakeMessage[],
  fault: Fault | undefined,
): Promise<void> {
  const { record, response, signal } = exchange;
  const { system, options } = state;
  const counter = counterOf(state);
  const { model, maxTokens, body } = ask;

  const cut = cuts(state) ? system.cut : undefined;
  const read = cut === undefined ? messages : truncate(messages, model.contextTokens, cut, counter);
  const prompt = read.map(m => m.content).join('\n');
  const readTokens = counter.messages(read) + record.images.length * (options.imageTokens ?? 1000);
  record.readTokens = readTokens;
  record.cachedTokens = state.cached(model.id, prompt);
  const answer = answerOf(
    options,
    { model: model.id, messages: read, prompt, promptTokens: readTokens, maxTokens, body, signal },
    allowance(model, readTokens, maxTokens, cut !== undefined),
    counter,
  );

  await state.headersGate.pass(signal);
  if (options.headersDelayMs !== undefined) await delay(options.headersDelayMs, signal);
  const accounting = (): Accounting => ({
    promptTokens: readTokens,
    completionTokens: answer.tokens(),
    cachedTokens: (options.reportsCache ?? system.cache.reportsByDefault) ? record.cachedTokens : undefined,
    model,
  });
  const id = `chatcmpl-${state.requests.indexOf(record) + 1}`;
  if (!ask.stream) return giveWhole(state, exchange, { id, model, answer, accounting, fault });

  record.status = 200;
  const type = system.binary ? { 'content-type': system.binary.contentType } : eventStream;
  response.writeHead(200, { ...system.headers, ...type });
  const job = {
    id,
    model: model.id,
    habits: system.stream,
    includeUsage: wantsUsage(body),
    fault,
    pieces: answer.pieces,
    finish: () => ({
      reason: answer.reason(),
      usage: system.usage(accounting()),
      trailer: system.trailer?.(accounting()) ?? {},
    }),
    midStream: system.errors.midStream(model.id),
    fingerprint: system.fingerprint,
    chunkGate: state.chunkGate,
    signal,
    kill: exchange.kill,
  };
  const alive = await (system.binary
    ? writeBinary(response, system.binary, job)
    : writeStream(response, job));
  if (alive) response.end();
}

interface Whole {
  readonly id: string;
  readonly model: FakeModel;
  readonly answer: LimitedAnswer;
  readonly accounting: () => Accounting;
  readonly fault: Fault | undefined;
}

async function giveWhole(state: State, exchange: Exchange, whole: Whole): Promise<void> {
  const { system, chunkGate } = state;
  const { answer, accounting, fault, model } = whole;
  if (fault?.kind === 'die' || fault?.kind === 'cut') return exchange.kill();
  if (fault?.kind === 'stream-error')
    return exchange.reply({ status: 200, body: fault.body ?? system.errors.midStream(model.id).body });
  let text = '';
  for await (const piece of answer.pieces) {
    await chunkGate.pass(exchange.signal);
    text += piece;
  }
  const shortened = fault?.kind === 'empty-length' || fault?.kind === 'finish-length';
  if (fault?.kind === 'empty-length') text = '';
  const finish = shortened ? 'length' : answer.reason();
  const usage = system.usage(accounting());
  const body = system.shape?.(text, finish, usage) ?? {
    id: whole.id,
    object: 'chat.completion',
    created: 1_763_712_000,
    model: model.id,
    ...(system.fingerprint === undefined ? {} : { system_fingerprint: system.fingerprint }),
    choices: [
      { index: 0, message: { role: 'assistant', content: text }, finish_reason: finish, logprobs: null },
    ],
    usage,
    ...system.trailer?.(accounting()),
  };
  exchange.reply({ status: 200, body });
}

function allowance(model: FakeModel, read: number, maxTokens: number | undefined, cut: boolean): number {
  const window = cut ? Infinity : Math.max(1, model.contextTokens - read);
  return Math.min(maxTokens ?? Infinity, model.maxOutputTokens ?? Infinity, window);
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
