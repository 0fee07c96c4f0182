/** Running git on a repository nobody vouched for: no shell, no program the repository names, no network. */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, isAbsolute, join, parse } from 'node:path';

export interface GitDeps {
  /** Absolute path of the git executable; looked for on the PATH otherwise. */
  readonly git?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** The user's own git configuration, as opposed to what a hook or a wrapper says about one repository. */
const keptVariables =
  /^GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/i;

/**
 * `GIT_DIR` and its like are dropped: they leak in when Longview runs inside a hook, and would answer for another
 * repository. Lazy fetches of a partial clone are off, because fetching runs what the repository's config names
 * (`core.sshCommand`, `remote.*.uploadpack`); `GIT_ALLOW_PROTOCOL` does that for git before 2.44.
 */
export function gitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^GIT_/i.test(name) || keptVariables.test(name));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    LANGUAGE: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  };
}

/** Only absolute entries of the PATH count, so that a `git` lying in the workspace is never the one that runs. */
export function findGit(env: NodeJS.ProcessEnv): string | undefined {
  const name = process.platform === 'win32' ? 'git.exe' : 'git';
  const path = Object.entries(env).find(([key]) => key.toUpperCase() === 'PATH')?.[1] ?? '';
  return path
    .split(delimiter)
    .filter(folder => isAbsolute(folder))
    .map(folder => join(folder, name))
    .find(candidate => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true);
}

export interface GitRun {
  /** null where a signal ended it. */
  readonly code: number | null;
  /** The first few thousand characters: enough to say why. */
  readonly stderr: string;
}

export interface GitOutput {
  readonly onStdout: (chunk: Buffer) => void;
  /** Whole lines, as bytes in `latin1`. */
  readonly onWarning?: (line: string) => void;
}

const keptStderr = 4_000;

/**
 * Runs one git command in `folder`. Output is handed on as it arrives. Rejects where git cannot be started, and
 * with the signal's reason on cancel, when git has been told to end.
 */
export function runGit(
  git: string,
  folder: string,
  args: readonly string[],
  output: GitOutput,
  options: { readonly signal?: AbortSignal | undefined; readonly env: NodeJS.ProcessEnv },
): Promise<GitRun> {
  const { signal, env } = options;
  signal?.throwIfAborted();
  const hardened = ['-C', folder, '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', ...args];
  return new Promise((resolve, reject) => {
    // Not started in the folder: Windows looks for programs in the working directory first.
    const child = spawn(git, hardened, {
      cwd: parse(git).root || undefined,
      env: gitEnvironment(env),
      shell: false,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const cancel = () => {
      child.kill();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    let stderr = '';
    let line = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (signal?.aborted !== true) output.onStdout(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      if (stderr.length < keptStderr) stderr += text.slice(0, keptStderr - stderr.length);
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) output.onWarning?.(whole);
    });
    child.on('error', error => {
      signal?.removeEventListener('abort', cancel);
      reject(error);
    });
    child.on('close', code => {
      signal?.removeEventListener('abort', cancel);
      if (line !== '') output.onWarning?.(line);
      resolve({ code, stderr: Buffer.from(stderr, 'latin1').toString('utf8').trim() });
    });
  });
}
