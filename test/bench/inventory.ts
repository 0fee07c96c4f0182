/**
 * `npm run bench:inventory -- FOLDER…`: what a running session pays to know a workspace. Needs `npm run build`.
 *
 * - cold: listed, read and counted by a process that knows nothing (the file system's cache is warm)
 * - fresh: the same by a process that has what the one before has kept
 * - live: listed again and every file's stamp looked at, as before each ask of a session
 * - event: one file saved, from the event to new totals and a rough plan, then to the whole one; over the limit, and
 *   where everything fits
 *
 * Beside each: the longest time this thread was not free.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { join, resolve } from 'node:path';

import { createMeasurer } from '../../src/core/pack/measurer.ts';
import { survey, defaultPromptSettings } from '../../src/core/review/prepare.ts';
import { takeInventory } from '../../src/core/workspace/inventory.ts';
import { createLiveInventory } from '../../src/core/workspace/live.ts';
import { createOfflineEndpoint } from '../../src/core/offline/offlineEndpoint.ts';

const { maxFileBytes } = defaultPromptSettings;
const options = { maxFileBytes, trusted: true };
const ms = (value: number) => `${value.toFixed(0).padStart(6)} ms`;

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const start = performance.now();
  const used = performance.eventLoopUtilization();
  const cpu = process.cpuUsage();
  const result = await work();
  const { active } = performance.eventLoopUtilization(used);
  const { user, system } = process.cpuUsage(cpu);
  const took = performance.now() - start;
  await new Promise(resolve => setTimeout(resolve, 20));
  delay.disable();
  const cpuMs = ms((user + system) / 1000);
  console.log(
    `${name.padEnd(22)} ${ms(took)}, CPU ${cpuMs}, this thread ${ms(active)}, longest ${ms(delay.max / 1e6)}`,
  );
  return result;
}

async function bench(folder: string): Promise<void> {
  const folders = [{ name: 'bench', path: resolve(folder) }];
  const script = resolve('dist/measureWorker.js');
  console.log(`\n${folder}`);
  const scratch = mkdtempSync(join(tmpdir(), 'longview-bench-'));
  const cache = {
    file: join(scratch, 'counts'),
    measuredFolder: join(scratch, 'measured'),
    warn: (message: string) => console.log(message),
  };
  const measurer = createMeasurer(script, cache);
  const { inventory } = await timed('cold', () => takeInventory(folders, options, measurer));
  const tokens = inventory.files.reduce((sum, f) => sum + f.tokens, 0);
  console.log(`  ${inventory.files.length} files, ${tokens} tokens`);
  await measurer.keepCounts();
  await measurer.dispose();

  const warm = createMeasurer(script, cache);
  await timed('fresh, all kept', () => takeInventory(folders, options, warm));
  const live = createLiveInventory();
  await live.take(folders, options, warm);
  await timed('live, thorough', () => live.take(folders, { ...options, thorough: true }, warm));
  const asked = (contextLimit: number) => ({
    ...{ folders, trusted: true, question: '', settings: defaultPromptSettings, takeInventory: live.take },
    endpoint: createOfflineEndpoint({ contextLimit, countTokens: text => warm.count(text) }),
  });
  const request = asked(1_048_576);
  const roomy = asked(2 * tokens);
  await survey(request, warm);
  const [file] = inventory.files;
  if (file === undefined) throw new Error('There is nothing to edit.');
  const before = readFileSync(file.absolutePath);
  try {
    for (let i = 0; i < 3; i++) {
      appendFileSync(file.absolutePath, `\n${i}`);
      live.note({ kind: 'changed', absolutePath: file.absolutePath });
      // What is seen at once, and what follows.
      await timed('event, rough plan', () => survey({ ...request, roughly: true }, warm));
      await timed('event, whole plan', () => survey(request, warm));
      live.note({ kind: 'changed', absolutePath: file.absolutePath });
      await timed('event, inventory alone', () => live.take(folders, options, warm));
      await survey(roomy, warm);
      appendFileSync(file.absolutePath, `\n${i} again`);
      live.note({ kind: 'changed', absolutePath: file.absolutePath });
      await timed('event, everything fits', () => survey(roomy, warm));
    }
  } finally {
    writeFileSync(file.absolutePath, before);
  }
  await warm.dispose();
  rmSync(scratch, { recursive: true });
}

async function main(): Promise<void> {
  for (const folder of process.argv.slice(2)) await bench(folder);
}

void main();
