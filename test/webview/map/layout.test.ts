import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { MapFile } from '../../../src/core/pack/budgetMap.ts';
import { entryAt, foldersOf, indicesOf, parentOf } from '../../../src/webview/map/entries.ts';
import { flown } from '../../../src/webview/map/flight.ts';
import { cellAt, cellOf, layOut, type Cell } from '../../../src/webview/map/layout.ts';

const file = (path: string, full: number): MapFile => ({
  path,
  language: 'ts',
  full,
  form: 'full',
  tokens: full,
});
const all = (files: readonly MapFile[]) => foldersOf(files, [...files.keys()], 'project');

/** As large as it takes, in as many turns as it takes. */
function laidOut(files: readonly MapFile[], width: number, height: number): Cell {
  const layout = layOut(all(files), width, height);
  while (!layout.advance(0)) continue;
  return layout.root;
}

function cellsOf(root: Cell): Cell[] {
  return [root, ...(root.children ?? []).flatMap(cellsOf)];
}

describe('the budget map’s folders', () => {
  const files = [file('src/a.ts', 100), file('src/deep/only/here/b.ts', 300), file('README.md', 600)];

  it('hold what is in them, largest first, and are joined where they hold one folder and nothing else', () => {
    const names = all(files).children?.map(c => [
      c.name,
      c.path,
      c.full,
      c.children?.map(inner => inner.name),
    ]);
    assert.deepEqual(names, [
      ['README.md', 'README.md', 600, undefined],
      ['src', 'src', 400, ['deep/only/here', 'a.ts']],
    ]);
  });

  it('are found by their path, also one inside a joined chain', () => {
    const root = all(files);
    assert.equal(entryAt(root, 'src')?.name, 'src');
    assert.equal(entryAt(root, 'src/deep/only')?.path, 'src/deep/only/here');
    assert.equal(entryAt(root, 'src/deep/only/here/b.ts')?.index, 1);
    assert.equal(entryAt(root, 'gone'), undefined);
    const deep = entryAt(root, 'src/deep/only/here');
    assert.ok(deep);
    assert.equal(parentOf(root, deep).path, 'src');
    assert.equal(parentOf(root, root), root);
    assert.deepEqual(indicesOf(root).sort(), [0, 1, 2]);
  });

  it('hold what a filter leaves, and nothing else', () => {
    assert.deepEqual(
      foldersOf(files, [2], 'project').children?.map(c => c.path),
      ['README.md'],
    );
  });
});

describe('the budget map’s layout', () => {
  it('gives every file a rectangle inside of its folder’s, in proportion, and finds it there', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => `${parts.join('/')}.x`);
    const paths = fc.uniqueArray(path, { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(paths, fc.integer({ min: 1, max: 5000 }), (names, size) => {
        const given = names.map((p, i) => file(p, size + i));
        const root = laidOut(given, 4000, 3000);
        const leaves = cellsOf(root).filter(cell => cell.entry.index !== undefined);
        assert.equal(leaves.length, given.length);
        for (const leaf of leaves) {
          const { parent } = leaf;
          assert.ok(parent);
          assert.ok(leaf.x0 >= parent.x0 - 1e-6 && leaf.x1 <= parent.x1 + 1e-6);
          assert.ok(leaf.y0 >= parent.y0 + parent.header - 1e-6 && leaf.y1 <= parent.y1 + 1e-6);
          const found = cellAt(root, (leaf.x0 + leaf.x1) / 2, (leaf.y0 + leaf.y1) / 2);
          assert.equal(found?.entry.index, leaf.entry.index);
          assert.equal(cellOf(root, leaf.entry.path), leaf);
        }
        const [one, other] = leaves.filter(leaf => leaf.parent === leaves[0]?.parent);
        if (one === undefined || other === undefined) return;
        const area = (cell: Cell) => (cell.x1 - cell.x0) * (cell.y1 - cell.y0);
        assert.ok(Math.abs(area(one) / area(other) - one.value / other.value) < 1e-6);
      }),
    );
  });

  it('comes in turns: outer folders are there before inner ones', () => {
    const layout = layOut(all([file('a/b/c.ts', 5), file('a/d.ts', 5), file('e.ts', 5)]), 400, 300);
    const children = () => layout.root.children?.map(c => [c.entry.path, c.children]);
    assert.equal(children(), undefined);
    assert.equal(layout.advance(-1), false);
    assert.deepEqual(children(), [
      ['a', undefined],
      ['e.ts', undefined],
    ]);
    while (!layout.advance(-1)) continue;
    assert.ok(cellOf(layout.root, 'a/b/c.ts'));
  });

  it('leaves out files without tokens, and does not look into folders nobody could see', () => {
    const root = laidOut([file('a.ts', 1e9), file('b/c.ts', 1), file('empty.ts', 0)], 100, 100);
    assert.equal(cellOf(root, 'empty.ts'), undefined);
    assert.equal(cellOf(root, 'b')?.children, undefined);
  });
});

describe('a zoom', () => {
  const layout = { width: 800, height: 600 };
  const cell = { x0: 200, y0: 150, x1: 400, y1: 300 };

  it('inwards begins with the whole, and ends with the folder filling the map; outwards the same backwards', () => {
    const whole = { x: 0, y: 0, w: 800, h: 600 };
    const inner = { x: 200, y: 150, w: 200, h: 150 };
    const at = (share: number, inwards: boolean) => flown({ from: { layout }, cell, inwards }, share);
    assert.deepEqual(at(0, true), { outer: { x: -0, y: -0, w: 800, h: 600 }, inner });
    assert.deepEqual(at(1, true).inner, whole);
    assert.deepEqual(at(0, false).inner, whole);
    assert.deepEqual(at(1, false).inner, inner);
    for (const share of [0.25, 0.5]) assert.deepEqual(at(share, true), at(1 - share, false));
  });
});
