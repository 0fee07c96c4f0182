import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';
import { run } from './processes.ts';
import { findFaults, listZip } from './vsix.ts';

/** Builds minified, packages, and returns the package's path; throws when what came out may not be shipped. */
export async function packageExtension(say: (line: string) => void): Promise<string> {
  await run(process.execPath, ['esbuild.mjs', '--production'], { cwd: root });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const path = join(root, `longview-${version}.vsix`);
  const vsce = join('node_modules', '@vscode', 'vsce', 'vsce');
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  await run(process.execPath, [vsce, ...args, '--out', path], { cwd: root });
  const zip = readFileSync(path);
  const entries = listZip(zip);
  for (const entry of entries) say(`${entry.bytes.toString().padStart(9)}  ${entry.path}`);
  say(`${zip.length.toString().padStart(9)}  in the package, longview-${version}.vsix`);
  const faults = findFaults(entries, zip.length);
  if (faults.length > 0) {
    // So that nobody installs it by mistake.
    rmSync(path);
    throw new Error(`The package may not be shipped.\n${faults.join('\n')}`);
  }
  return path;
}

/** Packages an extension of a test, which lies in `folder`; returns the package's path, in `into`. */
export async function packageFixture(folder: string, into: string): Promise<string> {
  const path = join(into, 'fixture.vsix');
  const args = [
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--skip-license',
    '--out',
    path,
  ];
  await run(process.execPath, [join(root, 'node_modules', '@vscode', 'vsce', 'vsce'), ...args], {
    cwd: folder,
  });
  return path;
}
