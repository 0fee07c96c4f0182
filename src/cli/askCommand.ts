import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { actualCost, dollars, mostItCosts, priceOf } from '../core/endpoint/cost.ts';
import { createPromptCounter } from '../core/endpoint/countTokens.ts';
import type { EvidenceStore } from '../core/endpoint/evidenceStore.ts';
import { hostOf, type Gates } from '../core/endpoint/gates.ts';
import { learn as learnEndpoint } from '../core/endpoint/learn.ts';
import { LongviewError } from '../core/errors.ts';
import { ask, type Answer, type AskEvent } from '../core/review/ask.ts';
import { readTyped } from '../core/review/commands.ts';
import { composeAsk } from '../core/review/compose.ts';
import { tellingSilence } from '../core/review/silence.ts';
import { describeCuts } from '../core/review/texts.ts';
import type { Anchor } from '../core/review/anchors.ts';
import { describeImages } from '../core/review/imagePlan.ts';
import { defaultPromptSettings, describeRebase, type Prepared } from '../core/review/prepare.ts';
import type { Endpoint, Usage } from '../core/endpoint/types.ts';
import { learnFrom } from '../core/review/counting.ts';
import type { Options } from './args.ts';
import { declared, evidenceStore, folderOf, openJob, settingsOf, tellLost, type Job } from './job.ts';
import { openCacheWatch } from './prefixes.ts';
import {
  bytes,
  describeLimit,
  endpointReport,
  gaugeBar,
  modelLine,
  number,
  preparedReport,
  roundAll,
} from './report.ts';
import { printable, printableName } from './printable.ts';
import { chosenBy } from './selection.ts';
import { describeProgress, type Terminal } from './terminal.ts';

/** `longview ask`: streams the answer, then says how each anchor fared. An answer that broke off is shown and fails. */
export async function askCommand(
  question: string,
  dir: string,
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const job = await openJob(terminal, options);
  try {
    const folder = folderOf(dir, terminal);
    const folders = [folder];
    const composed = await composeAsk({ ...readTyped(question), folders, trusted: true, signal });
    for (const note of composed.notes) terminal.tell(note);
    const endpoint = (await job.endpoint(options)) ?? job.offline();
    const store = evidenceStore(terminal);
    const request = {
      folders,
      trusted: true,
      question: composed.question,
      texts: composed.texts,
      endpoint,
      counting: await job.counting(endpoint, options, signal),
      evidence: declared(options),
      ...(await chosenBy(options, folder.path, terminal)),
      ...(endpoint.kind === 'server' && { store }),
      settings: settingsOf(options),
      signal,
      onProgress: (p: Parameters<typeof describeProgress>[0]) => terminal.progress(describeProgress(p)),
    };
    const cacheWatch = await openCacheWatch(terminal);
    let prepared: Prepared | undefined;
    let answer: Answer | undefined;
    const quiet = options.json || options.out === '-';
    const onUsage = (usage: Usage, sent: Prepared) => void learn(job, sent, usage, terminal);
    const deps = {
      measurer: job.measurer,
      gates: namedGates(terminal, store),
      countPrompt: createPromptCounter(),
      onUsage,
      cacheWatch,
    };
    const patient = tellingSilence(ask(request, deps), ms => terminal.progress(silent(endpoint, ms)), 1000);
    for await (const event of namingOthers(patient, endpoint, terminal, signal)) {
      switch (event.kind) {
        case 'prepared':
          prepared = event.prepared;
          tellLost(request.counting, prepared, terminal);
          terminal.tell(gaugeBar(prepared.promptTokens, prepared.budget));
          if (!prepared.counter.exact) terminal.tell(prepared.counter.note);
          for (const cut of describeCuts(prepared.texts)) terminal.tell(cut);
          for (const line of describeImages(prepared.images)) terminal.tell(line);
          terminal.tell(`Context limit: ${describeLimit(prepared.limit)}`);
          terminal.tell(
            `${number(prepared.pack.manifest.length)} of ${number(prepared.plan.files.length)} files are in the prompt.`,
          );
          break;
        case 'text':
        case 'anchor':
          if (!quiet) terminal.out(printable(event.text));
          break;
        case 'waiting':
        case 'refit':
          terminal.tell(resending(event));
          break;
        case 'without-images':
          terminal.tell(
            `${event.why.message} ${event.why.remedy} Asking again, once, without ${event.images === 1 ? 'its image' : `its ${number(event.images)} images`}.`,
          );
          break;
        case 'rebased':
          terminal.tell(describeRebase(event.reason));
          break;
        case 'dropped':
          terminal.tell(`The ${number(event.turns)} oldest turns are not sent.`);
          break;
        case 'done':
          answer = event.answer;
      }
    }
    await cacheWatch.save();
    if (prepared === undefined || answer === undefined) throw new Error('The ask ended without an answer.');
    if (!quiet) terminal.out('\n');
    if (options.out !== undefined) await writeAnswer(answer, options.out, terminal);
    const costUsd = actualCost(await priceOf(endpoint, store), answer.usage) ?? null;
    const report = { ...askReport(endpoint, prepared, answer), costUsd };
    if (options.json) terminal.out(`${JSON.stringify(report, null, 2)}\n`);
    else
      for (const line of [...anchorLines(answer.anchors), ...usageLines(answer, costUsd)])
        terminal.tell(line);
    if (answer.failure !== undefined) throw answer.failure;
  } finally {
    await job.close();
  }
}

function silent({ config }: Endpoint, ms: number): string {
  return `Waiting for the first word of ${config.name ?? config.id}, ${Math.round(ms / 1000)} s…`;
}

