import { setPriority } from 'node:os';

/**
 * Of -20 to 19, 0 being everybody's: a tenth of a processor that others want, all of one that nobody does. Measured over
 * apache/kafka on two processors: packing takes as long as at 0, and what another thread of the process does meanwhile
 * takes two thirds of the time; 15 and 19 give it no more.
 */
export const behindOthers = 10;

/**
 * The calling thread, and the processes it starts, run where nobody else wants the processor. Elsewhere than on Linux
 * the system's call is for the whole process, and stays undone.
 */
export function giveOthersTheProcessor(): void {
  if (process.platform !== 'linux') return;
  try {
    // 0 is the calling thread here: setpriority(2), "C library/kernel differences".
    setPriority(0, behindOthers);
  } catch {
    // A container may forbid the call; the work is the same without it.
  }
}
