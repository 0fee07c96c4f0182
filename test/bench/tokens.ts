/**
 * `npm run bench:tokens -- [--mb 50] [--runs 5] [--quick] FOLDER…`: the counter beside gpt-tokenizer, ai-tokenizer and
 * tiktoken (WASM) on the same real files. Needs `dist/o200k.ranks` (npm run build). Every figure of an engine comes
 * from a process of its own: the first pass over the files is cold, the second warm; medians over the processes.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { availableParallelism, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { parentPort, Worker } from 'node:worker_threads';

import { buildSync } from 'esbuild';

import { createCounter } from '../../src/core/tokens/createCounter.ts';
import { root, runDir } from '../../tools/paths.ts';
import { engineNames, loadEngine, type EngineName } from './engines.ts';
import { base64, realFiles, runs } from './samples.ts';

/** What one process of one engine found. Times in ms. */
interface Passes {
  readonly bytes: number;
  readonly tokens: number;
  readonly cold: number;
  readonly warm: number;
  readonly slowestFile: number;
}

const { values: options, positionals: roots } = parseArgs({
  allowPositionals: true,
  options: {
    mb: { type: 'string', default: '50' },
    runs: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    engine: { type: 'string' },
    sample: { type: 'string' },
    ranks: { type: 'string', default: 'dist/o200k.ranks' },
  },
});
const bytes = Number(options.mb) * 1e6;
const ranksFile = resolve(options.ranks);

/** tiktoken takes minutes for 50 MB, so it gets every tenth file. */
const STEP: Partial<Record<EngineName, number>> = { tiktoken: 10 };

function sampleFiles(sample: string, engine: EngineName): Buffer[] {
  if (sample === 'files') return realFiles(roots, bytes, STEP[engine] ?? 1);
  return [base64(2_000_000, sample === 'base64 lines')];
}

async function child(engine: EngineName, sample: string): Promise<Passes> {
  const files = sampleFiles(sample, engine).map(content => ({ content, text: content.toString('utf8') }));
  const count = await loadEngine(engine, ranksFile);
  let slowestFile = 0;
  const pass = () => {
    let tokens = 0;
    const start = performance.now();
    for (const { content, text } of files) {
      const from = performance.now();
      tokens += count(content, text);
      slowestFile = Math.max(slowestFile, performance.now() - from);
    }
    return { tokens, ms: performance.now() - start };
  };
  const cold = pass();
  const warm = pass();
  const total = files.reduce((sum, { content }) => sum + content.length, 0);
  return { bytes: total, tokens: cold.tokens, cold: cold.ms, warm: warm.ms, slowestFile };
}

/** The bench bundled as what ships is, for its processes to run: `tsx` would add its own indirections. */
const bundle = join(runDir, 'bench', 'tokens.cjs');

function inProcess(...parameters: readonly string[]): string {
  const own = ['--max-old-space-size=4096', bundle, '--mb', options.mb, ...parameters, ...roots];
  return execFileSync(process.execPath, own, { encoding: 'utf8', maxBuffer: 1e8 });
}

/** In turns, so that what else the machine does meets every engine alike. */
function inTurns(sample: string, times: number): Map<EngineName, Passes[]> {
  const passes = new Map<EngineName, Passes[]>(engineNames.map(engine => [engine, []]));
  for (let turn = 0; turn < times; turn++) {
    for (const [engine, own] of passes) {
      const run = inProcess('--engine', engine, '--sample', sample, '--ranks', ranksFile);
      own.push(JSON.parse(run) as Passes);
    }
  }
  return passes;
}

