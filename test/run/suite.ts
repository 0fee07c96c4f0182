import { endEverythingWithUs, runTool } from '../../tools/processes.ts';
import { describeTally, isGreen, writeTally, type Tally } from './tally.ts';

/** The main program of a suite: runs it, tells its tally, and ends with exit code 0 only when it is green. */
export function runSuite(name: string, work: () => Promise<Tally>): void {
  endEverythingWithUs();
  runTool(async () => {
    const tally = await work();
    writeTally(tally);
    console.log(`${name}: ${describeTally(tally)}`);
    // What a test left open must not keep the suite from ending.
    process.exit(isGreen(tally) ? 0 : 1);
  });
}
