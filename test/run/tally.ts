import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** How a suite went. `failed` counts failing tests and hooks. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Each failure in a few words, for the end of a log of which only the end may be shown. */
  readonly failures?: readonly string[];
  /** Titles of tests that failed once and then passed. */
  readonly repeated?: readonly string[];
}

/** A suite runs in a process of its own and leaves its tally in the file this variable names. */
export const tallyVariable = 'LONGVIEW_TALLY';

/** Where a test host finds the `--grep` of the command line, which does not reach it otherwise. */
export const grepVariable = 'LONGVIEW_GREP';
/** Where the VS Code under test keeps everything it writes, for tests that search it. */
export const userDataVariable = 'LONGVIEW_USER_DATA';

/** The folder that `npm run bench:host` packs in a test host. */
export const benchVariable = 'LONGVIEW_BENCH_FOLDER';

/** Begins every line that mocha prints in a test host, where VS Code prints a great deal beside it. */
export const outputMark = 'longview-test|';

export function writeTally(tally: Tally): void {
  const path = process.env[tallyVariable];
  if (path !== undefined) writeFileSync(path, JSON.stringify(tally));
}

/** The tally a suite left; undefined when it ended before it could. Takes the file away, so that it is never read twice. */
export function takeTally(path: string): Tally | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Tally;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    rmSync(path, { force: true });
  }
}

export function describeTally({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

/** A suite that ran nothing proves nothing, so it has failed. */
export function isGreen({ passed, failed }: Tally): boolean {
  return failed === 0 && passed > 0;
}
