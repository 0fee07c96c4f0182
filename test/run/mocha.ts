import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import type { Tally } from './tally.ts';

export interface MochaOptions {
  readonly grep?: string | undefined;
  readonly timeoutMs: number;
  readonly rootHooks?: Mocha.RootHookObject;
}

/** Runs test files in this process. */
export async function runMocha(files: readonly string[], options: MochaOptions): Promise<Tally> {
  const mocha = new Mocha({
    timeout: options.timeoutMs,
    forbidOnly: process.env['CI'] !== undefined,
    ...(options.grep === undefined ? {} : { grep: options.grep }),
    ...(options.rootHooks === undefined ? {} : { rootHooks: options.rootHooks }),
  });
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  const { passes, failures, pending } = await new Promise<Mocha.Stats>((resolve, reject) => {
    const runner = mocha.run(() => {
      if (runner.stats === undefined) reject(new Error('mocha kept no statistics'));
      else resolve(runner.stats);
    });
  });
  return { passed: passes, failed: failures, skipped: pending };
}

/** Every test file below these folders. */
export function findTests(folders: readonly string[]): string[] {
  return folders
    .flatMap(folder =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
    )
    .filter(path => path.endsWith('.test.ts'))
    .sort();
}

/** `--grep X` of the command line, mocha's own name for it. */
export function grepFromArguments(): string | undefined {
  const args = process.argv.slice(2);
  const at = args.findIndex(arg => arg === '--grep' || arg === '-g');
  if (at >= 0 && args[at + 1] !== undefined && args.length === 2) return args[at + 1];
  if (args.length === 0) return undefined;
  throw new Error(`Not understood: ${args.join(' ')}. The only option is --grep <text>.`);
}
