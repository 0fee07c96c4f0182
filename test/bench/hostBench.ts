// Runs inside the extension host: see host.ts.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';

import type { HistoryEntry } from '../../src/core/review/history.ts';
import { childrenOf, tickOf, type FolderNode } from '../../src/core/pack/filesTree.ts';
import { tick } from '../../src/core/pack/steering.ts';
import { createPackSession } from '../../src/core/review/packSession.ts';
import { workspaceRequest } from '../../src/vscode/workspace.ts';
import { gaugeState, services, setting } from '../host/window.ts';
import type { GaugeState } from '../../src/vscode/gauge.ts';
import { threadCpu, watchBusy, type Busy } from './busy.ts';
import { longAnswerVariable } from './longAnswer.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;
const isReady = (state: GaugeState): state is Ready => state.kind === 'ready';

/** With `LONGVIEW_BENCH_PROFILES=FOLDER`: what ran in the host meanwhile, for DevTools. The sampling costs some of the time. */
async function profile(name: string): Promise<(worst: Busy['worst']) => Promise<void>> {
  const folder = process.env['LONGVIEW_BENCH_PROFILES'];
  if (folder === undefined) return () => Promise.resolve();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  return async worst => {
    const { profile } = await session.post('Profiler.stop');
    for (const stretch of worst) console.log(`longview-test|${inStretch(profile, stretch)}`);
    session.disconnect();
    writeFileSync(
      join(folder, `${name.replaceAll(/\W+/g, '-')}-${Date.now()}.cpuprofile`),
      JSON.stringify(profile),
    );
  };
}

/** What ran in a stretch: by itself, and which of our functions it was for. */
function inStretch(
  { nodes, samples = [], timeDeltas = [], startTime }: Profiler.Profile,
  [from, to]: readonly [number, number],
): string {
  const byId = new Map(nodes.map(node => [node.id, node]));
  const parents = new Map(
    nodes.flatMap(node => (node.children ?? []).map(child => [child, node.id] as const)),
  );
  const own = new Map<string, number>();
  const ours = new Map<string, number>();
  const add = (map: Map<string, number>, key: string, us: number) => map.set(key, (map.get(key) ?? 0) + us);
  let at = startTime;
  samples.forEach((id, i) => {
    at += timeDeltas[i] ?? 0;
    if (at < from || at > to) return;
    const us = timeDeltas[i] ?? 0;
    add(own, byId.get(id)?.callFrame.functionName ?? '', us);
    const names = new Set<string>();
    for (let above: number | undefined = id; above !== undefined; above = parents.get(above)) {
      const { functionName = '', url = '', lineNumber = 0 } = byId.get(above)?.callFrame ?? {};
      const [, extension] = /extensions\/([\w.-]+)\//.exec(url) ?? [];
      if (url.includes('/dist/extension.js')) names.add(`${functionName}:${lineNumber}`);
      else if (extension !== undefined) names.add(extension);
    }
    for (const name of names) add(ours, name, us);
  });
  const shown = (map: Map<string, number>) =>
    [...map]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 8)
      .map(([name, us]) => `${name} ${(us / 1000).toFixed(0)}`)
      .join(', ');
  return `${((to - from) / 1000).toFixed(0)} ms: ${shown(own)} | ${shown(ours)}`;
}

async function measured<T>(name: string, work: () => Promise<T>): Promise<T> {
  // The delay of what ran before must not count.
  await new Promise(resolve => setTimeout(resolve, 200));
  const profiled = await profile(name);
  const end = watchBusy();
  const start = performance.now();
  const before = threadCpu();
  const result = await work();
  const took = performance.now() - start;
  const used = threadCpu() - before;
  await new Promise(resolve => setTimeout(resolve, 50));
  const { longest, longestCpu, p99, above50, collector, worst } = end();
  await profiled(worst);
  const pauses = [...collector].map(([kind, ms]) => `${kind} ${ms.toFixed(0)} ms`).join(', ');
  const cpu = longestCpu === undefined ? '' : `, of CPU ${longestCpu.toFixed(0)} ms`;
  console.log(
    `longview-test|${name}: ${took.toFixed(0)} ms, ${used.toFixed(0)} ms of this thread’s CPU; not free for ${longest.toFixed(0)} ms at most${cpu}, 99 % below ${p99.toFixed(0)} ms, ${above50} above 50 ms; collector at most: ${pauses === '' ? 'none' : pauses}`,
  );
  return result;
}

/**
 * What the collector and the machine take of the thread where nobody does anything with it: so many bytes are filled and
 * held, a MiB at a time with a turn for others after each, and as much is made that dies at once.
 */
async function memoryAlone(bytes: number): Promise<void> {
  const held: Uint8Array[] = [];
  const piece = 1 << 20;
  for (let done = 0; done < bytes; done += piece) {
    held.push(new Uint8Array(piece).fill(1));
    // Some 50 bytes each.
    for (let i = 0; i < piece / 50; i++) dying = { i, at: done };
    await new Promise(resolve => setImmediate(resolve));
  }
  if (dying === undefined || held.length * piece < bytes) throw new Error('Nothing was held.');
}
/** Reachable, so that no compiler leaves it out. */
let dying: { readonly i: number; readonly at: number } | undefined;

