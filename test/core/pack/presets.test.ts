import assert from 'node:assert/strict';

import fc from 'fast-check';

import { atOnce } from '../../../src/core/pace.ts';
import { reasonOf } from '../../../src/core/pack/describeFile.ts';
import { planPack } from '../../../src/core/pack/plan.ts';
import { judging, presets, readPreset, type Facts, type PresetId } from '../../../src/core/pack/presets.ts';
import { isChosen } from '../../../src/core/pack/selection.ts';
import { steer, wishNames, type Steering } from '../../../src/core/pack/steering.ts';
import { languageOf } from '../../../src/core/workspace/language.ts';
import type { SourceFile } from '../../../src/core/workspace/types.ts';

const file = (path: string, tokens = 10): SourceFile => ({
  path,
  absolutePath: `/w/${path}`,
  bytes: tokens * 4,
  lines: 1,
  language: languageOf(path),
  hash: path,
  tokens,
});

const facts = (
  paths: readonly string[],
  imports: readonly [string, string][] = [],
  changed: readonly string[] = [],
): Facts => ({ files: paths.map(path => file(path)), imports, changed: new Set(changed) });

const taken = (preset: PresetId, given: Facts) =>
  [...atOnce(judging(preset, given))].filter(([, verdict]) => verdict.in).map(([path]) => path);

const why = (preset: PresetId, given: Facts, path: string) => atOnce(judging(preset, given)).get(path)?.why;

