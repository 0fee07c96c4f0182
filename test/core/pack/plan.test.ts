import assert from 'node:assert/strict';

import fc from 'fast-check';

import { reasonOf } from '../../../src/core/pack/describeFile.ts';
import { describing, fitting, planPack, type PlanInput } from '../../../src/core/pack/plan.ts';
import { totalsOf } from '../../../src/core/pack/planTotals.ts';
import { contending, offering, outlinesWanted } from '../../../src/core/pack/slots.ts';
import { atOnce } from '../../../src/core/pace.ts';
import { rankFiles } from '../../../src/core/pack/rank.ts';
import type { Wish } from '../../../src/core/pack/steering.ts';
import type { SourceFile } from '../../../src/core/workspace/types.ts';

const file = (path: string, tokens = 10): SourceFile => ({
  path,
  absolutePath: `/w/${path}`,
  bytes: tokens * 4,
  lines: 1,
  language: 'plaintext',
  hash: path,
  tokens,
});

const of = (files: SourceFile[]) => ({ files, leftOut: [] });

/** Paths by what a token of them is worth, most first; equals in path order. */
const byWeight = (files: SourceFile[], context = {}) =>
  rankFiles(files, context)
    .sort((a, b) => b.weight - a.weight || (a.file.path < b.file.path ? -1 : 1))
    .map(r => r.file.path);

describe('rank', () => {
  it('wants manifests, then source, then documentation, tests, data, vendored, lock files', () => {
    const wanted = [
      'README.md',
      'src/package.json',
      'src/a.ts',
      'src/deep/b.ts',
      'docs/guide.md',
      'test/a.test.ts',
      'data/rows.csv',
      'vendor/x.go',
      'package-lock.json',
    ];
    assert.deepEqual(byWeight([...wanted].sort().map(p => file(p))), wanted);
  });

  const demoted: [string, Partial<SourceFile>, string][] = [
    ['src/app.bundle.js', {}, 'vendored, generated or minified'],
    ['src/all.js', { bytes: 90_000, lines: 2 }, 'very long lines: minified or data'],
    ['src/world.json', { bytes: 90_000, lines: 9_000, language: 'json' }, 'data'],
    ['src/api.pb.go', {}, 'vendored, generated or minified'],
    ['src/__snapshots__/a.snap', {}, 'vendored, generated or minified'],
  ];
  for (const [path, shape, name] of demoted)
    it(`demotes ${path}: ${name}`, () => {
      const [ranked] = rankFiles([{ ...file(path), ...shape }]);
      assert.equal(ranked?.signals[0]?.name, name);
      assert.ok((ranked?.weight ?? 1) < 0.2);
    });

  it('explains every factor, and the weight is their product', () => {
    const context = {
      steering: new Map<string, Wish>([['src', 'pin']]),
      open: new Set(['src/main.ts']),
      changed: new Set(['src/main.ts']),
      lastChanged: new Map([['src/main.ts', 3]]),
      central: new Map([['src/main.ts', { score: 7, importers: 12 }]]),
    };
    const [ranked] = rankFiles([file('src/main.ts')], context);
    assert.deepEqual(
      ranked?.signals.map(s => s.name),
      [
        'source',
        'entry point',
        '1 folder deep',
        'pinned by you',
        'open in the editor',
        'changed on this branch',
        'changed 3 commits ago',
        'imported by 12 files',
      ],
    );
    const product = ranked.signals.reduce((n, s) => n * s.factor, 1);
    assert.ok(Math.abs(ranked.weight / product - 1) < 1e-9);
  });

  it('each signal moves a file ahead of its like', () => {
    const like = [file('src/a.ts'), file('src/b.ts')];
    for (const context of [
      { open: new Set(['src/b.ts']) },
      { changed: new Set(['src/b.ts']) },
      { lastChanged: new Map([['src/b.ts', 0]]) },
      { central: new Map([['src/b.ts', { score: 5, importers: 9 }]]) },
      { steering: new Map<string, Wish>([['src/b.ts', 'pin']]) },
    ])
      assert.deepEqual(
        byWeight(like, context),
        ['src/b.ts', 'src/a.ts'],
        JSON.stringify(Object.keys(context)),
      );
  });
});

