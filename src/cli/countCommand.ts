import { statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';

import { comparePaths } from '../core/workspace/byPath.ts';
import { LongviewError } from '../core/errors.ts';
import { endpointTokens, errorBoundOf } from '../core/pack/countingMeasurer.ts';
import { atOnce } from '../core/pace.ts';
import type { CountedFile } from '../core/pack/measureProtocol.ts';
import type { Measurer } from '../core/pack/measurer.ts';
import { describeSkip, type ListedFile, type Skip } from '../core/workspace/types.ts';
import type { Options } from './args.ts';
import { countLines, sumOf } from './countTable.ts';
import { folderOf, openJob } from './job.ts';
import { number } from './report.ts';
import { printableName } from './printable.ts';
import { describeProgress, type Terminal } from './terminal.ts';

/** Larger files are skipped, and named. Nothing is sent here, so there is more room than in a prompt. */
const maxFileBytes = 100_000_000;

/** `longview count`: a `wc` for tokens. A file that was named and could not be counted fails the command. */
export async function countCommand(
  paths: readonly string[],
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const job = await openJob(terminal);
  try {
    const counting = await job.counting((await job.endpoint(options)) ?? null, options, signal);
    const measurer = job.measurer.withCounter(counting.source);
    terminal.progress(describeProgress({ kind: 'listing' }));
    const found = await findFiles(paths, measurer, terminal, signal);
    const total = found.files.length;
    const counted = await measurer.countFiles(found.files, {
      maxFileBytes,
      signal,
      onProgress: done => terminal.progress(describeProgress({ kind: 'reading', done, total })),
    });
    const files = counted.files
      .map(file => ({ ...file, tokens: endpointTokens(file, counting) }))
      .sort(comparePaths);
    const skips = [...found.skips, ...counted.skips].sort(comparePaths);
    const errorBound = atOnce(errorBoundOf(counting, counted.files));
    const counter = { id: measurer.counterId, exact: counting.exact, errorBound };
    if (options.json) {
      terminal.out(`${JSON.stringify(countReport(files, skips, counter), null, 2)}\n`);
    } else {
      terminal.out(`${countLines(files, found.named, counter).join('\n')}\n`);
      if (!counting.exact) terminal.tell(counting.note);
      if (skips.length > 0)
        terminal.tell(`${number(skips.length)} files were not counted (--json lists them).`);
    }
    failOnNamed(skips, found.named);
  } finally {
    await job.close();
  }
}

interface Found {
  readonly files: readonly ListedFile[];
  readonly skips: readonly Skip[];
  /** Paths of files that were named themselves: they are shown whatever their size. */
  readonly named: ReadonlySet<string>;
}

/** Folders are listed as an inventory lists them; a file that is named counts even where it is ignored. Each once. */
async function findFiles(
  paths: readonly string[],
  measurer: Measurer,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Found> {
  const files = new Map<string, ListedFile>();
  const skips = new Map<string, Skip>();
  const named = new Set<string>();
  for (const path of paths) {
    const absolutePath = resolve(terminal.cwd, path);
    const shown = shownPath(absolutePath, terminal.cwd);
    if (!isFolder(path, absolutePath)) {
      named.add(shown);
      files.set(absolutePath, { path: shown, absolutePath });
      continue;
    }
    const listing = await measurer.list([folderOf(path, terminal)], { trusted: true, signal });
    const prefix = shown === '' ? '' : `${shown.replace(/\/$/, '')}/`;
    for (const file of listing.files) {
      if (!files.has(file.absolutePath)) files.set(file.absolutePath, { ...file, path: prefix + file.path });
    }
    for (const skip of listing.skips) {
      skips.set(prefix + skip.path, { ...skip, path: prefix + skip.path });
    }
  }
  return { files: [...files.values()], skips: [...skips.values()], named };
}

function isFolder(path: string, absolutePath: string): boolean {
  try {
    return statSync(absolutePath).isDirectory();
  } catch (error) {
    throw new LongviewError(
      'io',
      `${path} could not be found.`,
      'Name a file or a folder that is there.',
      error,
    );
  }
}

/** Below the working folder as seen from there, elsewhere the whole path; with slashes, as all paths we show. */
function shownPath(absolutePath: string, cwd: string): string {
  const below = relative(cwd, absolutePath);
  const outside = below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
  return (outside ? absolutePath : below).split(sep).join('/');
}

function countReport(
  files: readonly CountedFile[],
  skips: readonly Skip[],
  counter: { readonly id: string; readonly exact: boolean; readonly errorBound: number },
) {
  return {
    schema: 'longview.count/1',
    files: files.map(({ path, language, bytes, tokens }) => ({ path, language, bytes, tokens })),
    skips: skips.map(s => ({ path: s.path, reason: describeSkip(s.reason) })),
    totals: sumOf(files),
    counter,
  };
}

function failOnNamed(skips: readonly Skip[], named: ReadonlySet<string>): void {
  const first = skips.find(skip => named.has(skip.path));
  if (first === undefined) return;
  throw new LongviewError(
    'io',
    `${printableName(first.path)} was not counted: ${describeSkip(first.reason)}.`,
    'Name a text file.',
  );
}
