import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { createPromptCounter } from '../core/endpoint/countTokens.ts';
import { hostOf, type Gates } from '../core/endpoint/gates.ts';
import { LongviewError } from '../core/errors.ts';
import { ask, type Answer, type AskEvent } from '../core/review/ask.ts';
import type { Anchor } from '../core/review/anchors.ts';
import { defaultPromptSettings, type Prepared } from '../core/review/prepare.ts';
import type { Endpoint, Usage } from '../core/endpoint/types.ts';
import { learnFrom } from '../core/review/counting.ts';
import type { Options } from './args.ts';
import { declared, evidenceStore, folderOf, openJob, type Job } from './job.ts';
import { describeLimit, endpointReport, gaugeBar, number, preparedReport, roundAll } from './report.ts';
import { describeProgress, printable, type Terminal } from './terminal.ts';

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
    const endpoint = (await job.endpoint(options)) ?? job.offline();
    const request = {
      folders: [folderOf(dir, terminal)],
      trusted: true,
      endpoint,
      counting: await job.counting(endpoint, options, signal),
      evidence: declared(options),
      ...(endpoint.kind === 'server' && { store: evidenceStore(terminal) }),
      question,
      settings: defaultPromptSettings,
      signal,
      onProgress: (p: Parameters<typeof describeProgress>[0]) => terminal.progress(describeProgress(p)),
    };
    let prepared: Prepared | undefined;
    let answer: Answer | undefined;
    const quiet = options.json || options.out === '-';
    const onUsage = (usage: Usage, sent: Prepared) => void learn(job, sent, usage, terminal);
    const deps = {
      measurer: job.measurer,
      gates: namedGates(terminal),
      countPrompt: createPromptCounter(),
      onUsage,
    };
    for await (const event of ask(request, deps)) {
      switch (event.kind) {
        case 'prepared':
          prepared = event.prepared;
          terminal.tell(gaugeBar(prepared.promptTokens, prepared.budget));
          if (!prepared.counter.exact) terminal.tell(prepared.counter.note);
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
        case 'done':
          answer = event.answer;
      }
    }
    if (prepared === undefined || answer === undefined) throw new Error('The ask ended without an answer.');
    if (!quiet) terminal.out('\n');
    if (options.out !== undefined) await writeAnswer(answer, options.out, terminal);
    if (options.json) terminal.out(`${JSON.stringify(askReport(endpoint, prepared, answer), null, 2)}\n`);
    else for (const line of anchorLines(answer.anchors)) terminal.tell(line);
    if (answer.failure !== undefined) throw answer.failure;
  } finally {
    await job.close();
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

/** Naming an endpoint is consent; what leaves is told. */
function namedGates(terminal: Terminal): Gates {
  return {
    pass: ({ endpoint, files, tokens, redacted = 0 }) => {
      if (endpoint.kind === 'server') {
        terminal.tell(
          `Sending ${number(files ?? 0)} files, ${number(tokens)} tokens, to ${hostOf(endpoint)}.`,
        );
        if (redacted > 0)
          terminal.tell(`${number(redacted)} secrets are redacted; "longview pack" lists them.`);
      }
      return Promise.resolve();
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
        `  ${a.state.padEnd(12)} ${printable(anchorLabel(a))}${a.note === undefined ? '' : `  ${printable(a.note)}`}`,
    ),
  ];
}

function anchorLabel({ path, startLine, endLine }: Anchor): string {
  return endLine === startLine ? `${path}:${startLine}` : `${path}:${startLine}-${endLine}`;
}
