import { join } from 'node:path';

import { gatherEvidence, resolveLimit } from '../core/endpoint/limit.ts';
import type { Options } from './args.ts';
import { configFolder, readEndpoints } from './endpoints.ts';
import { declared, openJob } from './job.ts';
import { describeLimit, endpointReport, limitReport, number } from './report.ts';
import type { Terminal } from './terminal.ts';

/** `longview limit`: the limit with every piece of evidence, strongest first. */
export async function limitCommand(options: Options, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const job = await openJob(terminal);
  try {
    const endpoint = (await job.endpoint(options)) ?? job.offline();
    const limit = resolveLimit(await gatherEvidence(endpoint, signal, declared(options)));
    if (options.json) {
      const report = {
        schema: 'longview.limit/1',
        endpoint: endpointReport(endpoint),
        limit: limitReport(limit),
        maxOutputTokens: endpoint.config.maxOutputTokens ?? null,
        price: null,
      };
      terminal.out(`${JSON.stringify(report, null, 2)}\n`);
      return;
    }
    terminal.out(`${endpoint.config.name ?? endpoint.config.id}, ${endpoint.config.model}\n`);
    terminal.out(`Context limit: ${describeLimit(limit)}\n`);
    for (const e of limit.evidence)
      terminal.out(`  ${e.source.padEnd(10)} ${number(e.tokens).padStart(12)}  ${e.detail}, ${e.at}\n`);
    if (limit.kind === 'unknown')
      terminal.out('Give it with --limit, or as "contextLimit" in endpoints.json.\n');
  } finally {
    await job.close();
  }
}

/** `longview endpoints`: the offline reader and what endpoints.json holds; keys are never read. */
export async function endpointsCommand(options: Options, terminal: Terminal): Promise<void> {
  const configured = await readEndpoints(terminal.env);
  const all = [
    { id: 'offline', name: 'Offline reader', model: 'offline-reader', baseUrl: null },
    ...configured,
  ];
  if (options.json) {
    const endpoints = all.map(e => ({ ...e, name: e.name ?? e.id }));
    terminal.out(`${JSON.stringify({ schema: 'longview.endpoints/1', endpoints }, null, 2)}\n`);
    return;
  }
  for (const e of all)
    terminal.out(`${e.id.padEnd(20)} ${e.model}  ${e.baseUrl ?? 'no network, no model'}\n`);
  if (configured.length === 0)
    terminal.out(`Add your own in ${join(configFolder(terminal.env), 'endpoints.json')}.\n`);
}
