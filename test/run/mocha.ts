import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import type { Tally } from './tally.ts';

export interface MochaOptions {
  readonly grep?: string | undefined;
  readonly timeoutMs: number;
  /** How often a test that failed is tried again. */
  readonly retries?: number;
  readonly rootHooks?: Mocha.RootHookObject;
}

/** Runs test files in this process. */
export async function runMocha(files: readonly string[], options: MochaOptions): Promise<Tally> {
  const mocha = new Mocha({
    timeout: options.timeoutMs,
    retries: options.retries ?? 0,
    forbidOnly: process.env['CI'] !== undefined,
    ...(options.grep === undefined ? {} : { grep: options.grep }),
    ...(options.rootHooks === undefined ? {} : { rootHooks: options.rootHooks }),
  });
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  const told: string[] = [];
  const repeated = new Map<string, string>();
  const { passes, failures, pending } = await new Promise<Mocha.Stats>((resolve, reject) => {
    const runner = mocha.run(() => {
      if (runner.stats === undefined) reject(new Error('mocha kept no statistics'));
      else resolve(runner.stats);
    });
    runner.on('fail', (test, error: unknown) => {
      repeated.delete(test.fullTitle());
      told.push(describeFailure(test.fullTitle(), error));
    });
    runner.on('retry', (test, error: unknown) => {
      repeated.set(test.fullTitle(), describeFailure(test.fullTitle(), error));
    });
  });
  return {
    passed: passes,
    failed: failures,
    skipped: pending,
    failures: told,
    repeated: [...repeated.values()],
  };
}

/** The title, and what was said first. */
export function describeFailure(title: string, error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return `${title}: ${said.trim().split('\n').slice(0, 8).join('\n  ').slice(0, 600)}`;
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
