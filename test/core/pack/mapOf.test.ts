import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { ContextLimit, LimitEvidence } from '../../../src/core/endpoint/types.ts';
import { computeBudget } from '../../../src/core/pack/budget.ts';
import { atOnce } from '../../../src/core/pace.ts';
import { mapOf, whatIfOf } from '../../../src/core/pack/mapOf.ts';
import { planPack } from '../../../src/core/pack/plan.ts';
import type { Wish } from '../../../src/core/pack/steering.ts';
import type { SourceFile } from '../../../src/core/workspace/types.ts';

const file = (path: string, tokens: number): SourceFile => ({
  path,
  absolutePath: `/w/${path}`,
  bytes: tokens * 4,
  lines: 1,
  language: 'typescript',
  hash: path,
  tokens,
});
const evidence = (source: LimitEvidence['source'], tokens: number, at = '2026-01-01'): LimitEvidence => ({
  source,
  tokens,
  at,
  detail: '',
});
const known = (tokens: number, ...more: LimitEvidence[]): ContextLimit => ({
  kind: 'known',
  tokens,
  source: 'served',
  evidence: [evidence('served', tokens), ...more],
});
const budgetOf = (limit: number | null) =>
  computeBudget({
    limit,
    answer: 1000,
    instructions: 300,
    question: 0,
    reserveShare: 0.05,
    errorBound: 0.02,
  });
const sum = (of: readonly { readonly tokens: number }[]) =>
  of.reduce((total, { tokens }) => total + tokens, 0);

const inventory = (files: SourceFile[]) => ({
  files,
  leftOut: [{ path: 'z/own.txt', absolutePath: '/w/z/own.txt', leftOutBy: { kind: 'own-output' } as const }],
});

describe('the budget map of a plan', () => {
  const files = [file('a.ts', 500), file('b/c.ts', 700), file('b/d.ts', 90_000)];
  const steering = new Map<string, Wish>([['a.ts', 'exclude']]);
  const budget = budgetOf(10_000);
  const plan = planPack(inventory(files), budget.room, { steering });

  it('adds up to the limit, whatever the plan, the conversation and the frames', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 40 });
    const numbers = fc.record({
      sizes,
      limit: fc.integer({ min: 4000, max: 200_000 }),
      conversation: fc.integer({ min: 0, max: 300_000 }),
      frames: fc.integer({ min: 0, max: 5000 }),
    });
    fc.assert(
      fc.property(numbers, ({ sizes, limit, conversation, frames }) => {
        const given = inventory(sizes.map((size, i) => file(`f${i}.ts`, size)));
        const budget = budgetOf(limit);
        const plan = planPack(given, budget.room);
        const map = mapOf(
          { inventory: given, plan, budget, limit: known(limit) },
          { title: 'w', conversation, frames },
        );
        assert.equal(sum(map.files) + sum(map.parts), limit);
        assert.ok(map.parts.every(part => part.tokens > 0));
        assert.equal(map.files.length, given.files.length + given.leftOut.length);
      }),
    );
  });

  it('tells a file that is taken out from one that found no room', () => {
    const map = mapOf({ inventory: inventory(files), plan, budget, limit: known(10_000) }, { title: 'w' });
    assert.deepEqual(
      map.files.map(f => [f.path, f.form, f.full, f.tokens]),
      [
        ['a.ts', 'excluded', 500, 0],
        ['b/c.ts', 'full', 700, 700],
        ['b/d.ts', 'left-out', 90_000, 0],
        ['z/own.txt', 'excluded', 0, 0],
      ],
    );
    assert.equal(map.files[0]?.reason, 'left out by you');
    assert.match(map.files[2]?.reason ?? '', /no room/);
    assert.equal(map.files[1]?.language, 'typescript');
  });

  it('marks the real limit, and the latest that is advertised', () => {
    const limit = known(
      10_000,
      evidence('advertised', 5, '2025-01-01'),
      evidence('advertised', 10_485_760, '2026-02-01'),
    );
    const { marks } = mapOf({ inventory: inventory(files), plan, budget, limit }, { title: 'w' });
    assert.deepEqual(
      marks.map(m => [m.kind, m.tokens]),
      [
        ['real', 10_000],
        ['advertised', 10_485_760],
      ],
    );
  });

  it('marks the effective limit where it was measured, and only there', () => {
    const input = { inventory: inventory(files), plan, budget, limit: known(10_000) };
    const effective = (extras: { effective?: number }) =>
      mapOf(input, { title: 'w', ...extras }).marks.filter(m => m.kind === 'effective');
    assert.deepEqual(effective({}), []);
    assert.deepEqual(
      effective({ effective: 6000 }).map(m => m.tokens),
      [6000],
    );
  });

  it('has no limit, and no parts of one, where it is unknown or there is none', () => {
    const limit: ContextLimit = { kind: 'unknown', evidence: [evidence('advertised', 10)] };
    for (const budget of [null, budgetOf(null)]) {
      const map = mapOf({ inventory: inventory(files), plan, budget, limit }, { title: 'w' });
      assert.equal(map.limit, null);
      assert.deepEqual(map.parts, []);
      assert.deepEqual(
        map.marks.map(m => m.kind),
        ['advertised'],
      );
    }
  });

  it('puts another window’s plan in the order of the map, also one where nothing fits', () => {
    const larger = budgetOf(200_000);
    const other = planPack(inventory(files), larger.room, { steering });
    const { parts, ...rest } = atOnce(whatIfOf(plan, 200_000, { plan: other, budget: larger }));
    assert.deepEqual(rest, {
      limit: 200_000,
      forms: ['excluded', 'full', 'full', 'excluded'],
      tokens: [0, 700, 90_000, 0],
    });
    assert.equal(sum(parts) + 90_700, 200_000);
    assert.deepEqual(atOnce(whatIfOf(plan, 100, null)), {
      limit: 100,
      forms: ['excluded', 'left-out', 'left-out', 'excluded'],
      tokens: [0, 0, 0, 0],
      parts: [],
    });
  });
});
