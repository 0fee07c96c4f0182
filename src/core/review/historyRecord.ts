import { createHash } from 'node:crypto';

import { actualCost } from '../endpoint/cost.ts';
import { hostOf } from '../endpoint/gates.ts';
import type { Price } from '../endpoint/price.ts';
import type { Endpoint } from '../endpoint/types.ts';
import { isCancellation, LongviewError } from '../errors.ts';
import { totalsOf } from '../pack/planTotals.ts';
import type { Form } from '../pack/types.ts';
import { findByPath } from '../workspace/byPath.ts';
import { gitCommit } from '../workspace/gitCommit.ts';
import { readSource } from '../workspace/readSource.ts';
import { splitLines } from '../workspace/lines.ts';
import type { SourceFile } from '../workspace/types.ts';
import { pacer } from '../pace.ts';
import type { Answer, AskEvent, AskRequest } from './askTypes.ts';
import type { History, HistoryAnchor, HistoryEntry, HistoryState, Surface } from './history.ts';
import { printLines } from './historyAnchors.ts';
import { titleOf } from './historyFile.ts';
import type { PackRecipe } from './historyTypes.ts';
import type { Prepared } from './prepare.ts';
import type { Turn } from './prompt.ts';

export interface RecordDeps {
  readonly history: History;
  /** Told of a disk that fails; the ask goes on. */
  readonly onFailure: (error: unknown) => void;
  readonly price?: (endpoint: Endpoint) => Promise<Price | undefined>;
  /** Told the entry's id as soon as there is one, and after each write. */
  readonly onWrite?: (id: string) => void;
  /** Between two writes of a growing answer, ms; default 1,000. */
  readonly writeEveryMs?: number;
}

type Asked = Pick<AskRequest, 'endpoint' | 'question' | 'turns' | 'settings' | 'folders'> & {
  readonly surface: Surface;
  /** The entry's name, where somebody has to know it before; from `newId`. */
  readonly id?: string;
};

/** More of an answer is not kept, UTF-16 units. */
const longestAnswer = 4_000_000;
const heartbeatMs = 20_000;
/** Files above this are cited without a hash. */
const longestHashed = 4 * 1024 * 1024;

/**
 * Hands the events of an ask on, and keeps them in the history while they pass: at the beginning, every second, and
 * at the end, however it ends. What the disk refuses is told to `onFailure`; the ask never fails for it.
 */
export async function* recordAsk(
  events: AsyncIterable<AskEvent>,
  asked: Asked,
  deps: RecordDeps,
): AsyncGenerator<AskEvent> {
  const recording = startRecording(asked, deps);
  try {
    for await (const event of events) {
      recording.take(event);
      // Whoever shows the end may rely on it being kept.
      if (event.kind === 'done') await recording.finish(event.answer.failure ? 'incomplete' : 'done');
      yield event;
    }
  } catch (error) {
    await recording.finish(isCancellation(error) ? 'cancelled' : 'failed', error);
    throw error;
  } finally {
    // Nobody wants the rest.
    await recording.finish('cancelled');
  }
}

