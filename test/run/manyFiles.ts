import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The same sequence in every run: numbers in [0, 1), mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const endings = ['ts', 'ts', 'ts', 'tsx', 'py', 'go', 'rs', 'css', 'md', 'json'] as const;
const words = ['account', 'budget', 'cache', 'driver', 'event', 'frame', 'gauge', 'host', 'index', 'job'];
const folders = ['api', 'core', 'data', 'model', 'render', 'server', 'shared', 'store', 'test', 'util'];

/**
 * Writes a workspace of `count` small files, always the same: packages with folders of uneven depth, and sizes as
 * repositories have them, many small files and a few large ones. About 150 tokens a file.
 */
export function writeManyFiles(folder: string, count: number): void {
  const next = randomNumbers(20_000);
  const one = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  const made = new Set<string>();
  for (let i = 0; i < count; i++) {
    const depth = Math.floor(next() ** 2 * 5);
    const parts = Array.from({ length: depth }, () => one(folders));
    // The first packages are the largest ones.
    const home = i % 100 === 0 ? 'docs' : `packages/${one(words)}-${Math.floor(next() ** 3 * 12)}`;
    const ending = one(endings);
    const path = join(folder, home, ...parts, `${one(words)}-${i}.${ending}`);
    if (!made.has(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    made.add(dirname(path));
    const lines = Math.ceil(Math.exp(next() * 2 + next() * 2 + next() * 1.5 - 0.5));
    writeFileSync(path, text(ending, i, lines, one));
  }
}

function text(ending: string, i: number, lines: number, one: (of: readonly string[]) => string): string {
  const line = (n: number) => `${one(words)}_${i}_${n} = ${one(words)}(${n}, "${one(words)}")`;
  const all = Array.from({ length: lines }, (_, n) => line(n));
  if (ending === 'json') return `${JSON.stringify(all, null, 1)}\n`;
  if (ending === 'css') return all.map((l, n) => `.c${i}-${n} { --x: "${l.slice(0, 12)}"; }\n`).join('');
  return `${all.join('\n')}\n`;
}