/** Resolves when the history knows how the question ended. */
async function ended(question: string): Promise<HistoryEntry> {
  const { history } = await services();
  return new Promise((resolve, reject) => {
    const look = async () => {
      const { entries } = await history.store.list();
      const head = entries.find(({ title, state }) => title === question && state !== 'running');
      const read = head && (await history.store.read(head.id));
      if (read?.kind !== 'entry') return;
      listener.dispose();
      resolve(read.entry);
    };
    const listener = history.onDidChange(() => void look().catch(reject));
  });
}

describe('the extension host, while', function () {
  this.timeout(280_000);

  it('an inventory is taken, a pack made, a follow-up prepared and an edit followed', async () => {
    await setting('longview.offlineReader.contextLimit', 100_000_000);
    const { gauge, endpoints, measurer, live, steering, prepare } = await services();
    await gaugeState(isReady);
    await measured('gauge, from the ground up', async () => {
      gauge.refresh();
      const before = gauge.state;
      await gaugeState((state): state is Ready => isReady(state) && state !== before);
    });
    await checkboxes('everything fits');
    const packs = createPackSession();
    const request = {
      ...workspaceRequest(steering),
      endpoint: endpoints.selected(),
      question: 'What is here?',
      takeInventory: live.takeThoroughly,
    };
    const first = await measured('pack', () => prepare(request, measurer, packs));
    console.log(
      `longview-test|${first.pack.manifest.length} files, ${first.pack.tokens} tokens, ${first.pack.bytes} bytes`,
    );
    await measured('beside it: as much memory, and nothing else', () => memoryAlone(first.pack.bytes));
    await measured('follow-up over the same pack', () => prepare(request, measurer, packs));
    const file = first.inventory.files[0]?.absolutePath ?? '';
    const content = readFileSync(file);
    try {
      await measured('an edit, from the file system to the gauge', async () => {
        const before = gauge.state;
        appendFileSync(file, '\nedited');
        await gaugeState((state): state is Ready => isReady(state) && state !== before);
      });
      await measured('follow-up with an overlay', () => prepare(request, measurer, packs));
    } finally {
      writeFileSync(file, content);
    }
    const wanted = first.plan.wantedTokens;
    await setting('longview.offlineReader.contextLimit', Math.ceil(wanted / 3));
    await gaugeState(
      (state): state is Ready => isReady(state) && state.survey.budget?.limit === Math.ceil(wanted / 3),
    );
    // The first plan with outlines is followed by a better one.
    await settled();
    await checkboxes('a third fits');
    await setting('longview.offlineReader.contextLimit', undefined);
  });

  for (const [surface, where] of [
    ['document', 'a document'],
    ['chat', 'Chat'],
  ] as const) {
    it(`a 30,000-token answer with 500 anchors streams into ${where}`, async () => {
      const [baseUrl, model] = (process.env[longAnswerVariable] ?? '').split(' ');
      await setting('longview.endpoints', [{ id: 'bench', name: 'Bench', baseUrl, model }]);
      await setting('longview.endpoint', 'bench');
      await setting('longview.answers', surface);
      await setting('longview.answerTokens', 50_000);
      (await services()).confirm = question => Promise.resolve(question.choices[0]);
      const question = `What is decided where, in ${where}?`;
      // Once before, so that the pack is there: its making is measured above.
      const first = ended(question);
      await vscode.commands.executeCommand('longview.ask', question);
      await first;
      const again = `And ${question}`;
      const entry = await measured(`an answer in ${where}`, async () => {
        const end = ended(again);
        await vscode.commands.executeCommand('longview.ask', again);
        return end;
      });
      const { answer, anchors, state } = entry;
      const verified = anchors.filter(anchor => anchor.state === 'verified').length;
      console.log(
        `longview-test|${state}: ${answer.length} characters, ${anchors.length} anchors, ${verified} verified`,
      );
    });
  }

  /** From the click to new totals in the gauge and the rows of the Files view; the first one warms up. */
  async function checkboxes(name: string): Promise<void> {
    const { gauge, steering, files } = await services();
    const tree = await files.current();
    // Folders in folders: each click takes out another part, and never all of it.
    const foldersIn = (node: FolderNode) => childrenOf(node).filter(child => child.kind === 'folder');
    const folders = (tree === undefined ? [] : foldersIn(tree.root).flatMap(foldersIn))
      .filter(folder => tickOf(folder) === 'on')
      .slice(0, 9);
    for (const { path } of folders) {
      const before = gauge.state;
      await measured(`a checkbox, ${name}`, async () => {
        await steering.change(now => tick(now, [path], false));
        await gaugeState((state): state is Ready => isReady(state) && state !== before);
        const now = await files.current();
        const node = now?.nodes.get(path);
        if (node === undefined || tickOf(node) !== 'off')
          throw new Error('The view does not show the change.');
        childrenOf(node.kind === 'folder' ? node : node.parent);
      });
      await settled();
    }
    await steering.say([''], undefined);
    await settled();
  }

  /** Until nothing follows any more. */
  async function settled(): Promise<void> {
    const { gauge } = await services();
    for (let before: GaugeState | undefined; before !== gauge.state;) {
      before = gauge.state;
      await new Promise(resolve => setTimeout(resolve, 2500));
    }
  }
});