describe('plan', () => {
  it('packs everything in path order where it fits', () => {
    const plan = planPack(of(['b.ts', 'a.ts', 'README.md'].map(p => file(p))), 30);
    assert.deepEqual(
      plan.files.map(f => [f.path, f.form]),
      [
        ['README.md', 'full'],
        ['a.ts', 'full'],
        ['b.ts', 'full'],
      ],
    );
    assert.ok(plan.fits);
  });

  it('passes over a file that is too large, and says why', () => {
    const plan = planPack(of([file('a.ts', 90), file('b.ts', 20), file('c.ts', 10)]), 35);
    assert.deepEqual(
      plan.files.map(f => f.form),
      ['left-out', 'full', 'full'],
    );
    assert.match(plan.files.map(reasonOf)[0] ?? '', /no room: it needs 90 tokens \(source/);
    assert.deepEqual([plan.tokens, plan.wantedTokens, plan.fits], [30, 120, false]);
  });

  it('degrades full, outline, listed, left out as room shrinks', () => {
    const files = [file('src/a.ts', 1000)];
    const input = { outlines: new Map([['src/a.ts', 200]]), listed: new Map([['src/a.ts', 8]]) };
    const formIn = (room: number) => planPack(of(files), room, input).files[0]?.form;
    assert.deepEqual([1000, 999, 200, 199, 8, 7, 0].map(formIn), [
      'full',
      'outline',
      'outline',
      'listed',
      'listed',
      'left-out',
      'left-out',
    ]);
  });

  it('lists no file whose whole text is shorter than its line', () => {
    const plan = planPack(of([file('a.ts', 5)]), 4, { listed: new Map([['a.ts', 9]]) });
    assert.equal(plan.files[0]?.form, 'left-out');
  });

  it('pins first, outlines on wish and excludes, and says so', () => {
    const steering = new Map<string, Wish>([
      ['test', 'pin'],
      ['src', 'outline'],
      ['src/secret.ts', 'exclude'],
    ]);
    const files = [
      file('lib.ts', 60),
      file('src/a.ts', 50),
      file('src/secret.ts', 10),
      file('test/x.ts', 60),
    ];
    const plan = planPack(of(files), 75, { steering, outlines: new Map([['src/a.ts', 12]]) });
    assert.deepEqual(
      plan.files.map(f => [f.path, f.form, f.unwanted ?? false]),
      [
        ['lib.ts', 'left-out', false],
        ['src/a.ts', 'outline', false],
        ['src/secret.ts', 'left-out', true],
        ['test/x.ts', 'full', false],
      ],
    );
    assert.deepEqual(plan.files.slice(1, 3).map(reasonOf), ['outlined as you asked', 'left out by you']);
  });

  it('shortens data even where there is room, but for who wants all of it', () => {
    const rows = { ...file('rows.csv', 900), shortened: { tokens: 40, reason: '980 of 1,000 lines' } };
    const plan = planPack(of([rows]), null);
    assert.deepEqual([plan.files[0]?.form, plan.tokens, plan.fits], ['shortened', 40, true]);
    assert.match(plan.files.map(reasonOf)[0] ?? '', /980 of 1,000 lines; all of it would take 900 tokens/);
    const whole = planPack(of([rows]), null, { steering: new Map<string, Wish>([['', 'full']]) });
    assert.deepEqual([whole.files[0]?.form, whole.tokens], ['full', 900]);
  });

  it('says of any file why it is not in full, signal by signal', () => {
    const plan = planPack(of([file('src/a.ts', 10), file('test/b.test.ts', 500)]), 20);
    assert.equal(plan.files.map(reasonOf)[1], 'no room: it needs 500 tokens (test, 1 folder deep)');
    assert.deepEqual(plan.files[1], {
      path: 'test/b.test.ts',
      form: 'left-out',
      tokens: 0,
      why: 500,
      signals: [
        { name: 'test', factor: 0.35 },
        { name: '1 folder deep', factor: 0.97 },
      ],
    });
  });

  it('names what the user left out, with the user’s rule', () => {
    const leftOutBy = { kind: 'longviewignore', source: '.longviewignore', rule: 'a.*' } as const;
    const plan = planPack(
      { files: [file('b.ts')], leftOut: [{ path: 'a.ts', absolutePath: '/w/a.ts', leftOutBy }] },
      null,
    );
    const why = '.longviewignore says `a.*`';
    assert.deepEqual(plan.files[0], { path: 'a.ts', form: 'left-out', tokens: 0, why, unwanted: true });
  });

  /** Any inventory, any outlines and lines, any wishes. */
  const inventories = fc
    .uniqueArray(
      fc.record({
        path: fc
          .tuple(fc.constantFrom('src', 'src/deep', 'test', 'docs', 'vendor', 'data'), fc.nat(99))
          .map(([folder, n]) => `${folder}/${n}.ts`),
        tokens: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 60_000 })),
        outline: fc.option(fc.double({ min: 0.01, max: 1.2, noNaN: true })),
        listed: fc.option(fc.integer({ min: 3, max: 40 })),
        shortened: fc.option(fc.double({ min: 0.01, max: 1, noNaN: true }), { freq: 6 }),
        wish: fc.option(fc.constantFrom<Wish>('pin', 'include', 'exclude', 'outline', 'full'), { freq: 6 }),
        score: fc.nat(20),
      }),
      { selector: f => f.path, maxLength: 80 },
    )
    .map(parts => {
      const files = parts.map(({ path, tokens, shortened }) => ({
        ...file(path, tokens),
        ...(shortened !== null && {
          shortened: { tokens: Math.ceil(tokens * shortened), reason: 'some lines' },
        }),
      }));
      const outlines = new Map<string, number>();
      const listed = new Map<string, number>();
      const steering = new Map<string, Wish>();
      const central = new Map<string, { score: number; importers: number }>();
      for (const { path, tokens, outline, listed: line, wish, score } of parts) {
        if (outline !== null) outlines.set(path, Math.ceil(tokens * outline));
        if (line !== null) listed.set(path, line);
        if (wish !== null) steering.set(path, wish);
        central.set(path, { score, importers: score });
      }
      const input = (of: readonly SourceFile[]): PlanInput => ({
        outlines,
        listed,
        steering,
        ranked: rankFiles(of, { steering, central }),
      });
      return { files, input, outlines, listed, steering };
    });

  it('law: never over the room by one token, every file accounted for once, same input same plan', () => {
    fc.assert(
      fc.property(inventories, fc.nat(100_000), ({ files, input }, room) => {
        const plan = planPack(of(files), room, input(files));
        assert.ok(plan.tokens <= room);
        assert.equal(
          plan.tokens,
          plan.files.reduce((sum, f) => sum + f.tokens, 0),
        );
        const paths = plan.files.map(f => f.path);
        assert.deepEqual(paths, files.map(f => f.path).sort());
        const reversed = [...files].reverse();
        assert.deepEqual(planPack(of(reversed), room, input(reversed)), plan);
      }),
      { numRuns: 500 },
    );
  });

  it('law: filled until nothing that is left fits: no file could have a better form', () => {
    fc.assert(
      fc.property(inventories, fc.nat(100_000), ({ files, input, outlines, listed, steering }, room) => {
        const plan = planPack(of(files), room, input(files));
        const left = room - plan.tokens;
        for (const { path, form, tokens } of plan.files) {
          const source = files.find(f => f.path === path);
          const wish = steering.get(path);
          if (source === undefined || wish === 'exclude' || form === 'full' || form === 'shortened') continue;
          const short = wish === 'pin' || wish === 'full' ? undefined : source.shortened;
          const best = wish === 'outline' ? Infinity : Math.min(source.tokens, short?.tokens ?? Infinity);
          assert.ok(best - tokens > left, `${path} would fit`);
          const outline = outlines.get(path) ?? Infinity;
          if (form !== 'outline' && outline < best * 0.8)
            assert.ok(outline - tokens > left, `${path} outlined`);
          const line = listed.get(path) ?? Infinity;
          if (form === 'left-out' && line < Math.min(best, outline)) assert.ok(line > left, `${path} listed`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('law: a plan after others is the plan that would have been made first', () => {
    const next = fc.record({
      room: fc.option(fc.nat(100_000)),
      wishes: fc.array(fc.tuple(fc.nat(80), fc.constantFrom<Wish>('include', 'exclude', 'outline', 'full'))),
      outlined: fc.boolean(),
    });
    fc.assert(
      fc.property(inventories, fc.array(next, { maxLength: 5 }), ({ files, input, outlines }, plans) => {
        const { ranked = [], ...rest } = input(files);
        for (const { room, wishes, outlined } of plans) {
          const steering = new Map(wishes.map(([i, wish]) => [files[i]?.path ?? '', wish] as const));
          const now = { ...rest, steering, outlines: outlined ? outlines : new Map<string, number>() };
          const afresh = ranked.map(one => ({ ...one, planned: undefined, plannedOn: 0 }));
          const plan = planPack(of(files), room, { ...now, ranked });
          assert.deepEqual(plan, planPack(of(files), room, { ...now, ranked: afresh }));
        }
      }),
    );
  });

  it('law: what fits is known before anything is described', () => {
    const verdict = fc.option(fc.boolean());
    fc.assert(
      fc.property(
        inventories,
        fc.option(fc.nat(100_000)),
        fc.array(verdict, { maxLength: 60 }),
        ({ files, input }, room, verdicts) => {
          const chosen = {
            preset: 'source' as const,
            verdicts: new Map(
              files.flatMap(({ path }, i) => {
                const isIn = verdicts[i] ?? null;
                return isIn === null ? [] : [[path, { in: isIn, why: 'so it is' }] as const];
              }),
            ),
          };
          const leftOutBy = { kind: 'own-output' } as const;
          const inventory = { files, leftOut: [{ path: 'z', absolutePath: '/w/z', leftOutBy }] };
          const all = { ...input(files), ...(verdicts.length > 0 && { chosen }) };
          const slots = atOnce(offering(atOnce(contending(inventory, all)), all));
          const fitted = atOnce(fitting(inventory, slots, room, all));
          const plan = atOnce(describing(inventory, slots, fitted, all));
          const { firstNoRoom: _named, folders: _folders, ...totals } = totalsOf(plan);
          assert.deepEqual(fitted.totals, totals);
          assert.equal(
            plan.tokens,
            plan.files.reduce((sum, f) => sum + f.tokens, 0),
          );
        },
      ),
    );
  });

  it('law: what a plan wants outlined is what it outlines', () => {
    fc.assert(
      fc.property(inventories, fc.nat(50_000), ({ files, input }, room) => {
        const plan = planPack(of(files), room, input(files));
        assert.deepEqual(
          atOnce(outlinesWanted(atOnce(contending(of(files), input(files))), room, input(files))).map(
            f => f.path,
          ),
          plan.files.filter(f => f.form === 'outline').map(f => f.path),
        );
      }),
    );
  });
});
