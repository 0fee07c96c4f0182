// npm test: check, build, then every suite. Its last line is `N passed, N failed`.
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/paths.ts';
import { endEverythingWithUs, runTool, spawnGroup } from '../../tools/processes.ts';
import { describeTally, isGreen, takeTally, tallyVariable, type Tally } from './tally.ts';

/** Commands that pass or fail as a whole: no tests, so only their failures are counted. */
const commands = [
  { name: 'types', args: [bin('typescript', 'bin', 'tsc'), '-p', '.'] },
  { name: 'lint', args: [bin('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.'] },
  { name: 'format', args: [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'build', args: ['esbuild.mjs'] },
];

/** Each in a process of its own, so that a crash of one is counted and hides no other. */
const suites = ['unit', 'host', 'ui'];

function bin(name: string, ...path: string[]): string {
  return join('node_modules', name, ...path);
}

async function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const child = spawnGroup(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    show: true,
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0;
}

async function runCommand(args: readonly string[]): Promise<Tally> {
  return { passed: 0, failed: (await runNode(args)) ? 0 : 1, skipped: 0 };
}

/** A suite that ended badly although every test passed, or without a tally, counts as one failure more. */
async function runSuite(name: string): Promise<Tally> {
  const tallyPath = join(tmpdir(), `longview-tally-${process.pid}-${name}.json`);
  const ok = await runNode(['--import', 'tsx', join('test', 'run', `${name}.ts`)], {
    [tallyVariable]: tallyPath,
  });
  const tally = takeTally(tallyPath) ?? { passed: 0, failed: 1, skipped: 0 };
  return ok === isGreen(tally) ? tally : { ...tally, failed: tally.failed + 1 };
}

async function timed(name: string, work: Promise<Tally>): Promise<Tally & { readonly line: string }> {
  const start = Date.now();
  const tally = await work;
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  return { ...tally, line: `${name.padEnd(8)} ${describeTally(tally)} (${seconds} s)` };
}

async function runAll(): Promise<void> {
  const results: (Tally & { readonly line: string })[] = [];
  for (const { name, args } of commands) {
    console.log(`\n=== ${name}`);
    results.push(await timed(name, runCommand(args)));
  }
  for (const suite of suites) {
    console.log(`\n=== ${suite}`);
    results.push(await timed(suite, runSuite(suite)));
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  for (const failure of results.flatMap(result => result.failures ?? [])) console.log(`\nfailed: ${failure}`);
  for (const test of results.flatMap(result => result.repeated ?? [])) console.log(`\nfailed once: ${test}`);
  console.log(`\n${results.map(result => result.line).join('\n')}\n`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

endEverythingWithUs();
runTool(runAll);
