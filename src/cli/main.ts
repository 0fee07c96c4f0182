import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describeError, isCancellation, LongviewError } from '../core/errors.ts';
import { parseCommand, usage } from './args.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Runs one command line; resolves to the exit code. A command's code is loaded with it: all of it takes 0.1 s. */
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
      case 'pack': {
        const { packCommand } = await import('./packCommand.ts');
        await packCommand(command.dir, command.options, terminal, signal);
        return 0;
      }
      case 'unpack': {
        const { unpackCommand } = await import('./unpackCommand.ts');
        await unpackCommand(command.prompt, command.to, command.options, terminal, signal);
        return 0;
      }
      case 'ask': {
        const { askCommand } = await import('./askCommand.ts');
        await askCommand(command.question, command.dir, command.options, terminal, signal);
        return 0;
      }
      case 'mcp': {
        const { mcpCommand } = await import('./mcpCommand.ts');
        await mcpCommand(command.dir, command.options, version(), terminal, signal);
        return 0;
      }
      case 'count': {
        const { countCommand } = await import('./countCommand.ts');
        await countCommand(command.paths, command.options, terminal, signal);
        return 0;
      }
      case 'limit': {
        const { options } = command;
        if (options.measure === true) {
          const { measureCommand } = await import('./measureCommand.ts');
          await measureCommand(options, terminal, signal);
        } else {
          const { limitCommand } = await import('./endpointCommands.ts');
          await limitCommand(options, terminal, signal);
        }
        return 0;
      }
      case 'endpoints': {
        const { endpointsCommand } = await import('./endpointCommands.ts');
        await endpointsCommand(command.options, terminal, signal);
        return 0;
      }
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
