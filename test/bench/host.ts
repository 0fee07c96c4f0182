/**
 * `npm run bench:host -- FOLDER [which]`, or `-- --files 20000 [which]`, which makes a repository of so many files: how
 * long the extension host is not free while it takes an inventory, packs, follows an edit and a checkbox, and shows a
 * 30,000-token answer with 500 anchors, in a real VS Code. Typing stutters from 50 ms on. Prints the longest and the
 * 99th percentile.
 */
import { resolve } from 'node:path';

import { startFake } from '../fakes/index.ts';
import { benchVariable } from '../run/tally.ts';
import { scratchFolder } from '../run/workspace.ts';
import { longAnswer, longAnswerVariable } from './longAnswer.ts';
import { makeManyFiles } from './manyFiles.ts';

/** UTF-16 units of one event: models send a token at a time. */
const chunkChars = 4;

async function folderFrom(given: string, rest: string[]): Promise<string> {
  if (given !== '--files') return resolve(given);
  const folder = scratchFolder();
  await makeManyFiles(folder, Number(rest.shift() ?? 20_000));
  return folder;
}

async function main(): Promise<void> {
  const [given, ...rest] = process.argv.splice(2);
  if (given === undefined)
    throw new Error('Name a folder: npm run bench:host -- FOLDER [which], or -- --files 20000');
  const folder = await folderFrom(given, rest);
  const [grep] = rest;
  // Here and not in the extension host, where its work would be counted as ours. Never paced: the worst case.
  const fake = await startFake({
    system: 'vllm',
    contextTokens: 20_000_000,
    // Not every folder holds what could be cited, and not every run asks.
    answer: grep !== undefined && 'an inventory is taken'.includes(grep) ? '' : longAnswer(folder),
    chunkChars,
  });
  process.env[longAnswerVariable] = `${fake.baseUrl} ${fake.model}`;
  process.env[benchVariable] = folder;
  if (grep !== undefined) process.argv.push('--grep', grep);
  await import('../run/host.ts');
}

void main();
