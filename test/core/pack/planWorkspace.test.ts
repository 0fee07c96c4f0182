import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';

import { atOnce } from '../../../src/core/pace.ts';
import { countingMeasurer, inEndpointTokens } from '../../../src/core/pack/countingMeasurer.ts';
import { createMeasurer, type Measurer } from '../../../src/core/pack/measurer.ts';
import { packWorkspace } from '../../../src/core/pack/packWorkspace.ts';
import { planWorkspace, type PlanOptions } from '../../../src/core/pack/planWorkspace.ts';
import type { Wish } from '../../../src/core/pack/steering.ts';
import { unpack } from '../../../src/core/pack/unpack.ts';
import { countingOf } from '../../../src/core/review/counting.ts';
import { chooseCounter } from '../../../src/core/tokens/counters.ts';
import { comparePaths } from '../../../src/core/workspace/byPath.ts';
import { takeInventory } from '../../../src/core/workspace/inventory.ts';
import type { Inventory } from '../../../src/core/workspace/types.ts';
import { counters } from '../tokens/oracles.ts';

const plain = countingOf(chooseCounter('gpt-4o'), null);

/** Source whose outline is a fraction of it. */
const moduleText = (n: number, imports: number[]) =>
  [
    ...imports.map(i => `import { f${i} } from './m${i}.ts';`),
    `/** The ${n}th module. */`,
    `export class M${n} {`,
    ...Array.from({ length: 5 }, (_, m) =>
      [
        `  method${m}(value: number): number {`,
        ...Array.from({ length: 12 }, (_, k) => `    const x${k} = value * ${k * n};`),
        '    return value;',
        '  }',
      ].join('\n'),
    ),
    '}',
    `export function f${n}() {}`,
    '',
  ].join('\n');

