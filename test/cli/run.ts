import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Where {
  readonly home: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the command line as it ships (`npm test` builds it first), with a home of its own. */
export function startCli(args: readonly string[], where: Where) {
  return spawn(process.execPath, [resolve('dist/cli.js'), ...args], {
    env: {
      ...process.env,
      HOME: where.home,
      XDG_CONFIG_HOME: join(where.home, 'config'),
      XDG_CACHE_HOME: join(where.home, 'cache'),
      ...where.env,
    },
    ...(where.cwd !== undefined && { cwd: where.cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** As {@link startCli}, to its end. */
export function runCli(args: readonly string[], where: Where): Promise<Run> {
  const child = startCli(args, where);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise(done => child.on('close', code => done({ code, stdout, stderr })));
}
