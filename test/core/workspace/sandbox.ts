/** A temporary folder with its own git configuration, so that nothing of the machine's leaks into a test. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findGit } from '../../../src/core/workspace/git.ts';
import { fsPath } from '../../../src/core/workspace/names.ts';

export interface Sandbox {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute path of a folder or file inside. */
  at(path: string): string;
  write(path: string, content?: string | Buffer): void;
  link(path: string, target: string): void;
  /** An executable shell script; gives its absolute path. */
  script(path: string, body: string): string;
  /** Runs git in a folder of the sandbox, as a user would. */
  git(folder: string, ...args: string[]): string;
  /** A repository with these files committed. */
  repository(folder: string, files: Readonly<Record<string, string>>): string;
  remove(): void;
}

export function sandbox(): Sandbox {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'longview-workspace-')));
  mkdirSync(join(root, 'home'));
  writeFileSync(
    join(root, 'home/gitconfig'),
    '[user]\n\tname = T\n\temail = t@example.org\n[init]\n\tdefaultBranch = main\n',
  );
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: join(root, 'home'),
    GIT_CONFIG_GLOBAL: join(root, 'home/gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CEILING_DIRECTORIES: root,
  };
  const at = (path: string) => (path === '' ? root : `${root}/${path}`);
  const box: Sandbox = {
    root,
    env,
    at,
    write(path, content = `${path}\n`) {
      mkdirSync(fsPath(folderOf(at(path))), { recursive: true });
      writeFileSync(fsPath(at(path)), content);
    },
    link(path, target) {
      mkdirSync(folderOf(at(path)), { recursive: true });
      symlinkSync(target, at(path));
    },
    script(path, body) {
      box.write(path, `#!/bin/sh\n${body}\n`);
      chmodSync(at(path), 0o755);
      return at(path);
    },
    git(folder, ...args) {
      return execFileSync('git', args, {
        cwd: at(folder),
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    },
    repository(folder, files) {
      mkdirSync(at(folder), { recursive: true });
      box.git(folder, 'init', '-q', '--template=');
      for (const [path, content] of Object.entries(files)) box.write(join(folder, path), content);
      if (Object.keys(files).length > 0) {
        box.git(folder, 'add', '-A');
        box.git(folder, 'commit', '-qm', 'start');
      }
      return at(folder);
    },
    remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
  return box;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** The real git, for scripts that stand before it on the PATH. */
export function realGit(): string {
  const git = findGit(process.env);
  if (git === undefined) throw new Error('These tests need git on the PATH.');
  return git;
}

export function pathsOf(list: readonly { readonly path: string }[]): string[] {
  return list.map(({ path }) => path).sort();
}
