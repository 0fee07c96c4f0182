import assert from 'node:assert/strict';

import fc from 'fast-check';

import { atOnce } from '../../../src/core/pace.ts';
import { packing } from '../../../src/core/pack/manifest.ts';
import type { Form, Plan } from '../../../src/core/pack/types.ts';
import { comparePaths } from '../../../src/core/workspace/byPath.ts';
import type { SourceFile } from '../../../src/core/workspace/types.ts';

const file = fc.record({
  path: fc.string({ unit: fc.constantFrom('a', 'b', '/', '-'), minLength: 1, maxLength: 6 }),
  form: fc.constantFrom<Form>('full', 'outline', 'shortened', 'listed', 'left-out'),
  isThere: fc.boolean(),
  tokens: fc.nat(99),
});

describe('the manifest of a pack', () => {
  it('law: has every file with content, in order, by place and by path', () => {
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: one => one.path, maxLength: 20 }), some => {
        const all = [...some].sort(comparePaths);
        const plan = { files: all } as unknown as Plan;
        const files = all
          .filter(one => one.isThere)
          .map(({ path }): SourceFile => ({
            ...{ path, absolutePath: `/w/${path}`, bytes: 1, lines: 3, language: 'plaintext' },
            ...{ hash: `of ${path}`, tokens: 7 },
          }));
        const manifest = atOnce(packing(plan, { files }));
        const expected = all
          .filter(({ form, isThere }) => isThere && form !== 'listed' && form !== 'left-out')
          .map(({ path, form, tokens }) => ({
            ...{ path, absolutePath: `/w/${path}`, form, tokens, lines: 3, hash: `of ${path}` },
          }));
        assert.deepEqual([...manifest], expected);
        assert.equal(manifest.length, expected.length);
        for (const { path } of all) {
          const at = expected.findIndex(one => one.path === path);
          assert.equal(manifest.indexOf(path), at === -1 ? undefined : at);
          assert.deepEqual(manifest.at(at), expected[at]);
        }
        assert.equal(manifest.indexOf('~'), undefined);
        assert.equal(manifest.at(expected.length), undefined);
      }),
    );
  });

  it('is as it was when the inventory has another file', () => {
    const [plan, files] = [{ files: [{ path: 'a', form: 'full', tokens: 1 }] }, [{ path: 'a', hash: '1' }]];
    const manifest = atOnce(packing(plan as unknown as Plan, { files: files as unknown as SourceFile[] }));
    files[0] = { path: 'a', hash: '2' };
    assert.equal(manifest.at(0)?.hash, '1');
  });
});
