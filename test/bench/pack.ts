/**
 * `npm run bench:pack -- [--runs 5] [--growth] FOLDER…`: `longview pack` beside repomix on the same folders, alternately, as
 * whole processes of the same Node. Cold: no token cache; warm: the cache of the run before, and no output;
 * up to date: its output is there, too. Writes test-results/bench/pack.md.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { ensureCodeServer } from '../../tools/codeServer.ts';
import { root, runDir } from '../../tools/paths.ts';
import { npm, run } from '../../tools/processes.ts';
import { growth } from './packGrowth.ts';

const { values: options, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '5' }, growth: { type: 'boolean', default: false } },
});
const runs = Number(options.runs);

/** One process: wall time in ms, peak resident memory in MB. */
export interface Run {
  readonly ms: number;
  readonly rssMb: number;
  readonly stdout: string;
}

/** Says the peak memory of the process on its way out; threads are in it, child processes are not. */
const meter = join(runDir, 'bench', 'meter.cjs');
const meterSource = `process.on('exit', () => require('fs').appendFileSync(process.env.LONGVIEW_METER, process.resourceUsage().maxRSS + '\\n'));`;

function measure(node: string, args: readonly string[], env: Readonly<Record<string, string>>): Run {
  const readings = `${meter}.${process.pid}`;
  rmSync(readings, { force: true });
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(node, ['-r', meter, ...args], {
    env: { ...process.env, ...env, LONGVIEW_METER: readings },
    maxBuffer: 1e9,
    encoding: 'utf8',
  });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`${args.join(' ')} failed (${status}): ${stderr.slice(-2000)}`);
  // Processes that were started by this one append their own; the largest is what counts.
  const rss = readFileSync(readings, 'utf8').trim().split('\n').map(Number);
  return { ms, rssMb: Math.max(...rss) / 1024, stdout };
}

async function installRepomix(): Promise<string> {
  const home = join(runDir, 'bench', 'repomix');
  const entry = join(home, 'node_modules', 'repomix', 'bin', 'repomix.cjs');
  if (!existsSync(entry)) {
    mkdirSync(home, { recursive: true });
    cpSync(join(root, 'test', 'bench', 'repomix', 'package.json'), join(home, 'package.json'));
    await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund'], home);
  }
  return entry;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

interface Timings {
  readonly files: readonly unknown[];
  readonly totals: { readonly files: number; readonly tokens: number };
  readonly timingsMs: Readonly<Record<string, number>>;
}

/** Everything measured on one folder, as lines of a report. */
function compare(folder: string, node: string, repomix: string): string[] {
  const all: Record<string, Run[]> = {};
  const note = (name: string, run: Run): Run => {
    (all[name] ??= []).push(run);
    return run;
  };
  let stages: Timings | undefined;
  let stagesWarm: Timings | undefined;
  for (let i = 0; i < runs; i++) {
    const home = mkdtempSync(join(tmpdir(), 'longview-bench-'));
    const env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), TMPDIR: home, NODE_COMPILE_CACHE: '' };
    const out = join(home, 'out');
    const theirs = () => measure(node, [repomix, folder, '-o', `${out}.xml`, '--quiet'], env);
    const ours = () =>
      measure(node, [join(root, 'dist/cli.js'), 'pack', folder, '--json', '--out', out], env);
    note('repomix cold', theirs());
    stages = JSON.parse(note('longview cold', ours()).stdout) as Timings;
    note('repomix warm', theirs());
    rmSync(out);
    stagesWarm = JSON.parse(note('longview warm', ours()).stdout) as Timings;
    note('longview up to date', ours());
    rmSync(join(home, 'cache'), { recursive: true, force: true });
    // Enumerate, read and count, and nothing else: what a pack cannot do without.
    note('floor cold', measure(node, [join(root, 'dist/cli.js'), 'count', folder, '--json'], env));
    rmSync(home, { recursive: true, force: true });
  }
  const ms = (name: string) => median((all[name] ?? []).map(run => run.ms));
  const rss = (name: string) => median((all[name] ?? []).map(run => run.rssMb));
  const row = (name: string) => `| ${name} | ${seconds(ms(name))} | ${rss(name).toFixed(0)} |`;
  const ratio = (a: string, b: string) => (ms(a) / ms(b)).toFixed(2);
  const shown = (timings: Timings | undefined) =>
    Object.entries(timings?.timingsMs ?? {})
      .map(([stage, value]) => `${stage} ${Math.round(value)}`)
      .join(', ');
  return [
    `## ${basename(folder)}: ${stages?.totals.files} files, ${stages?.totals.tokens.toLocaleString('en')} tokens`,
    '',
    `Median of ${runs}, load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores.`,
    '',
    '| | wall s | peak MB |',
    '| --- | --- | --- |',
    ...Object.keys(all).map(row),
    '',
    `- cold: ${ratio('repomix cold', 'longview cold')} times as fast as repomix; ${ratio('longview cold', 'floor cold')} times enumerate + read + count`,
    `- warm: ${ratio('repomix warm', 'longview warm')} times as fast as repomix; ${ratio('repomix warm', 'longview up to date')} times where the output of the run before is still there`,
    `- peak memory, cold: ${(rss('longview cold') / rss('repomix cold')).toFixed(2)} of repomix's`,
    `- stages cold, ms (read and count are CPU time over all workers): ${shown(stages)}`,
    `- stages warm: ${shown(stagesWarm)}`,
    '',
  ];
}

async function main(): Promise<void> {
  if (folders.length === 0) throw new Error('Name one or more repository folders.');
  // What is installed, not what is debugged.
  await run(process.execPath, ['esbuild.mjs', '--production', '--quiet'], { cwd: root });
  const { node } = await ensureCodeServer(line => console.log(line));
  const repomix = await installRepomix();
  mkdirSync(join(runDir, 'bench'), { recursive: true });
  writeFileSync(meter, meterSource);
  const report = ['# bench:pack', ''];
  const tell = (lines: readonly string[]) => {
    report.push(...lines);
    console.log(lines.join('\n'));
  };
  for (const folder of folders) {
    const absolute = resolve(folder);
    tell(
      options.growth ? growth(absolute, args => measure(node, args, {})) : compare(absolute, node, repomix),
    );
  }
  const results = join(root, 'test-results', 'bench');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, options.growth ? 'pack-growth.md' : 'pack.md'), report.join('\n'));
}

void main();
