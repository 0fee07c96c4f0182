import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describeError, isCancellation, LongviewError } from '../core/errors.ts';
import { parseCommand, usage } from './args.ts';
import { askCommand } from './askCommand.ts';
import { countCommand } from './countCommand.ts';
import { endpointsCommand, limitCommand } from './endpointCommands.ts';
import { mcpCommand } from './mcpCommand.ts';
import { measureCommand } from './measureCommand.ts';
import { packCommand } from './packCommand.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { unpackCommand } from './unpackCommand.ts';

/** Runs one command line; resolves to the exit code. */
async function main(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  try {
    const command = parseCommand(argv);
    switch (command.kind) {
      case 'help':
        terminal.out(usage);
        return 0;
      case 'version':
        terminal.out(`${version()}\n`);
        return 0;
      case 'pack':
        await packCommand(command.dir, command.options, terminal, signal);
        return 0;
      case 'unpack':
        await unpackCommand(command.prompt, command.to, command.options, terminal, signal);
        return 0;
      case 'ask':
        await askCommand(command.question, command.dir, command.options, terminal, signal);
        return 0;
      case 'mcp':
        await mcpCommand(command.dir, command.options, version(), terminal, signal);
        return 0;
      case 'count':
        await countCommand(command.paths, command.options, terminal, signal);
        return 0;
      case 'limit':
        await (command.options.measure === true ? measureCommand : limitCommand)(
          command.options,
          terminal,
          signal,
        );
        return 0;
      case 'endpoints':
        await endpointsCommand(command.options, terminal, signal);
        return 0;
    }
  } catch (error) {
    if (isCancellation(error)) {
      terminal.tell('Cancelled.');
      return 130;
    }
    terminal.tell(`longview: ${describeError(error)}`);
    return error instanceof LongviewError && error.code === 'bad-usage' ? 2 : 1;
  }
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

const controller = new AbortController();
/** The first asks for an orderly end; whoever sends a second wants it now. */
function interrupt(): void {
  if (controller.signal.aborted) process.exit(130);
  controller.abort();
}
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe went away (`longview … | head`): nothing to tell, and nobody to tell it to.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
void main(process.argv.slice(2), processTerminal(), controller.signal).then(code => {
  process.exitCode = code;
});
