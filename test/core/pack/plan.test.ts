import assert from 'node:assert/strict';

import fc from 'fast-check';

import { planPack } from '../../../src/core/pack/plan.ts';
import { rankFiles } from '../../../src/core/pack/rank.ts';
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

describe('rank', () => {
  it('wants manifests, then source, then documentation, tests, data, vendored, lock files', () => {
    const paths = [
      'package-lock.json',
      'vendor/x.go',
      'data/rows.csv',
      'test/a.test.ts',
      'docs/guide.md',
      'src/deep/b.ts',
      'src/a.ts',
      'src/package.json',
      'README.md',
    ];
    assert.deepEqual(
      rankFiles(paths.map(p => file(p))).map(r => r.file.path),
      [...paths].reverse().sort((a, b) => order(a) - order(b)),
    );
    function order(path: string): number {
      return [
        'README.md',
        'src/package.json',
        'src/a.ts',
        'src/deep/b.ts',
        'docs/guide.md',
        'test/a.test.ts',
        'data/rows.csv',
        'vendor/x.go',
        'package-lock.json',
      ].indexOf(path);
    }
  });
});

describe('plan', () => {
  it('packs everything in path order where it fits', () => {
    const plan = planPack(
      ['b.ts', 'a.ts', 'README.md'].map(p => file(p)),
      { room: 30 },
    );
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
    const plan = planPack([file('a.ts', 90), file('b.ts', 20), file('c.ts', 10)], { room: 35 });
    assert.deepEqual(
      plan.files.map(f => f.form),
      ['left-out', 'full', 'full'],
    );
    assert.match(plan.files[0]?.reason ?? '', /no room: it needs 90 tokens \(source/);
    assert.deepEqual([plan.tokens, plan.wantedTokens, plan.fits], [30, 120, false]);
  });

  it('leaves out what the user excluded, with the user’s reason', () => {
    const plan = planPack([file('a.ts'), file('b.ts')], {
      room: null,
      excluded: new Map([['a.ts', '.longviewignore']]),
    });
    assert.deepEqual(plan.files[0], { path: 'a.ts', form: 'left-out', tokens: 0, reason: '.longviewignore' });
  });

  it('law: never over the room by one token, every file accounted for once, same input same plan', () => {
    const files = fc.uniqueArray(
      fc.tuple(
        fc.constantFrom('src', 'test', 'docs', 'vendor'),
        fc.nat(99),
        fc.integer({ min: 1, max: 500 }),
      ),
      {
        selector: ([folder, n]) => `${folder}/${n}`,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(files, fc.nat(10_000), (parts, room) => {
        const sources = parts.map(([folder, n, tokens]) => file(`${folder}/${n}.ts`, tokens));
        const plan = planPack(sources, { room });
        assert.ok(plan.tokens <= room);
        assert.equal(
          plan.tokens,
          plan.files.reduce((sum, f) => sum + f.tokens, 0),
        );
        assert.deepEqual(plan.files.map(f => f.path).sort(), sources.map(f => f.path).sort());
        assert.deepEqual(planPack([...sources].reverse(), { room }), plan);
      }),
    );
  });
});
