// Bundled to dist/test/host.js; VS Code calls `run` inside the extension host.
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import { runMocha } from './mocha.ts';
import { benchVariable, grepVariable, isGreen, outputMark, writeTally } from './tally.ts';

export async function run(): Promise<void> {
  const log = console.log.bind(console);
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => {
    for (const line of format(...args).split('\n')) log(outputMark + line);
  };
  const grep = process.env[grepVariable];
  // `npm run bench:host` measures where the tests run.
  const suite = process.env[benchVariable] === undefined ? 'suite.js' : 'hostBench.js';
  const tally = await runMocha([join(__dirname, suite)], { grep, timeoutMs: 30_000 });
  writeTally(tally);
  if (!isGreen(tally)) throw new Error(`${tally.passed} passed, ${tally.failed} failed`);
}
