/**
 * `npm run bench:anchors [-- folder…]`: how well anchors are read and verified. True citations of real files are
 * perturbed as models get them wrong; every outcome is compared with an oracle that shares no code with the verifier.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createAnchorStream, createPathIndex, findAnchors } from '../../src/core/review/anchors.ts';
import {
  buildTrials,
  figuresByState,
  kinds,
  randomOf,
  runTrial,
  type Outcome,
  type SourceText,
} from './anchorCorpus.ts';

const sourceName =
  /\.(?:[cm]?[jt]sx?|py|rs|go|java|kt|c|h|cc|cpp|hpp|rb|php|cs|swift|md|rst|toml|ya?ml|sh|css|html)$/;
const mostFiles = 600;

function sourcesIn(root: string): SourceText[] {
  const found: SourceText[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== '.git' && entry.name !== 'node_modules') walk(path);
      } else if (entry.isFile() && sourceName.test(entry.name) && statSync(path).size < 400_000)
        found.push({ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') });
    }
  };
  walk(root);
  return found.filter(file => !file.text.includes('\0'));
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '    –' : `${((100 * part) / whole).toFixed(1)}%`.padStart(6);

function report(root: string, seed: number): void {
  const all = sourcesIn(root);
  const random = randomOf(seed);
  const files = all.length <= mostFiles ? all : all.filter(() => random(all.length) < mostFiles);
  const paths = all.map(file => file.path);
  const trials = buildTrials(files, Math.max(1, Math.ceil(600 / Math.max(1, files.length))), seed);
  const started = performance.now();
  const outcomes = trials.map(trial => runTrial(trial, paths));
  const ms = performance.now() - started;
  console.log(
    `\n${root}: ${all.length} files, ${trials.length} citations, seed ${seed}, ${(ms / trials.length).toFixed(2)} ms each`,
  );
  console.log('  perturbation       trials   right');
  for (const kind of kinds) {
    const of = outcomes.filter(o => o.trial.kind === kind);
    console.log(
      `  ${kind.padEnd(18)} ${String(of.length).padStart(6)}  ${percent(of.filter(o => o.right).length, of.length)}`,
    );
  }
  console.log('  state              given  expected  precision  recall');
  for (const { state, given, expected, right } of figuresByState(outcomes))
    console.log(
      `  ${state.padEnd(18)} ${String(given).padStart(5)}  ${String(expected).padStart(8)}     ${percent(right, given)}  ${percent(right, expected)}`,
    );
  const moved = outcomes.filter(
    o => o.trial.kind === 'off-by-n' && o.trial.expected.states[0] === 'relocated',
  );
  console.log(
    `  off by n, relocated rightly: ${percent(moved.filter(o => o.right).length, moved.length)} of ${moved.length}`,
  );
  console.log(
    `  shown as verified or relocated where the quote does not stand: ${outcomes.filter(o => o.lie).length}`,
  );
  if (process.env['ANCHORS_SHOW'] !== undefined) show(outcomes);
}

function show(outcomes: readonly Outcome[]): void {
  for (const { trial, anchor } of outcomes.filter(o => !o.right || o.lie).slice(0, 40))
    console.log(
      `\n  [${trial.kind}] expected ${trial.expected.states.join('|')}@${trial.expected.line ?? '-'}, got ${anchor?.state}@${anchor?.startLine}-${anchor?.endLine} in ${anchor?.path}\n    ${JSON.stringify(trial.markdown)}\n    quote read: ${JSON.stringify(anchor?.quote)}  ${anchor?.note}`,
    );
}

/** A 30,000-token answer with 500 anchors against 20,000 files. */
function speed(): void {
  const files = Array.from(
    { length: 20_000 },
    (_, i) => `packages/p${i % 97}/src/module${i % 1013}/file${i}.ts`,
  );
  const prose =
    'This part of the answer explains how the pieces fit, and why it was done so, in plain words. ';
  let answer = '';
  for (let i = 0; i < 500; i++) {
    const path = i % 3 === 0 ? `file${i * 31}.ts` : (files[i * 37] ?? '');
    answer += `${prose}${prose}See \`${path}:${i + 1}-${i + 4}\` "const value${i} = compute(${i});".${i % 2 === 0 ? '\n' : ' '}`;
  }
  const timed = (work: () => void): string => {
    const started = performance.now();
    work();
    return `${(performance.now() - started).toFixed(0)} ms`;
  };
  console.log(`\nspeed: an answer of ${answer.length} characters, 500 anchors, 20,000 files`);
  console.log(`  building the index: ${timed(() => createPathIndex(files))}`);
  console.log(`  first findAnchors:  ${timed(() => findAnchors(answer, files))}`);
  console.log(`  second:             ${timed(() => findAnchors(answer, files))}`);
  let slowest = 0;
  const whole = timed(() => {
    const stream = createAnchorStream(files);
    for (let at = 0; at < answer.length; at += 4) {
      const started = performance.now();
      stream.push(answer.slice(at, at + 4));
      slowest = Math.max(slowest, performance.now() - started);
    }
    stream.end();
  });
  console.log(`  streamed, 4 characters at a time: ${whole} in all, slowest delta ${slowest.toFixed(1)} ms`);
}

const checkout = resolve(import.meta.dirname, '../..');
const named = process.argv.slice(2);
const roots =
  named.length > 0
    ? named
    : ['src', 'node_modules/openai/src', 'node_modules/diff/libesm', 'node_modules/minisearch'];
for (const root of roots) report(resolve(named.length > 0 ? process.cwd() : checkout, root), 7);
speed();
