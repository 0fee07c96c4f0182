// npm run bench:answers: a 30,000-token answer with 500 anchors through the core's stream, recorder and sanitiser.
// Prints the longest time that the event loop was held; 50 ms is what typing in the editor bears.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

import type { AskEvent } from '../../src/core/review/ask.ts';
import { createAnchorStream, verifyAnchor } from '../../src/core/review/anchors.ts';
import { createHistory } from '../../src/core/review/history.ts';
import { recheckAnchor } from '../../src/core/review/historyAnchors.ts';
import { recordAsk } from '../../src/core/review/historyRecord.ts';
import { createSafeMarkdown } from '../../src/core/review/safeMarkdown.ts';
import { defaultPromptSettings } from '../../src/core/review/prepare.ts';

const files = 100;
const linesPerFile = 1000;
const anchors = 500;
const text = (file: number) =>
  Array.from(
    { length: linesPerFile },
    (_, i) => `  const value${file}x${i} = compute(${i}, 'file ${file}');`,
  ).join('\n');

function answer(): string {
  let all = '';
  for (let i = 0; i < anchors; i++) {
    const [file, line] = [i % files, (i * 37) % linesPerFile];
    all += `The value is computed in \`src/f${file}.ts:${line + 1}\` \`const value${file}x${line} = compute(${line}\`. `;
    all += 'It is used where the plan is made, and nothing else depends on it as far as the files show.\n';
    if (i % 10 === 0) all += `\n\`\`\`ts\n${text(file).slice(0, 400)}\n\`\`\`\n\n`;
  }
  return all;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'longview-bench-'));
  const markdown = answer();
  const texts = Array.from({ length: files }, (_, n) => text(n));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let longest = 0;
  /** CPU time says more than the clock on a machine that is busy with something else. */
  let busiest = 0;
  async function* events(): AsyncGenerator<AskEvent> {
    const stream = createAnchorStream(texts.map((_, n) => `src/f${n}.ts`));
    for (let at = 0; at <= markdown.length; at += 16) {
      const from = performance.now();
      const cpu = process.cpuUsage();
      const parts = at === markdown.length ? stream.end() : stream.push(markdown.slice(at, at + 16));
      const shown = parts.map((part): AskEvent => {
        if (part.kind === 'text') return part;
        const n = Number(/\d+/.exec(part.mention.path)?.[0]);
        return { kind: 'anchor', anchor: verifyAnchor(part.mention, { text: texts[n] }), text: part.text };
      });
      longest = Math.max(longest, performance.now() - from);
      const { user, system } = process.cpuUsage(cpu);
      busiest = Math.max(busiest, (user + system) / 1000);
      yield* shown;
      await setImmediate();
    }
  }
  const endpoint = {
    config: { id: 'bench', baseUrl: 'http://127.0.0.1:1', model: 'm' },
    kind: 'offline' as const,
    fetch: globalThis.fetch,
    apiKey: async () => undefined,
  };
  const asked = {
    endpoint,
    question: 'Bench?',
    settings: defaultPromptSettings,
    folders: [],
    surface: 'document',
  } as const;
  let writes = 0;
  let id = '';
  const history = createHistory(folder);
  const deps = {
    history,
    onFailure: console.error,
    onWrite: (written: string) => ((id = written), writes++),
    writeEveryMs: 100,
  };
  const safe = createSafeMarkdown();
  let shown = '';
  let cited = 0;
  delay.enable();
  const start = performance.now();
  for await (const event of recordAsk(events(), asked, deps)) {
    if (event.kind === 'text') shown += safe.push(event.text);
    if (event.kind === 'anchor') shown += safe.interrupt() + event.text;
    if (event.kind === 'anchor') cited++;
  }
  const total = performance.now() - start;
  delay.disable();
  console.log(
    `${markdown.length} characters (about ${Math.round(markdown.length / 4)} tokens), ${cited} anchors, ${shown.length} shown`,
  );
  console.log(`${Math.round(total)} ms in all, ${writes} writes of the history`);
  console.log(
    `longest push: ${longest.toFixed(1)} ms, of CPU ${busiest.toFixed(1)} ms; longest hold of the event loop: ${(delay.max / 1e6).toFixed(1)} ms`,
  );
  const read = await history.read(id);
  if (read.kind !== 'entry') throw new Error('The entry cannot be read.');
  const from = performance.now();
  let slowest = 0;
  let held = 0;
  for (const anchor of read.entry.anchors) {
    const one = performance.now();
    const n = Number(/\d+/.exec(anchor.path)?.[0]);
    if (recheckAnchor(anchor, `// new\n${texts[n] ?? ''}`).kind === 'moved') held++;
    slowest = Math.max(slowest, performance.now() - one);
  }
  console.log(
    `checking again: ${held} of ${anchors} found a line below in ${Math.round(performance.now() - from)} ms, slowest ${slowest.toFixed(1)} ms`,
  );
  await rm(folder, { recursive: true, force: true });
}

void main();
