import type { ServerResponse } from 'node:http';

import type { Gate } from './gate.ts';
import type { BinaryStream, StreamFailure, StreamHabits } from './system.ts';
import type { Fault, StreamErrorForm } from './types.ts';

export const eventStream = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
};

export interface StreamJob {
  readonly id: string;
  readonly model: string;
  readonly habits: StreamHabits;
  readonly includeUsage: boolean;
  readonly fault: Fault | undefined;
  /** The text, cut to what may be answered, and how it ended; read lazily, so a gate holds the model too. */
  readonly pieces: AsyncIterable<string>;
  readonly finish: () => { reason: string; usage: Record<string, unknown>; trailer: object };
  readonly midStream: StreamFailure;
  readonly fingerprint: string | undefined;
  readonly chunkGate: Gate;
  readonly signal: AbortSignal;
  kill(reset?: boolean): void;
}

/**
 * Writes an answer as server-sent events, with the system's habits and the fault, if one is due. False where the
 * fault broke the connection.
 */
export async function writeStream(response: ServerResponse, job: StreamJob): Promise<boolean> {
  const { fault, habits, signal } = job;
  const send = (text: string) => write(response, text, signal);
  const chunk = (delta: object, finish: string | null, more: object = {}) =>
    send(dataLine({ ...head(job), choices: [{ index: 0, delta, finish_reason: finish }], ...more }));

  for (const comment of habits.comments ?? []) await send(`: ${comment}\n\n`);
  if (fault?.kind === 'empty-stream') return true;
  await chunk({ role: 'assistant', content: '' }, null);

  let sent = 0;
  if (await strike(job, sent, send)) return fault?.kind !== 'die';
  if (fault?.kind !== 'empty-length')
    for await (const piece of job.pieces) {
      if (fault?.kind === 'finish-length' && sent === fault.afterChunks) break;
      await job.chunkGate.pass(signal);
      await chunk({ content: piece }, null);
      sent++;
      if (await strike(job, sent, send)) return fault?.kind !== 'die';
    }

  const forced = fault?.kind === 'finish-length' || fault?.kind === 'empty-length';
  const { reason, usage, trailer } = job.finish();
  const finish = forced ? 'length' : reason;
  if (habits.usage === 'x_groq') await chunk({}, finish, { x_groq: { id: job.id, usage } });
  else await chunk({}, finish, { ...(habits.usage === 'finish' ? { usage } : {}), ...trailer });
  if (habits.usage === 'always' || (habits.usage === 'asked' && job.includeUsage))
    await send(dataLine({ ...head(job), choices: [], usage, ...trailer }));
  if (fault?.kind !== 'no-done') await send('data: [DONE]\n\n');
  return true;
}

/** The same in a system's own frames; of the faults those that break or fail. */
export async function writeBinary(
  response: ServerResponse,
  binary: BinaryStream,
  job: StreamJob,
): Promise<boolean> {
  const { fault, signal, midStream } = job;
  await write(response, binary.start(), signal);
  let sent = 0;
  for await (const piece of job.pieces) {
    if (fault !== undefined && 'afterChunks' in fault && fault.afterChunks === sent) {
      if (fault.kind === 'die') job.kill(fault.reset);
      if (fault.kind === 'stream-error')
        await write(response, binary.failure(fault.body ?? midStream.body), signal);
      return fault.kind !== 'die';
    }
    await job.chunkGate.pass(signal);
    await write(response, binary.chunk(piece), signal);
    sent++;
  }
  const { reason, usage } = job.finish();
  await write(response, binary.end(reason, usage), signal);
  return true;
}

function head(job: StreamJob): object {
  return {
    id: job.id,
    object: 'chat.completion.chunk',
    created: 1_763_712_000,
    model: job.model,
    ...(job.fingerprint === undefined ? {} : { system_fingerprint: job.fingerprint }),
  };
}

/** True where the fault ended the stream. */
async function strike(
  { fault, midStream, kill }: StreamJob,
  sent: number,
  send: (text: string) => Promise<void>,
): Promise<boolean> {
  if (fault === undefined || !('afterChunks' in fault) || fault.afterChunks !== sent) return false;
  switch (fault.kind) {
    case 'die':
      kill(fault.reset);
      return true;
    case 'cut':
      return true;
    case 'broken-json':
      await send('data: {"choices":[{"index":0,"delta":{"content":"bro\n\n');
      return false;
    case 'stream-error':
      await send(
        errorLines(fault.body ?? midStream.body, fault.form ?? midStream.form, fault.done ?? midStream.done),
      );
      return true;
    case 'finish-length':
      return false;
  }
}

export function errorLines(body: unknown, form: StreamErrorForm, done: boolean): string {
  const text = JSON.stringify(body);
  const lines = {
    data: `data: ${text}\n\n`,
    event: `event: error\ndata: ${text}\n\n`,
    bare: `${text}\n`,
    field: `error: ${text}\n\n`,
  }[form];
  return done ? `${lines}data: [DONE]\n\n` : lines;
}

function dataLine(body: unknown): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}

/** Resolves when the text has left the process, so that a socket destroyed afterwards has delivered it. */
export function write(response: ServerResponse, text: string | Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const gone = () => reject(signal.reason as Error);
    signal.addEventListener('abort', gone, { once: true });
    response.write(text, error => {
      signal.removeEventListener('abort', gone);
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