function bundleSelf(): void {
  buildSync({
    entryPoints: [join(root, 'test', 'bench', 'tokens.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['esbuild', 'tiktoken', 'gpt-tokenizer', 'ai-tokenizer'],
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'tools', 'paths.ts')).href) },
    keepNames: true,
    logLevel: 'warning',
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function speeds(passes: readonly Passes[]) {
  const size = passes[0]?.bytes ?? 0;
  return {
    cold: size / 1e3 / median(passes.map(pass => pass.cold)),
    warm: size / 1e3 / median(passes.map(pass => pass.warm)),
    slowest: median(passes.map(pass => pass.slowestFile)),
    tokens: passes[0]?.tokens ?? 0,
    size,
  };
}

function compare(sample: string, times: number): void {
  console.log(`\n${sample}: MB/s, median of ${times}`);
  const results = [...inTurns(sample, times)].map(([engine, passes]) => [engine, speeds(passes)] as const);
  const gpt = results.find(([engine]) => engine === 'gpt-tokenizer')?.[1];
  const rows = results.map(([engine, { cold, warm, slowest, tokens, size }]) => ({
    engine,
    MB: (size / 1e6).toFixed(1),
    tokens,
    cold: cold.toFixed(2),
    warm: warm.toFixed(2),
    'cold / gpt': (cold / (gpt?.cold ?? Number.NaN)).toFixed(1),
    'warm / gpt': (warm / (gpt?.warm ?? Number.NaN)).toFixed(1),
    'slowest file ms': slowest.toFixed(0),
  }));
  console.table(rows);
}

function timed(action: () => number): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

/** Counts at 1, 2, 4 and 8 times a length; linear means that each time is about twice the one before. */
function doubling(): void {
  const counter = createCounter(readFileSync(ranksFile), 'o200k');
  counter.countText('warm up '.repeat(100_000));
  const base = 125_000;
  const rows = Object.entries(runs).map(([name, make]) => {
    const ms = [1, 2, 4, 8].map(factor => {
      const run = make(base * factor);
      return median([0, 1, 2].map(() => timed(() => counter.countUtf8(run))));
    });
    return {
      run: name,
      '125 kB': ms[0],
      '250 kB': ms[1],
      '500 kB': ms[2],
      '1 MB': ms[3],
      '8x/1x': (ms[3] ?? 0) / (ms[0] ?? 1),
    };
  });
  console.log('\nruns without a boundary: ms');
  console.table(
    rows.map(row =>
      Object.fromEntries(Object.entries(row).map(([k, v]) => [k, typeof v === 'number' ? v.toFixed(1) : v])),
    ),
  );
}

/** Reading, decompressing and indexing the ranks, up to the first count. */
function load(): number {
  return timed(() => createCounter(readFileSync(ranksFile), 'o200k').countText('x'));
}

/** How long a worker takes to load the ranks, and the longest that the thread which started it was not free. Times in ms. */
interface WorkerLoad {
  readonly load: number;
  /** From the start of the worker to its first count: with the start of the thread, and reading our code. */
  readonly ready: number;
  readonly hostPause: number;
}

/** As the product does it: the thread that started the worker stands for the extension host's. */
async function loadInWorker(): Promise<WorkerLoad> {
  const pauses = monitorEventLoopDelay({ resolution: 1 });
  pauses.enable();
  const start = performance.now();
  const worker = new Worker(bundle, { argv: ['--engine', 'load', '--ranks', ranksFile] });
  const [ms] = (await once(worker, 'message')) as [number];
  const ready = performance.now() - start;
  pauses.disable();
  await worker.terminate();
  return { load: ms, ready, hostPause: pauses.max / 1e6 };
}

/** Each time in a process that has done none of it before. */
function rankLoad(): void {
  console.log(`\nranks: ${(statSync(ranksFile).size / 1e3).toFixed(0)} kB, load ms, five processes each`);
  const five = (engine: string) =>
    Array.from(
      { length: 5 },
      () => JSON.parse(inProcess('--engine', engine, '--ranks', ranksFile)) as unknown,
    );
  const show = (name: string, times: readonly number[]) => {
    const all = times.map(time => time.toFixed(1)).join(', ');
    console.log(`${name.padEnd(48)} median ${median(times).toFixed(1)} (${all})`);
  };
  const inWorker = five('load-worker') as WorkerLoad[];
  show(
    'in a worker',
    inWorker.map(run => run.load),
  );
  show(
    '  with the start of the worker',
    inWorker.map(run => run.ready),
  );
  show(
    '  longest pause of the thread that started it',
    inWorker.map(run => run.hostPause),
  );
  show('on a main thread', five('load') as number[]);
}

async function main(): Promise<void> {
  const { engine, sample, quick } = options;
  if (engine === 'load') {
    if (parentPort === null) console.log(load());
    else parentPort.postMessage(load());
  } else if (engine === 'load-worker') {
    console.log(JSON.stringify(await loadInWorker()));
  } else if (engine !== undefined) {
    console.log(JSON.stringify(await child(engine as EngineName, sample ?? 'files')));
  } else {
    if (roots.length === 0) throw new Error('Name folders with text files, at least 50 MB of them.');
    bundleSelf();
    console.log(
      `load of this machine before: ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`,
    );
    rankLoad();
    doubling();
    compare('files', Number(options.runs));
    if (!quick) for (const name of ['base64 lines', 'base64 one line']) compare(name, 3);
  }
}

void main();
