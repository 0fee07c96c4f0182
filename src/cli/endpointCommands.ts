import { join } from 'node:path';

import { ago, describeEvidence } from '../core/endpoint/evidenceText.ts';
import { createHttpFetch } from '../core/endpoint/httpFetch.ts';
import { learn, type Knowledge } from '../core/endpoint/learn.ts';
import { resolveLimit } from '../core/endpoint/limit.ts';
import type { Price } from '../core/endpoint/price.ts';
import { providerOf } from '../core/endpoint/providers/table.ts';
import { localServers } from '../core/endpoint/recognise.ts';
import { evidenceSources } from '../core/endpoint/types.ts';
import type { Options } from './args.ts';
import { configFolder, readEndpoints } from './endpoints.ts';
import { declared, evidenceStore, openJob } from './job.ts';
import { printableName } from './printable.ts';
import { limitDocument, longestAnswer, modelLine, number } from './report.ts';
import type { Terminal } from './terminal.ts';

/** `longview limit`: the limit with every piece of evidence, strongest first. */
export async function limitCommand(options: Options, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const job = await openJob(terminal);
  try {
    const endpoint = (await job.endpoint(options)) ?? job.offline();
    const now = new Date();
    const store = endpoint.kind === 'offline' ? {} : { store: evidenceStore(terminal) };
    const known = await learn(endpoint, signal, declared(options), {
      now: () => now,
      recheck: true,
      ...store,
    });
    const limit = resolveLimit(strongestFirst(known));
    const maxOutputTokens = longestAnswer(endpoint, limit);
    const { gone, price } = known;
    if (options.json) {
      const report = limitDocument(endpoint, limit, known);
      terminal.out(`${JSON.stringify(report, null, 2)}\n`);
      return;
    }
    terminal.out(`${endpoint.config.name ?? endpoint.config.id}, ${endpoint.config.model}\n`);
    if (gone !== undefined) {
      terminal.out(
        `Gone${gone.since === null ? '' : ` since ${gone.since}`}: ${printableName(gone.note)}.\n`,
      );
      for (const model of known.alternatives) terminal.out(`  instead ${modelLine(model)}\n`);
    }
    terminal.out(`Context limit: ${describeEvidence(limit, now)}\n`);
    for (const e of limit.evidence)
      terminal.out(
        `  ${e.source.padEnd(10)} ${number(e.tokens).padStart(12)}  ${printableName(e.detail)}, ${ago(e, now)}\n`,
      );
    if (maxOutputTokens !== undefined) terminal.out(`Longest answer: ${number(maxOutputTokens)} tokens\n`);
    if (price !== undefined) terminal.out(`Price: ${describePrice(price)}\n`);
    if (limit.kind === 'unknown')
      terminal.out('Give it with --limit, or as "contextLimit" in endpoints.json.\n');
  } finally {
    await job.close();
  }
}

function strongestFirst({ evidence }: Knowledge) {
  const rank = (e: (typeof evidence)[number]) => evidenceSources.indexOf(e.source);
  return evidence.toSorted((a, b) => rank(a) - rank(b));
}

/** `$0.10 in, $0.30 out, $0.05 cached, per million tokens (/api/v1/models pricing)` */
function describePrice(price: Price): string {
  const dollars = (usd: number) => `$${usd.toFixed(Number.isInteger(Math.round(usd * 1e6) / 1e4) ? 2 : 4)}`;
  const cached = price.cachedInput === undefined ? '' : `, ${dollars(price.cachedInput)} cached`;
  const long = (price.longContext ?? []).map(
    t => `; from ${number(t.fromPromptTokens)} tokens ${dollars(t.input)} in, ${dollars(t.output)} out`,
  );
  return `${dollars(price.input)} in, ${dollars(price.output)} out${cached}, per million tokens${long.join('')} (${price.source})`;
}

/**
 * `longview endpoints`: the offline reader, what endpoints.json holds, and servers that answer on this machine; keys
 * are never read.
 */
export async function endpointsCommand(
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const configured = await readEndpoints(terminal.env);
  const all = [
    { id: 'offline', name: 'Offline reader', model: 'offline-reader', baseUrl: null },
    ...configured,
  ];
  if (options.json) {
    const endpoints = all.map(e => ({ ...e, name: e.name ?? e.id }));
    const report = { schema: 'longview.endpoints/1', endpoints, local: await findLocal(configured, signal) };
    terminal.out(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  for (const e of all)
    terminal.out(`${e.id.padEnd(20)} ${e.model}  ${e.baseUrl ?? 'no network, no model'}\n`);
  if (configured.length === 0)
    terminal.out(`Add your own in ${join(configFolder(terminal.env), 'endpoints.json')}.\n`);
  for (const { provider, baseUrl, models } of await findLocal(configured, signal))
    terminal.out(
      `Answers on this machine: ${providerOf(provider).name} at ${baseUrl} (${printableName(models.join(', ')) || 'its models need a key'})\n`,
    );
}

/** Servers that could be added. */
async function findLocal(configured: readonly { readonly baseUrl: string }[], signal: AbortSignal) {
  const found = await localServers(
    createHttpFetch(() => 2000),
    signal,
  );
  return found.filter(server => !configured.some(e => e.baseUrl === server.baseUrl));
}
