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

const of = (files: SourceFile[]) => ({ files, leftOut: [] });

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
    const ranked = rankFiles([...wanted].sort().map(p => file(p)));
    assert.deepEqual(
      ranked.map(r => r.file.path),
      wanted,
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
    assert.match(plan.files[0]?.reason ?? '', /no room: it needs 90 tokens \(source/);
    assert.deepEqual([plan.tokens, plan.wantedTokens, plan.fits], [30, 120, false]);
  });

  it('names what the user left out, with the user’s rule', () => {
    const leftOutBy = { kind: 'longviewignore', source: '.longviewignore', rule: 'a.*' } as const;
    const plan = planPack(
      { files: [file('b.ts')], leftOut: [{ path: 'a.ts', absolutePath: '/w/a.ts', leftOutBy }] },
      null,
    );
    const reason = '.longviewignore says `a.*`';
    assert.deepEqual(plan.files[0], { path: 'a.ts', form: 'left-out', tokens: 0, reason });
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
        const plan = planPack(of(sources), room);
        assert.ok(plan.tokens <= room);
        assert.equal(
          plan.tokens,
          plan.files.reduce((sum, f) => sum + f.tokens, 0),
        );
        assert.deepEqual(plan.files.map(f => f.path).sort(), sources.map(f => f.path).sort());
        assert.deepEqual(planPack(of([...sources].reverse()), room), plan);
      }),
    );
  });
});
