import type { PrepareProgress } from '../core/review/prepare.ts';
import type { Screen } from './mapTable.ts';
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
  /** What stdout is drawn on. */
  readonly screen: Screen;
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
    screen: screenOf(process.stdout, process.env),
  };
}

/** Colours as people have agreed: NO_COLOR says no, FORCE_COLOR yes, else where somebody looks on. */
export function screenOf(
  { isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number },
  env: NodeJS.ProcessEnv,
): Screen {
  const told = (name: string) => env[name] !== undefined && env[name] !== '';
  const forced = told('FORCE_COLOR') && env['FORCE_COLOR'] !== '0';
  const looksOn = isTTY === true && env['TERM'] !== 'dumb' && env['FORCE_COLOR'] !== '0';
  return {
    columns: isTTY === true ? columns || 80 : null,
    colour: !told('NO_COLOR') && (forced || looksOn),
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
