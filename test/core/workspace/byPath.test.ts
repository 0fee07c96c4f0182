import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  comparePaths,
  findByPath,
  findNext,
  indexByPath,
  folderOf,
  inPathOrder,
  isIn,
} from '../../../src/core/workspace/byPath.ts';

const paths = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom('a', 'a-b', 'a/b', 'a/b/c', 'A', 'ä', 'Z', '__proto__', ''),
    fc.string({ unit: 'binary', maxLength: 6 }),
  ),
  { maxLength: 40 },
);

describe('the folder of a path', () => {
  it('law: a path is in that folder, and in no other', () => {
    fc.assert(
      fc.property(paths, all => {
        const folders = new Set(['', ...all.map(folderOf), ...all]);
        for (const path of all)
          for (const folder of folders) assert.equal(isIn(folder, path), folderOf(path) === folder);
      }),
    );
  });
});

describe('finding by path', () => {
  it('law: finds what is there, and nothing else, in order or not', () => {
    fc.assert(
      fc.property(paths, fc.boolean(), fc.string({ maxLength: 4 }), (all, isSorted, other) => {
        const list = all.map(path => ({ path }));
        if (isSorted) list.sort(comparePaths);
        const find = findByPath(list);
        const next = findNext(list);
        assert.deepEqual(inPathOrder(list), [...list].sort(comparePaths));
        const indexOf = indexByPath(list);
        for (const [i, file] of list.entries()) {
          assert.equal(find(file.path), file);
          assert.equal(indexOf(file.path), i);
          assert.equal(next(file.path), file);
        }
        for (const path of [other, ...all.toReversed(), other, ...all]) assert.equal(next(path), find(path));
        assert.equal(
          find(other),
          list.find(file => file.path === other),
        );
      }),
    );
  });
});