/** Where the model turns out to be gone, the provider's other long-context models are named before the ask fails. */
async function* namingOthers(
  events: AsyncIterable<AskEvent>,
  endpoint: Endpoint,
  terminal: Terminal,
  signal: AbortSignal,
): AsyncGenerator<AskEvent> {
  try {
    yield* events;
  } catch (error) {
    if (!(error instanceof LongviewError) || error.code !== 'model-not-found') throw error;
    const gone = { since: null, note: error.message };
    const deps = { now: () => new Date(), recheck: true, gone };
    const known = await learnEndpoint(endpoint, signal, [], deps).catch(() => undefined);
    const others = (known?.alternatives ?? []).slice(0, 5).map(m => modelLine(m));
    if (others.length > 0) terminal.tell(`Other long-context models there: ${others.join('; ')}.`);
    throw error;
  }
}

function resending(event: Extract<AskEvent, { kind: 'waiting' | 'refit' }>): string {
  if (event.kind === 'waiting') {
    const seconds = number(Math.ceil(event.ms / 1000));
    return `${event.why.message} Waiting ${seconds} s, then sending again; Ctrl+C cancels.`;
  }
  const { part, from, to, why } = event;
  return part === 'answer'
    ? `${why.message} Asking again for an answer of ${number(to)} tokens instead of ${number(from)}; every file stays.`
    : `${why.message} Asking again, once, with a prompt of ${number(to)} tokens instead of ${number(from)}.`;
}

/** What the reply says of the prompt's size corrects the next count; where that cannot be kept, it is said. */
async function learn(job: Job, sent: Prepared, usage: Usage, terminal: Terminal): Promise<void> {
  await learnFrom(job.ratios, sent, usage, Date.now()).catch((error: unknown) => {
    terminal.tell(`What the endpoint's usage teaches could not be kept (${String(error)}).`);
  });
}

/** Naming an endpoint is consent; what leaves is told, and what it may cost where a price is known. */
export function namedGates(terminal: Terminal, store: EvidenceStore): Gates {
  return {
    async pass({ endpoint, files, tokens, redacted = 0, images }) {
      if (endpoint.kind === 'offline') return;
      const price = await priceOf(endpoint, store);
      const cost = price && mostItCosts(price, tokens, defaultPromptSettings.answerTokens);
      const more = images === undefined ? '' : ` and ${number(images.count)} images (${bytes(images.bytes)})`;
      terminal.tell(
        `Sending ${files === 1 ? '1 file' : `${number(files ?? 0)} files`}${more}, ${number(tokens)} tokens, to ${hostOf(endpoint)}${cost === undefined ? '' : `, for at most ${dollars(cost)}`}.`,
      );
      if (redacted > 0)
        terminal.tell(`${number(redacted)} secrets are redacted; "longview pack" lists them.`);
    },
  };
}

async function writeAnswer(answer: Answer, out: string, terminal: Terminal): Promise<void> {
  const text = `${answer.text.trimEnd()}\n`;
  if (out === '-') {
    terminal.out(text);
    return;
  }
  const file = resolve(terminal.cwd, out);
  try {
    await writeFile(file, text);
  } catch (error) {
    // The answer may have cost money: it is shown rather than lost.
    terminal.out(text);
    throw new LongviewError(
      'io',
      `${file} could not be written.`,
      'The answer is printed above instead.',
      error,
    );
  }
  terminal.tell(`Wrote the answer to ${file}.`);
}

function askReport(endpoint: Endpoint, prepared: Prepared, answer: Answer) {
  return {
    schema: 'longview.ask/1',
    endpoint: endpointReport(endpoint),
    ...preparedReport(prepared),
    answer: answer.text,
    complete: answer.failure === undefined,
    finishReason: answer.finishReason,
    anchors: answer.anchors,
    usage: answer.usage,
    ...(answer.truncation !== undefined && { truncation: answer.truncation }),
    ...(answer.cacheWarning !== undefined && { cacheWarning: answer.cacheWarning }),
    timingsMs: roundAll({ ...prepared.timings, ...answer.timings }),
  };
}

function anchorLines(anchors: readonly Anchor[]): string[] {
  if (anchors.length === 0) return ['', 'The answer cites no file.'];
  const held = anchors.filter(a => a.state === 'verified').length;
  return [
    '',
    `Anchors: ${held} of ${anchors.length} verified`,
    ...anchors.map(
      a =>
        `  ${a.state.padEnd(12)} ${printableName(anchorLabel(a))}${a.note === undefined ? '' : `  ${printableName(a.note)}`}`,
    ),
  ];
}

/** `Tokens: 12,345 read (11,000 of them cached), 210 written, $0.042`, and what went wrong with the cache. */
function usageLines({ usage, cacheWarning }: Answer, costUsd: number | null): string[] {
  const { promptTokens, cachedTokens, completionTokens } = usage;
  const cached = cachedTokens === null ? '' : ` (${number(cachedTokens)} of them cached)`;
  const written = completionTokens === null ? '' : `, ${number(completionTokens)} written`;
  const cost = costUsd === null ? '' : `, ${dollars(costUsd)}`;
  return [
    ...(promptTokens === null ? [] : [`Tokens: ${number(promptTokens)} read${cached}${written}${cost}`]),
    ...(cacheWarning === undefined
      ? []
      : [
          `The same files were sent ${number(Math.round(cacheWarning.sinceMs / 1000))} s ago, yet none of their ${number(cacheWarning.tokens)} tokens came from the endpoint’s prefix cache: they were read, and are charged, anew.`,
        ]),
  ];
}

function anchorLabel({ path, startLine, endLine }: Anchor): string {
  return endLine === startLine ? `${path}:${startLine}` : `${path}:${startLine}-${endLine}`;
}
