import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { MapFile } from '../../../src/core/pack/budgetMap.ts';
import { cellAt, entryAt, foldersOf, layOut, type Cell } from '../../../src/webview/map/layout.ts';

const file = (path: string, full: number): MapFile => ({
  path,
  language: 'ts',
  full,
  form: 'full',
  tokens: full,
});
const all = (files: readonly MapFile[]) => foldersOf(files, [...files.keys()], 'project');

describe('the budget map’s layout', () => {
  const files = [file('src/a.ts', 100), file('src/deep/only/here/b.ts', 300), file('README.md', 600)];

  it('joins folders that hold one folder and nothing else', () => {
    const names = all(files).children?.map(c => [c.name, c.path, c.children?.map(inner => inner.name)]);
    assert.deepEqual(names, [
      ['src', 'src', ['a.ts', 'deep/only/here']],
      ['README.md', 'README.md', undefined],
    ]);
  });

  it('finds a folder by its path, also one inside a joined chain', () => {
    const root = all(files);
    assert.equal(entryAt(root, 'src')?.name, 'src');
    assert.equal(entryAt(root, 'src/deep/only')?.path, 'src/deep/only/here');
    assert.equal(entryAt(root, 'src/deep/only/here/b.ts')?.index, 1);
    assert.equal(entryAt(root, 'gone'), undefined);
  });

  it('shows what a filter leaves, and nothing else', () => {
    assert.deepEqual(
      foldersOf(files, [2], 'project').children?.map(c => c.path),
      ['README.md'],
    );
  });

  it('gives every file a rectangle inside of its folder’s, and finds it there', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => `${parts.join('/')}.x`);
    const paths = fc.uniqueArray(path, { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(paths, fc.integer({ min: 1, max: 5000 }), (names, size) => {
        const given = names.map((p, i) => file(p, size + i));
        const root = layOut(all(given), given, 800, 600);
        const leaves = root.leaves().filter(leaf => leaf.data.index !== undefined);
        assert.equal(leaves.length, given.length);
        for (const leaf of leaves) {
          const inside = (inner: Cell, outer: Cell) =>
            inner.x0 >= outer.x0 - 1e-6 &&
            inner.x1 <= outer.x1 + 1e-6 &&
            inner.y0 >= outer.y0 - 1e-6 &&
            inner.y1 <= outer.y1 + 1e-6;
          assert.ok(leaf.parent === null || inside(leaf, leaf.parent));
          const found = cellAt(root, (leaf.x0 + leaf.x1) / 2, (leaf.y0 + leaf.y1) / 2);
          if (leaf.x1 > leaf.x0 && leaf.y1 > leaf.y0) assert.equal(found?.data.index, leaf.data.index);
        }
      }),
    );
  });
});
