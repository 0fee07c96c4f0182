/**
 * By hand: compares the counters with an oracle on every text file below the given folders.
 * `npx tsx test/bench/oracle.ts [--cl100k] DIR…`; exits with 1 on a mismatch.
 */
import { extname } from 'node:path';

import { counters, createTiktoken, gptCount, gptIsWrongOn } from '../core/tokens/oracles.ts';
import { longRun, readText, walk } from '../core/tokens/textFiles.ts';

/** Every so many files tiktoken itself is asked too. */
const SAMPLE = 20;
const MOST_BYTES = 4_000_000;

const encoding = process.argv.includes('--cl100k') ? 'cl100k' : 'o200k';
const tiktoken = createTiktoken(encoding);
const counter = counters[encoding];
const kinds = new Map<string, number>();
let files = 0;
let bytes = 0;
let tokens = 0;
let asked = 0;
let mismatches = 0;
let tooLong = 0;

for (const root of process.argv.slice(2).filter(argument => !argument.startsWith('--'))) {
  for (const path of walk(root)) {
    const content = readText(path);
    if (content === undefined || content.length > MOST_BYTES) continue;
    const text = content.toString('utf8');
    if (longRun.test(text)) {
      tooLong++;
      continue;
    }
    const wrong = gptIsWrongOn.test(text) || /\.(ipynb|csv|svg|lock)$/.test(path);
    const count = counter.countUtf8(content);
    const byTiktoken = wrong || files % SAMPLE === 0 ? tiktoken(text) : undefined;
    const byGpt = wrong ? undefined : gptCount(text, encoding);
    if (byTiktoken !== undefined) asked++;
    if ((byTiktoken ?? count) !== count || (byGpt ?? count) !== count) {
      mismatches++;
      console.log(`MISMATCH ${path}: ${count}, tiktoken ${byTiktoken}, gpt-tokenizer ${byGpt}`);
    }
    files++;
    bytes += content.length;
    tokens += count;
    kinds.set(extname(path), (kinds.get(extname(path)) ?? 0) + 1);
  }
}

console.log(
  `${encoding}: ${files} files, ${(bytes / 1e6).toFixed(1)} MB, ${tokens} tokens, ${mismatches} mismatches; ` +
    `${asked} files also or only by tiktoken; ${tooLong} left out for a run of 4,000 and more characters`,
);
console.log(
  [...kinds]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 40)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', '),
);
process.exitCode = mismatches > 0 ? 1 : 0;
