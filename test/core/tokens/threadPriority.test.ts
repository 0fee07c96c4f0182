import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { resolve } from 'node:path';

import { createMeasurer } from '../../../src/core/pack/measurer.ts';
import { behindOthers } from '../../../src/core/tokens/threadPriority.ts';

const isLinux = process.platform === 'linux';

/** Threads of this process that run behind others; elsewhere than on Linux a priority is the whole process's. */
function behind(): number {
  if (!isLinux) return 0;
  return readdirSync('/proc/self/task').filter(thread => {
    const fields = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // The 19th of proc_pid_stat(5); the first two are cut off.
    return fields[16] === String(behindOthers);
  }).length;
}

describe('the priority of threads', function () {
  this.timeout(30_000);
  const script = resolve('dist/measureWorker.js');

  for (const { title, inBackground, more } of [
    {
      title: 'of workers beside a thread that somebody types into is low',
      inBackground: true,
      more: isLinux ? 1 : 0,
    },
    { title: 'is everybody’s in a process that nobody types into', inBackground: false, more: 0 },
  ]) {
    it(title, async () => {
      // Node's own threads for files take the priority of the thread that first needs them.
      await stat(script);
      const [before, own] = [behind(), getPriority()];
      const measurer = createMeasurer(script, undefined, undefined, { inBackground });
      try {
        await measurer.count('one request, one thread');
        assert.deepEqual([behind() - before, getPriority()], [more, own]);
      } finally {
        await measurer.dispose();
      }
    });
  }
});