function startRecording(asked: Asked, deps: RecordDeps) {
  const { history, onFailure, writeEveryMs = 1000 } = deps;
  const at = new Date();
  const id = asked.id ?? history.newId(at);
  const { endpoint, turns = [] } = asked;
  let prepared: Prepared | undefined;
  let recipe: PackRecipe | undefined;
  let answer = '';
  let done: Answer | undefined;
  let state: HistoryState = 'running';
  let failure: HistoryEntry['failure'];
  let costUsd: number | undefined;
  let follows: string | undefined;
  const anchors: HistoryAnchor[] = [];
  let fileAt: (path: string) => SourceFile | undefined = () => undefined;
  const printed = new Map<string, { readonly hash: string; readonly lines: readonly string[] } | undefined>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const heartbeat = setInterval(() => void history.touch(id).catch(() => undefined), heartbeatMs);
  heartbeat.unref();

  const entry = (): HistoryEntry => ({
    id,
    at: at.toISOString(),
    title: titleOf(asked.question),
    state,
    surface: asked.surface,
    endpoint: describeEndpoint(endpoint),
    turn: state === 'running' || answer === '' ? '' : turnOf(asked.question, answer),
    pid: process.pid,
    question: asked.question,
    ...(follows !== undefined && { follows }),
    earlierTurns: turns.length,
    answer,
    anchors,
    ...(prepared && {
      limit: { tokens: prepared.budget.limit, evidence: prepared.limit.evidence },
      promptTokens: prepared.promptTokens,
    }),
    ...(recipe && { pack: recipe }),
    ...(done && { usage: done.usage, finishReason: done.finishReason, timings: done.timings }),
    ...(costUsd !== undefined && { costUsd }),
    ...(failure && { failure }),
  });

  /** One write after the other; each writes what is known when its turn comes. */
  function write(): Promise<void> {
    writing = writing
      .then(async () => {
        await addPrints();
        await history.write(entry());
        deps.onWrite?.(id);
      })
      .catch(onFailure);
    return writing;
  }

  function writeSoon(): void {
    if (timer !== undefined || state !== 'running') return;
    timer = setTimeout(() => {
      // The next write waits for this one: a slow disk is asked less often.
      void write().then(() => (timer = undefined));
    }, writeEveryMs);
    timer.unref();
  }

  async function addPrints(): Promise<void> {
    const pause = pacer(undefined);
    for (const [i, anchor] of anchors.entries()) {
      if (anchor.fileHash !== undefined || anchor.state === 'missing') continue;
      const source = sourceOf(anchor.path);
      if (source === undefined) continue;
      const lines = printLines(source.lines, anchor);
      anchors[i] = { ...anchor, fileHash: source.hash, ...(lines && { lines }) };
      await pause();
    }
  }

  function sourceOf(path: string) {
    if (printed.has(path)) return printed.get(path);
    const file = fileAt(path);
    const read = file && readSource(file, { maxBytes: longestHashed });
    const known = read?.kind === 'text' ? { hash: read.hash, lines: splitLines(read.text).lines } : undefined;
    printed.set(path, known);
    return known;
  }

  function take(event: AskEvent): void {
    switch (event.kind) {
      case 'prepared':
        prepared = event.prepared;
        fileAt = findByPath(prepared.inventory.files);
        recipe = recipeOf(prepared, asked);
        writeSoon();
        break;
      case 'text':
      case 'anchor':
        if (answer.length + event.text.length > longestAnswer) break;
        if (event.kind === 'anchor')
          anchors.push({ ...event.anchor, offset: answer.length, length: event.text.length });
        answer += event.text;
        writeSoon();
        break;
      case 'waiting':
      case 'refit':
      case 'rebased':
      case 'dropped':
      case 'without-images':
        break;
      case 'done':
        done = event.answer;
        if (done.failure !== undefined) failure = failureOf(done.failure);
    }
  }

  async function finish(how: HistoryState, error?: unknown): Promise<void> {
    if (state !== 'running') return;
    state = how;
    clearTimeout(timer);
    clearInterval(heartbeat);
    if (how === 'failed') failure = failureOf(error);
    if (done !== undefined)
      costUsd = actualCost(await deps.price?.(endpoint).catch(() => undefined), done.usage);
    await write();
    await history.prune().catch(onFailure);
  }

  const last = turns.at(-1);
  if (last !== undefined) {
    writing = history
      .findTurn(turnOf(last.question, last.answer))
      .then(found => void (follows = found))
      .catch(onFailure);
  }
  void write();
  return { take, finish };
}

/** The hash by which a follow-up finds the ask that it follows. */
export function turnOf(question: Turn['question'], answer: Turn['answer']): string {
  const text = JSON.stringify([question.trim(), answer]);
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

function describeEndpoint(endpoint: Endpoint): HistoryEntry['endpoint'] {
  const { id, name = id, model } = endpoint.config;
  const short = (text: string): string => text.slice(0, 300);
  const host = short(hostOf(endpoint));
  return {
    id: short(id),
    name: short(name),
    model: short(model),
    host,
    offline: endpoint.kind === 'offline',
  };
}

function recipeOf({ pack, plan, images, sentImages }: Prepared, { folders, settings }: Asked): PackRecipe {
  const forms: Partial<Record<Form, number>> = {};
  for (const [form, files] of Object.entries(totalsOf(plan).forms) as [Form, number][])
    if (files > 0) forms[form] = files;
  return {
    sha256: pack.sha256,
    tokens: pack.tokens,
    bytes: pack.bytes,
    forms,
    settings,
    ...(sentImages.length > 0 && {
      images: (images?.chosen ?? []).map(({ path, tokens, size }) => ({ path, tokens, bytes: size.bytes })),
    }),
    folders: folders.map(({ name, path }) => {
      const commit = gitCommit(path);
      return { name, ...(commit !== undefined && { commit }) };
    }),
  };
}

function failureOf(error: unknown): NonNullable<HistoryEntry['failure']> {
  if (error instanceof LongviewError)
    return { code: error.code, message: error.message, remedy: error.remedy };
  return { code: 'unknown', message: error instanceof Error ? error.message : String(error), remedy: '' };
}
