import assert from 'node:assert/strict';

import { createPathIndex, pathIndexOf, pathsOf } from '../../../src/core/review/pathIndex.ts';

const files = (...paths: string[]) => paths.map(path => ({ path, hash: Math.random() }));

describe('the paths of an inventory', () => {
  it('are the same array after an edit, so that their index is made once', () => {
    const before = pathsOf(files('a.ts', 'b/a.ts', 'c.ts'));
    const after = pathsOf(files('a.ts', 'b/a.ts', 'c.ts'));
    assert.equal(after, before);
    assert.equal(pathIndexOf(after), pathIndexOf(before));
  });

  const others = [['a.ts', 'b/a.ts'], ['a.ts', 'b/a.ts', 'd.ts'], ['b/a.ts', 'a.ts', 'c.ts'], []];
  for (const other of others)
    it(`are others where a path is another: ${other.join(' ')}`, () => {
      const before = pathsOf(files('a.ts', 'b/a.ts', 'c.ts'));
      assert.notEqual(pathsOf(files(...other)), before);
      assert.deepEqual(pathsOf(files(...other)), other);
      assert.equal(pathsOf(files('a.ts', 'b/a.ts', 'c.ts')), before);
    });
});

describe('a path index', () => {
  it('tells one file of a name from several, whatever their case', () => {
    const index = createPathIndex(['Readme.md', 'b/index.ts', 'c/Index.ts', 'README.md', 'd/one file.ts']);
    assert.deepEqual(index.resolve('README.md'), { kind: 'known', path: 'README.md', by: 'path' });
    assert.deepEqual(index.resolve('readme.md'), {
      kind: 'several',
      path: 'readme.md',
      candidates: ['Readme.md', 'README.md'],
    });
    assert.deepEqual(index.resolve('index.ts'), { kind: 'known', path: 'b/index.ts', by: 'suffix' });
    assert.equal(index.has('Readme.md'), true);
    assert.equal(index.has('readme.md'), false);
    assert.deepEqual(index.spacedBy('file.ts'), ['d/one file.ts']);
  });
});
