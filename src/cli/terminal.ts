import type { PrepareProgress } from '../core/review/prepare.ts';
import { printable } from './printable.ts';
import { number } from './report.ts';

/** Where a command writes. stdout is for what was asked for, stderr for everything told on the way. */
export interface Terminal {
  out(text: string): void;
  tell(line: string): void;
  /** A line that the next one replaces; silent where stderr is not a terminal. */
  progress(line: string): void;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export function processTerminal(): Terminal {
  const live = process.stderr.isTTY;
  let shown = false;
  const clear = () => {
    if (shown) process.stderr.write('\r\x1b[K');
    shown = false;
  };
  return {
    out: text => {
      clear();
      process.stdout.write(text);
    },
    tell: line => {
      clear();
      process.stderr.write(`${printable(line)}\n`);
    },
    progress: line => {
      if (!live) return;
      process.stderr.write(`\r\x1b[K${printable(line).slice(0, (process.stderr.columns || 80) - 1)}`);
      shown = true;
    },
    env: process.env,
    cwd: process.cwd(),
  };
}

export function describeProgress(progress: PrepareProgress): string {
  switch (progress.kind) {
    case 'listing':
      return 'Listing files…';
    case 'reading':
      return `Reading and counting ${number(progress.done)} of ${number(progress.total)} files…`;
    case 'packing':
      return 'Packing…';
  }
}
