import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Pass output through instead of keeping it for the error message. */
  readonly show?: boolean;
}

const onWindows = process.platform === 'win32';
const groups = new Set<ChildProcess>();
/** Set by the first signal: from then on, that things end is no failure. */
let ending = false;

/** Starts a process in a group of its own, so that {@link stopGroup} ends whatever it starts in turn. */
export function spawnGroup(command: string, args: readonly string[], options: RunOptions = {}): ChildProcess {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: options.show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    detached: !onWindows,
    // npm and code are .cmd files there, which only a shell starts.
    shell: onWindows,
  });
  groups.add(child);
  child.once('exit', () => {
    // What a group leader started may outlive it.
    signalGroup(child, 'SIGTERM');
    groups.delete(child);
  });
  return child;
}

/** Ends a group: politely, and after `graceMs` by force. Resolves when its first process is gone. */
export async function stopGroup(child: ChildProcess, graceMs = 5000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  signalGroup(child, 'SIGTERM');
  const force = setTimeout(() => {
    signalGroup(child, 'SIGKILL');
  }, graceMs);
  await gone;
  clearTimeout(force);
}

/** Runs a command to its end and returns its stdout; throws with the command's last lines when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const child = spawnGroup(command, args, options);
  let out = '';
  let all = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    all += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (all += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code === 0) return out;
  const lastLines = all.trimEnd().split('\n').slice(-15).join('\n');
  const ending = signal === null ? `exit code ${String(code)}` : signal;
  throw new Error(`${[command, ...args].join(' ')}: ${ending}${lastLines === '' ? '' : `\n${lastLines}`}`);
}

/** Runs the npm that runs us, or the one on the PATH. */
export async function npm(args: readonly string[], cwd: string): Promise<void> {
  const cli = process.env['npm_execpath'];
  if (cli?.endsWith('npm-cli.js') === true) await run(process.execPath, [cli, ...args], { cwd });
  else await run('npm', args, { cwd });
}

/** Runs a tool's whole work: a failure is told in one piece, and becomes exit code 1. */
export function runTool(work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    if (ending) return;
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}

/** Makes Ctrl-C, a closed terminal and a crash end everything {@link spawnGroup} started. */
export function endEverythingWithUs(beforeExit: () => void = () => undefined): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      beforeExit();
      void Promise.all([...groups].map(child => stopGroup(child))).then(() => process.exit(code));
    });
  process.on('exit', () => {
    for (const child of groups) signalGroup(child, 'SIGKILL');
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(onWindows ? child.pid : -child.pid, signal);
  } catch (error) {
    // The whole group is already gone: what we wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
