import assert from 'node:assert/strict';

import { atOnce, type Pausing } from '../../../src/core/pace.ts';
import { errorBoundOf, inEndpointTokens } from '../../../src/core/pack/countingMeasurer.ts';
import { filesTree } from '../../../src/core/pack/filesTree.ts';
import { mapping, whatIfOf } from '../../../src/core/pack/mapOf.ts';
import { packing } from '../../../src/core/pack/manifest.ts';
import { changesSince, toldBy } from '../../../src/core/pack/overlay.ts';
import { planSlots } from '../../../src/core/pack/plan.ts';
import { contending, offering } from '../../../src/core/pack/slots.ts';
import { totalling } from '../../../src/core/pack/planTotals.ts';
import { ranking } from '../../../src/core/pack/rank.ts';
import type { Wish } from '../../../src/core/pack/steering.ts';
import type { Plan } from '../../../src/core/pack/types.ts';
import { countingOf } from '../../../src/core/review/counting.ts';
import { chooseCounter } from '../../../src/core/tokens/counters.ts';
import type { SourceFile } from '../../../src/core/workspace/types.ts';

const count = 10_000;
/** Looked at in one piece, at most: what 100,000 files take at once is seen as a stutter. */
const mostAtOnce = 2000;

const files: SourceFile[] = Array.from({ length: count }, (_, i) => ({
  path: `src/${String(i).padStart(5, '0')}.ts`,
  absolutePath: `/w/src/${i}.ts`,
  bytes: 400,
  lines: 10,
  language: 'typescript',
  hash: `${i}`,
  tokens: 100,
}));
const inventory = { files, leftOut: [], skips: [] };
const half = (count / 2) * 100;
const steering = new Map<string, Wish>([['src/00001.ts', 'exclude']]);

function planned(room: number | null, wishes = new Map<string, Wish>()): Plan {
  const contenders = atOnce(contending(inventory, { steering: wishes }));
  return atOnce(planSlots(inventory, atOnce(offering(contenders, {})), room));
}

const plan = planned(half);
const told = toldBy(plan, inventory);
const slots = () => atOnce(offering(atOnce(contending(inventory, { steering })), {}));
const estimate = countingOf(chooseCounter('meta-llama/llama-4-scout'), null);

const limit = { kind: 'unknown', evidence: [] } as const;
const survey = { inventory, plan, budget: null, limit };
const kept = { answer: 0, instructions: 0, question: 0, reserve: 0, margin: 0 };
const budget = { ...kept, limit: null, room: null };

const works: readonly (readonly [name: string, work: () => Pausing<unknown>])[] = [
  ['ranking', () => ranking(files)],
  ['contending', () => contending(inventory, { steering })],
  ['offering', () => offering(atOnce(contending(inventory, {})), {})],
  ['planning where all fits', () => planSlots(inventory, slots(), null)],
  ['planning where half fits', () => planSlots(inventory, slots(), half)],
  ['planning what a folder’s wish takes out', () => planWithout('src')],
  ['totals', () => totalling([...plan.files])],
  ['the Files view', () => filesTree({ inventory, plan, steering })],
  ['what a plan packs', () => packing(plan, inventory)],
  ['what changed since', () => changesSince(told, inventory)],
  ['an endpoint’s tokens', () => inEndpointTokens([...files], estimate)],
  ['the map', () => mapping(survey, { title: 'w' })],
  ['the map of another window', () => whatIfOf(plan, 10, { plan: planned(null), budget })],
  [
    'an estimate’s error',
    () =>
      errorBoundOf(
        estimate,
        files.map(f => ({ ...f, traits: {} })),
      ),
  ],
];

function planWithout(folder: string): Pausing<Plan> {
  const wishes = new Map<string, Wish>([[folder, 'exclude']]);
  const contenders = atOnce(contending(inventory, { steering: wishes }));
  return planSlots(inventory, atOnce(offering(contenders, {})), null);
}

describe('a large workspace', () => {
  for (const [name, make] of works) {
    it(`does not hold the thread: ${name}`, () => {
      const work = make();
      let pauses = 0;
      while (work.next().done !== true) pauses++;
      assert.ok(pauses >= count / mostAtOnce - 1, `${pauses} pauses`);
    });
  }

  it('does not hold the thread: a click in the Files view of as many folders', () => {
    const apart = files.map((file, i) => ({ ...file, path: `src/${String(i).padStart(5, '0')}/a.ts` }));
    const of = { files: apart, leftOut: [], skips: [] };
    const work = atOnce(filesTree({ inventory: of, plan, steering })).stand(plan, steering);
    let pauses = 0;
    while (work.next().done !== true) pauses++;
    // Making the sums, adding up, and adding up folders.
    assert.ok(pauses >= (3 * count) / mostAtOnce - 1, `${pauses} pauses`);
  });
});
