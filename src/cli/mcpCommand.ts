import { createPromptCounter } from '../core/endpoint/countTokens.ts';
import { searchFiles } from '../core/offline/searchFiles.ts';
import { learnFrom } from '../core/review/counting.ts';
import { createPackSession } from '../core/review/packSession.ts';
import { defaultPromptSettings } from '../core/review/prepare.ts';
import { runTool, type ToolHost } from '../core/review/tools.ts';
import { tools } from '../core/review/toolTable.ts';
import type { Options } from './args.ts';
import { namedGates } from './askCommand.ts';
import { declared, evidenceStore, folderOf, openJob } from './job.ts';
import { number } from './report.ts';
import { describeProgress, type Terminal } from './terminal.ts';

/**
 * `longview mcp`: the tools for one directory, until the client closes stdin. stdout carries the protocol and nothing
 * else. The endpoint is the one named on the command line, whoever asks.
 */
export async function mcpCommand(
  dir: string,
  options: Options,
  version: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const job = await openJob(terminal, {}, { alone: false });
  try {
    const endpoint = (await job.endpoint(options)) ?? job.offline();
    const counting = await job.counting(endpoint, options, signal);
    const folder = folderOf(dir, terminal);
    const store = evidenceStore(terminal);
    const host: ToolHost = {
      deps: {
        measurer: job.measurer,
        gates: namedGates(terminal),
        packs: createPackSession(),
        countPrompt: createPromptCounter(),
        onUsage: (usage, sent) =>
          void learnFrom(job.ratios, sent, usage, Date.now()).catch((error: unknown) =>
            terminal.tell(`What the endpoint's usage teaches could not be kept (${String(error)}).`),
          ),
      },
      search: searchFiles,
      request: () => ({
        folders: [folder],
        trusted: true,
        settings: defaultPromptSettings,
        evidence: declared(options),
        counting,
        ...(endpoint.kind === 'server' && { store }),
      }),
      endpoint: () => Promise.resolve(endpoint),
      price: async ({ config }) =>
        config.price === undefined ? store.price(config) : { ...config.price, source: 'entered' },
    };
    const name = endpoint.config.name ?? endpoint.config.id;
    terminal.tell(`Serving ${folder.path} over MCP; ${name} answers questions about it.`);
    const { serveTools } = await import('./mcpServer.ts');
    await serveTools({
      version,
      tools,
      signal,
      run: (tool, input, run) =>
        runTool(tool, input, host, {
          signal: run.signal,
          onProgress: progress => {
            if (progress.kind === 'answering')
              run.onProgress(`${number(progress.characters)} characters arrived…`);
            else if (progress.kind === 'sent')
              run.onProgress(
                `${number(progress.files)} files, ${number(progress.tokens)} tokens, for ${progress.host}…`,
              );
            else run.onProgress(describeProgress(progress));
          },
        }),
    });
  } finally {
    await job.close();
  }
}