describe('presets', () => {
  const repository = [
    'LICENSE',
    'README.md',
    'docs/guide.md',
    'docs/logo.svg',
    'package-lock.json',
    'package.json',
    'src/a.ts',
    'src/a.json',
    'src/a.test.ts',
    'src/deep/README.md',
    'test/fixtures/said.md',
    'vendor/x/README.md',
    'vendor/x/x.go',
  ];

  it('source only: code and manifests, no prose, tests, data, settings, vendored or lock files', () => {
    assert.deepEqual(taken('source', facts(repository)), ['package.json', 'src/a.ts']);
    assert.equal(why('source', facts(repository), 'package-lock.json'), 'lock file');
    assert.equal(why('source', facts(repository), 'README.md'), 'documentation');
  });

  it('docs: prose wherever it stands, but no fixture and nothing vendored', () => {
    assert.deepEqual(taken('docs', facts(repository)), [
      'LICENSE',
      'README.md',
      'docs/guide.md',
      'src/deep/README.md',
    ]);
  });

  it('changed: what changed, who imports it, and what it imports; one step, and no further', () => {
    const given = facts(
      ['app.ts', 'base.ts', 'changed.ts', 'deep.ts', 'far.ts', 'notes.md'],
      [
        ['far.ts', 'app.ts'],
        ['app.ts', 'changed.ts'],
        ['changed.ts', 'base.ts'],
        ['base.ts', 'deep.ts'],
        ['changed.ts', 'gone.ts'],
      ],
      ['changed.ts', 'notes.md', 'gone.ts'],
    );
    assert.deepEqual(taken('changed', given), ['app.ts', 'base.ts', 'changed.ts', 'notes.md']);
    assert.equal(why('changed', given, 'app.ts'), 'imports changed.ts, which changed');
    assert.equal(why('changed', given, 'base.ts'), 'imported by changed.ts, which changed');
    assert.equal(why('changed', given, 'notes.md'), 'changed on this branch');
    assert.equal(why('changed', given, 'deep.ts'), 'not changed, nor touched by what did');
  });

  it('says why in the same words, whatever the order of the graph', () => {
    const imports: [string, string][] = [
      ['c.ts', 'x.ts'],
      ['b.ts', 'x.ts'],
      ['a.ts', 'x.ts'],
    ];
    const paths = ['a.ts', 'b.ts', 'c.ts', 'x.ts'];
    for (const order of [imports, imports.toReversed()]) {
      const given = facts(paths, order, ['a.ts', 'b.ts']);
      assert.equal(why('changed', given, 'x.ts'), 'imported by a.ts, which changed');
    }
  });

  const named: [test: string, tested: string, ...others: string[]][] = [
    ['test/core/plan.test.ts', 'src/core/plan.ts', 'src/other/plan.ts'],
    ['test/core/plan.properties.test.ts', 'src/core/plan.ts'],
    ['src/__tests__/pump.js', 'src/pump.jsx', 'src/valve/pump.js'],
    ['src/a.spec.tsx', 'src/a.ts'],
    ['core/src/test/java/g/PumpTest.java', 'core/src/main/java/g/Pump.java', 'x/src/main/java/h/Pump.java'],
    ['tests/test_pump.py', 'garden/pump.py'],
    ['garden/pump_test.go', 'garden/pump.go', 'pump.go'],
    ['pump_test.go', 'pump.go', 'garden/pump.go'],
    ['spec/garden/pump_spec.rb', 'lib/garden/pump.rb', 'lib/pump.rb'],
    ['tests/PumpTests.cs', 'Garden/Pump.cs'],
  ];
  for (const [test, tested, ...others] of named)
    it(`${test} is a test, and named after ${tested}`, () => {
      const given = facts([test, ...others, tested].sort());
      assert.deepEqual(taken('tests', given), [test, tested].sort());
      assert.equal(why('tests', given, tested), `named like its test ${test}`);
    });

  it('of thousands of one name, each test has the one beside it, or in its like', () => {
    const folders = Array.from({ length: 2000 }, (_, i) => `c${i}`);
    const given = facts([
      ...folders.flatMap(folder => [`src/${folder}/index.tsx`, `src/${folder}/index.test.tsx`]),
      ...folders.map(folder => `tests/m/${folder}/index.test.tsx`),
      ...folders.map(folder => `src/m/${folder}/index.tsx`),
    ]);
    assert.equal(taken('tests', given).length, 8000);
    assert.equal(why('tests', given, 'src/c7/index.tsx'), 'named like its test src/c7/index.test.tsx');
    assert.equal(why('tests', given, 'src/m/c7/index.tsx'), 'named like its test tests/m/c7/index.test.tsx');
  });

  it('a name that many files have, and nothing tells apart, is no hint; nor is one of another language', () => {
    assert.deepEqual(taken('tests', facts(['a/utils.ts', 'b/utils.ts', 'test/utils.test.ts'])), [
      'test/utils.test.ts',
    ]);
    assert.deepEqual(taken('tests', facts(['pump.py', 'test/pump.test.ts'])), ['test/pump.test.ts']);
  });

  it('tests: with what they import, and not what that imports', () => {
    const given = facts(
      ['lib/a.ts', 'lib/b.ts', 'test/x.test.ts'],
      [
        ['test/x.test.ts', 'lib/a.ts'],
        ['lib/a.ts', 'lib/b.ts'],
      ],
    );
    assert.deepEqual(taken('tests', given), ['lib/a.ts', 'test/x.test.ts']);
    assert.equal(why('tests', given, 'lib/a.ts'), 'imported by the test test/x.test.ts');
  });

  it('knows its own names, and no others', () => {
    for (const { id } of presets) assert.equal(readPreset(id), id);
    for (const other of ['Everything', '__proto__', '', 3, null, ['docs']])
      assert.equal(readPreset(other), undefined);
  });

  const name = fc.constantFrom(
    'a.ts',
    'b.py',
    'a.test.ts',
    'test_b.py',
    'README.md',
    'x.csv',
    '__proto__',
    'C.java',
  );
  const folder = fc.constantFrom('', 'src/', 'test/', 'docs/', 'vendor/', 'src/deep/', 'constructor/');
  const paths = fc
    .uniqueArray(
      fc.tuple(folder, name).map(parts => parts.join('')),
      { maxLength: 25 },
    )
    .map(found => found.sort());
  const world = paths.chain(found => {
    const one = found.length === 0 ? fc.constant('none') : fc.constantFrom(...found);
    return fc.record({
      files: fc.constant(found),
      imports: fc.array(fc.tuple(one, one), { maxLength: 40 }),
      changed: fc.array(one, { maxLength: 6 }),
      wishes: fc.array(fc.tuple(one, fc.constantFrom(...wishNames)), { maxLength: 4 }),
      room: fc.option(fc.nat(400)),
    });
  });
  const preset = fc.constantFrom(...presets.map(p => p.id));

  it('law: every file has a verdict with a reason, and the same facts give the same verdicts', () => {
    fc.assert(
      fc.property(preset, world, (id, { files, imports, changed }) => {
        const given = facts(files, imports, changed);
        const verdicts = atOnce(judging(id, given));
        assert.deepEqual([...verdicts.keys()], files);
        for (const verdict of verdicts.values()) assert.ok(verdict.why !== '');
        assert.deepEqual(atOnce(judging(id, { ...given, imports: imports.toReversed() })), verdicts);
      }),
    );
  });

  it('law: a plan loses no file; one out of the preset is named with it and takes no room; a wish on its path wins', () => {
    fc.assert(
      fc.property(preset, world, (id, { files, imports, changed, wishes, room }) => {
        const given = facts(files, imports, changed);
        const verdicts = atOnce(judging(id, given));
        const steering = wishes.reduce<Steering>((s, [p, w]) => steer(s, [p], w, true), new Map());
        const listed = new Map(files.map(path => [path, 3]));
        const title = presets.find(p => p.id === id)?.title ?? '';
        const plan = planPack({ files: given.files, leftOut: [] }, room, {
          steering,
          listed,
          chosen: { preset: id, verdicts },
        });
        assert.deepEqual(
          plan.files.map(f => f.path),
          files,
        );
        assert.ok(room === null || plan.tokens <= room);
        assert.equal(
          plan.tokens,
          plan.files.reduce((sum, f) => sum + f.tokens, 0),
        );
        if (plan.fits) assert.equal(plan.tokens, plan.wantedTokens);
        for (const file of plan.files) {
          const { path, form, choice, unwanted } = file;
          const reason = reasonOf(file);
          const wish = steering.get(path);
          if (isChosen(path, verdicts, steering)) {
            assert.notEqual(wish, 'exclude');
            assert.equal(choice?.in, true);
            if (plan.fits && wish !== 'outline') assert.equal(form, 'full');
          } else if (wish === 'exclude') assert.equal(reason, 'left out by you');
          else {
            assert.equal(choice?.in, false);
            assert.ok(reason?.startsWith(`not in “${title}”: `), reason);
            assert.ok(form === 'listed' || (form === 'left-out' && unwanted === true));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lists by path what is left out where that is cheap, all of it or none', () => {
    const files = [file('a.md', 100), ...Array.from({ length: 50 }, (_, i) => file(`src/f${i + 10}.ts`))];
    const inventory = { files, leftOut: [] };
    const verdicts = atOnce(judging('docs', { files, imports: [], changed: new Set() }));
    const forms = (cost: number, room: number | null) => {
      const listed = new Map(files.map(f => [f.path, cost]));
      const plan = planPack(inventory, room, { listed, chosen: { preset: 'docs', verdicts } });
      return new Set(plan.files.slice(1).map(f => f.form));
    };
    assert.deepEqual(forms(5, null), new Set(['listed']));
    assert.deepEqual(forms(500, null), new Set(['left-out']));
    assert.deepEqual(forms(5, 100 + 50 * 5), new Set(['listed']));
    assert.deepEqual(forms(5, 100 + 50 * 5 - 1), new Set(['left-out']));
  });
});