describe('planWorkspace', function () {
  this.timeout(60_000);
  let folder: string;
  let measurer: Measurer;
  let inventory: Inventory;

  /** As if it had just been taken, of a folder that nobody knows: nothing is known of its plans. */
  const anew = (of = inventory): Inventory => ({
    ...of,
    files: [...of.files],
    folders: of.folders.map(one => ({ ...one, path: `${one.path}-${++taken}` })),
  });
  let taken = 0;
  const options = (room: number | null, more: Partial<PlanOptions> = {}): PlanOptions => ({
    room,
    maxFileBytes: 1_000_000,
    ...more,
  });
  const forms = async (room: number, more: Partial<PlanOptions> = {}) => {
    const plan = await planWorkspace(anew(), options(room, more), measurer);
    return new Map(plan.files.map(f => [f.path, f.form]));
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-plan-'));
    const write = async (path: string, text: string) => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    };
    await write('README.md', '# Garden\n');
    // Everybody imports m0.
    for (let n = 0; n < 40; n++) await write(`src/m${n}.ts`, moduleText(n, n === 0 ? [] : [0]));
    await write('notes.txt', 'note '.repeat(500));
    await write('package-lock.json', '{}\n'.repeat(300));
    measurer = createMeasurer(resolve('dist/measureWorker.js'));
    ({ inventory } = await takeInventory(
      [{ name: 'garden', path: folder }],
      { maxFileBytes: 1_000_000, trusted: false },
      measurer,
    ));
  });
  after(async () => {
    await measurer.dispose();
    await rm(folder, { recursive: true });
  });

  it('law: for every room the prompt counts as planned, never more than the room, and fills it', async () => {
    const { wantedTokens } = await planWorkspace(inventory, options(null), measurer);
    const made = await measurer.outlines(inventory.files, { maxFileBytes: 1_000_000 });
    const outlines = new Map(inventory.files.map((f, i) => [f.path, made[i] || undefined]));
    const full = new Map(inventory.files.map(f => [f.path, f.tokens]));
    for (const room of [200, 700, 1_500, 4_000, 9_000, 12_345, 20_000, wantedTokens, wantedTokens + 200]) {
      const { plan, pack } = await packWorkspace(inventory, options(room), measurer);
      const prompt = Buffer.concat([...pack.pieces]).toString();
      const counted = counters.o200k.countText(prompt);
      assert.equal(counted, pack.tokens, `room ${room}`);
      assert.ok(counted <= room, `${counted} of ${room}`);
      assert.equal(createHash('sha256').update(prompt).digest('hex'), pack.sha256);
      // Filled until no next step fits: the rest of a file, or its outline instead of its path.
      for (const { path, form, tokens } of plan.fits ? [] : plan.files) {
        const steps = [full.get(path), form === 'outline' ? undefined : outlines.get(path)];
        for (const step of steps)
          if (form !== 'full' && step !== undefined)
            assert.ok(
              step - tokens > room - counted - 8,
              `${path}: ${step} - ${tokens}, ${room - counted} left`,
            );
      }
      assert.deepEqual(
        unpack(prompt).map(f => f.path),
        plan.files.filter(f => f.form === 'full').map(f => f.path),
      );
    }
  });

  it('outlines where files do not fit, keeps what everybody imports, and drops lock files first', async () => {
    const planned = await forms(9_000);
    const outlined = [...planned.values()].filter(form => form === 'outline').length;
    assert.ok(outlined >= 5, `${outlined} outlines`);
    assert.equal(planned.get('README.md'), 'full');
    assert.equal(planned.get('src/m0.ts'), 'full');
    assert.notEqual(planned.get('package-lock.json'), 'full');
  });

  it('states to the model what is outlined, listed and left out', async () => {
    const { pack } = await packWorkspace(inventory, options(9_000), measurer);
    const prompt = Buffer.concat([...pack.pieces]).toString();
    assert.match(prompt, /^@@@@ outline src\/m\d+\.ts \(\d+ lines, \d+ shown\)\n1\|import/m);
    assert.match(prompt, /^\d+\|export class M\d+ \{$/m);
    assert.match(prompt, /\d+ files are above in full; \d+ as outlines: signatures without bodies/);
    assert.ok([...pack.manifest].some(entry => entry.form === 'outline' && entry.lines > 60));
  });

  it('gives the same bytes again, by another process’s measurer, and from remembered counts', async () => {
    const first = await packWorkspace(inventory, options(9_000), measurer);
    const again = await packWorkspace(anew(), options(9_000), measurer);
    const other = createMeasurer(resolve('dist/measureWorker.js'));
    const elsewhere = await packWorkspace(anew(), options(9_000), other);
    await other.dispose();
    assert.deepEqual([again.pack.sha256, elsewhere.pack.sha256], [first.pack.sha256, first.pack.sha256]);
  });

  it('plans once what has not changed', async () => {
    const plan = await planWorkspace(inventory, options(9_000), measurer);
    assert.equal(await planWorkspace(inventory, options(9_000), measurer), plan);
    assert.notEqual(await planWorkspace(inventory, options(9_001), measurer), plan);
  });

  it('follows wishes', async () => {
    const steering = new Map<string, Wish>([
      ['package-lock.json', 'pin'],
      ['src/m0.ts', 'outline'],
      ['README.md', 'exclude'],
    ]);
    const planned = await forms(9_000, { steering });
    assert.deepEqual(
      ['package-lock.json', 'src/m0.ts', 'README.md'].map(path => planned.get(path)),
      ['full', 'outline', 'left-out'],
    );
    const all = await planWorkspace(anew(), options(null, { steering }), measurer);
    assert.equal(all.files.find(f => f.path === 'src/m0.ts')?.form, 'outline');
  });

  it('redacts secrets in outlines, and counts what it sends', async () => {
    const path = join(folder, 'keys.ts');
    // In parts, so that no scanner takes this test for a leak.
    const secret = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');
    await writeFile(path, `export const token = '${secret}';\n${moduleText(99, [])}`);
    const taken = await takeInventory(
      [{ name: 'garden', path: folder }],
      { maxFileBytes: 1_000_000, trusted: false },
      measurer,
    );
    assert.equal(taken.inventory.files.find(f => f.path === 'keys.ts')?.secrets?.length, 1);
    const steering = new Map<string, Wish>([['keys.ts', 'outline']]);
    const { plan, pack } = await packWorkspace(taken.inventory, options(20_000, { steering }), measurer);
    await rm(path);
    assert.equal(plan.files.find(f => f.path === 'keys.ts')?.form, 'outline');
    const prompt = Buffer.concat([...pack.pieces]).toString();
    assert.match(prompt.slice(0, 400), /@@@@ outline keys\.ts .*\n1\|export const token = '\[redacted: /);
    assert.ok(!prompt.includes(secret));
    assert.equal(counters.o200k.countText(prompt), pack.tokens);
  });

  it('prefers what is open', async () => {
    const before = await forms(3_000);
    const path =
      [...before].find(([p, form]) => p.startsWith('src/') && form !== 'full')?.[0] ?? assert.fail();
    assert.equal((await forms(3_000, { open: new Set([path]) })).get(path), 'full');
  });

  it('plans the same for a wish, whatever was planned before; roughly, it stays in the room and parses nothing', async () => {
    const one = anew();
    const room = 4_000;
    await planWorkspace(one, options(room), measurer);
    let parsed = 0;
    const counting: Measurer = {
      ...measurer,
      outlines(files, given) {
        parsed += files.length;
        return measurer.outlines(files, given);
      },
    };
    for (const [path, wish] of [
      ['src/m3.ts', 'exclude'],
      ['src/m4.ts', 'pin'],
      ['src', 'exclude'],
    ] as const) {
      const steering = new Map<string, Wish>([[path, wish]]);
      const rough = await planWorkspace(one, options(room, { steering, roughly: true }), counting);
      assert.equal(parsed, 0);
      assert.ok(rough.tokens <= room);
      const own = rough.files.find(f => f.path === (path === 'src' ? 'src/m3.ts' : path));
      assert.equal(own?.form, wish === 'pin' ? 'full' : 'left-out');
      const plan = await planWorkspace(one, options(room, { steering }), measurer);
      assert.deepEqual(plan, await planWorkspace(anew(), options(room, { steering }), measurer));
    }
  });

  it('law: plans the same after any edits as if nothing had been planned before, with what did not change', async () => {
    const measured = inventory.files;
    const edit = fc.record({ at: fc.nat(measured.length - 1), to: fc.constantFrom('more', 'gone', 'back') });
    const room = fc.constantFrom(2_000, 4_000, 9_000, null);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(edit, room), { minLength: 1, maxLength: 6 }), async steps => {
        const live = anew();
        let { files } = live;
        let last = await planWorkspace(live, options(4_000), measurer);
        for (const [{ at, to }, most] of steps) {
          const file = measured[at] ?? assert.fail();
          const before = files;
          files = before.filter(f => f.path !== file.path);
          if (to === 'back') files = [...files, file];
          if (to === 'more') files = [...files, { ...file, tokens: file.tokens + 100 + at }];
          files = [...files].sort(comparePaths);
          const now = { ...live, files };
          const plan = await planWorkspace(now, options(most), measurer);
          assert.deepEqual(plan, await planWorkspace(anew(now), options(most), measurer));
          const lastOf = new Map(last.files.map(f => [f.path, f]));
          const kept = new Set(before.filter(f => files.includes(f)).map(f => f.path));
          for (const one of plan.fits === last.fits ? plan.files : []) {
            const then = lastOf.get(one.path);
            if (then === undefined || !kept.has(one.path) || !isDeepStrictEqual(then, one)) continue;
            assert.equal(one, then, `another object for ${one.path}`);
          }
          last = plan;
        }
      }),
      { numRuns: 15 },
    );
  });

  it('plans in an endpoint’s tokens, whatever the same files were planned in before', async () => {
    const live = anew();
    const steps = [1, 1.5, 2, 0.6, 1.5].flatMap(factor =>
      [2_000, 4_000, null].map(room => ({ factor, room })),
    );
    const planned = async (of: Inventory, { factor, room }: (typeof steps)[number]) => {
      const counting = { ...plain, factor };
      const files = atOnce(inEndpointTokens(of.files, counting));
      return packWorkspace({ ...of, files }, options(room), countingMeasurer(measurer, counting));
    };
    // One after the other, so that each could take what the one before left.
    const results: Awaited<ReturnType<typeof planned>>[] = [];
    for (const step of steps) results.push(await planned(live, step));
    for (const [i, step] of steps.entries()) {
      const { plan, pack } = results[i] ?? assert.fail();
      assert.ok(step.room === null || pack.tokens <= step.room);
      assert.deepEqual(plan, (await planned(anew(), step)).plan, JSON.stringify(step));
    }
  });

  it('refuses a room smaller than its own frames, and ends when cancelled', async () => {
    await assert.rejects(planWorkspace(anew(), options(64), measurer), { code: 'too-little-room' });
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await assert.rejects(planWorkspace(anew(), options(9_000, { signal }), measurer), reason);
  });
});
