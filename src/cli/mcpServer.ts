import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';

import { describeError, isCancellation } from '../core/errors.ts';
import type { ToolOutput } from '../core/review/tools.ts';
import type { ToolDescription, ToolName } from '../core/review/toolTable.ts';

/** A bundle of its own (`dist/mcp.js`), so it is given everything that core does rather than importing it. */
export interface Serving {
  readonly version: string;
  readonly tools: readonly ToolDescription[];
  /** Aborted when the process is told to end. */
  readonly signal: AbortSignal;
  readonly run: (
    tool: ToolName,
    input: unknown,
    run: { readonly signal: AbortSignal; readonly onProgress: (message: string) => void },
  ) => Promise<ToolOutput>;
}

/** A client is told of progress at most this often, ms. */
const progressEveryMs = 250;

/** Speaks MCP on stdin and stdout until the client goes away; then all that runs is cancelled. */
export async function serveTools({ version, tools, signal, run }: Serving): Promise<void> {
  // The tools' schemas are JSON Schema already, which the higher-level server does not take.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const server = new Server(
    { name: 'longview', title: 'Longview', version },
    {
      capabilities: { tools: {} },
      instructions:
        'Longview reads the whole repository it was started for. Use longview_locate to find a place, longview_askRepository for questions over many files, longview_verifyAnchors to check citations, longview_budget for sizes and cost.',
    },
  );
  const gone = new AbortController();
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(toProtocol) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const tool = tools.find(({ name }) => name === params.name);
    if (tool === undefined) throw new McpError(ErrorCode.InvalidParams, `There is no tool "${params.name}".`);
    const token = params._meta?.progressToken;
    let progress = 0;
    let last = -Infinity;
    const onProgress = (message: string): void => {
      const now = performance.now();
      if (token === undefined || extra.signal.aborted || now - last < progressEveryMs) return;
      last = now;
      progress++;
      const notification = { progressToken: token, progress, message };
      // Nobody listens any more: the call itself ends then, too.
      extra
        .sendNotification({ method: 'notifications/progress', params: notification })
        .catch(() => undefined);
    };
    try {
      const ended = AbortSignal.any([extra.signal, gone.signal, signal]);
      const { text, data } = await run(tool.name, params.arguments ?? {}, { signal: ended, onProgress });
      return { content: [{ type: 'text', text }], structuredContent: data };
    } catch (error) {
      const text = isCancellation(error) ? 'Cancelled.' : describeError(error);
      return { content: [{ type: 'text', text }], isError: true };
    }
  });
  const transport = new StdioServerTransport();
  await new Promise<void>((resolve, reject) => {
    const end = () => {
      gone.abort();
      server.close().then(resolve, reject);
    };
    process.stdin.once('end', end);
    process.stdin.once('close', end);
    signal.addEventListener('abort', end, { once: true });
    server.connect(transport).catch(reject);
  });
}

function toProtocol({ name, title, description, inputSchema, sends }: ToolDescription) {
  return {
    name,
    title,
    description,
    inputSchema: { ...inputSchema, required: [...(inputSchema.required ?? [])] },
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: !sends, openWorldHint: sends },
  };
}
