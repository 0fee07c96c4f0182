import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from '../../tools/paths.ts';
import type { Run } from './pack.ts';

interface Point {
  readonly tokens: number;
  readonly ms: number;
  readonly rssMb: number;
}

/** Tokens that the largest workspace of the plot has. */
const most = 50e6;

/**
 * Packs more and more copies of a folder, up to 50M tokens, every file with a line of its own, so that no cache knows
 * it, and plots time and memory over tokens: straight lines are what is asked.
 */
export function growth(folder: string, measure: (args: readonly string[]) => Run): string[] {
  const scratch = mkdtempSync(join(tmpdir(), 'longview-growth-'));
  const points: Point[] = [];
  try {
    let copies = 0;
    for (let want = 1; ; want *= 2) {
      for (; copies < want; copies++) copy(folder, join(scratch, `copy-${copies}`), copies);
      const { ms, rssMb, stdout } = measure([
        join(root, 'dist/cli.js'),
        'pack',
        scratch,
        '--json',
        '--out',
        `${scratch}.prompt`,
      ]);
      const { tokens } = (JSON.parse(stdout) as { totals: { tokens: number } }).totals;
      points.push({ tokens, ms, rssMb });
      console.log(
        `${tokens.toLocaleString('en')} tokens: ${(ms / 1000).toFixed(1)} s, ${rssMb.toFixed(0)} MB`,
      );
      if (tokens * 2 > most * 1.2) break;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(`${scratch}.prompt`, { force: true });
  }
  return [
    '## Growth',
    '',
    ...plot(
      's',
      points.map(p => [p.tokens, p.ms / 1000]),
    ),
    ...plot(
      'MB',
      points.map(p => [p.tokens, p.rssMb]),
    ),
  ];
}

function copy(from: string, to: string, number: number): void {
  cpSync(from, to, { recursive: true, filter: source => !source.split('/').includes('.git') });
  for (const name of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    const file = join(to, name);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const bytes = readFileSync(file);
    if (!bytes.includes(0)) writeFileSync(file, Buffer.concat([bytes, Buffer.from(`\ncopy ${number}\n`)]));
  }
}

const width = 60;

/** Bars over tokens; with `per M` constant, the line is straight. */
function plot(unit: string, points: readonly (readonly [number, number])[]): string[] {
  const highest = Math.max(...points.map(([, value]) => value));
  const rows = points.map(([tokens, value]) => {
    const millions = tokens / 1e6;
    const bar = '#'.repeat(Math.max(1, Math.round((value / highest) * width)));
    return `${millions.toFixed(1).padStart(6)}M ${value.toFixed(1).padStart(8)} ${unit} ${(value / millions).toFixed(3).padStart(8)} per M ${bar}`;
  });
  return ['```', ...rows, '```', ''];
}
