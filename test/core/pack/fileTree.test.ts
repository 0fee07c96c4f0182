import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { MapFile, MapForm } from '../../../src/core/pack/budgetMap.ts';
import { fileTree, type TreeNode } from '../../../src/core/pack/fileTree.ts';

const file = (path: string, full: number, form: MapForm = 'full'): MapFile => ({
  path,
  language: 'ts',
  full,
  form,
  tokens: form === 'full' ? full : 0,
});

function leaves(node: TreeNode): TreeNode[] {
  return node.children?.flatMap(leaves) ?? [node];
}

describe('the tree of files', () => {
  it('puts folders first, and 2 before 10', () => {
    const tree = fileTree([file('b10.ts', 1), file('b2.ts', 1), file('z/a.ts', 1)], 'project');
    assert.deepEqual(
      tree.children?.map(c => c.name),
      ['z', 'b2.ts', 'b10.ts'],
    );
  });

  it('sums tokens, files and forms from the leaves, whatever the names', () => {
    const segment = fc.constantFrom('a', 'b', '__proto__', 'constructor', ' ');
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'));
    const form = fc.constantFrom<MapForm[]>('full', 'left-out', 'excluded');
    const list = fc.uniqueArray(fc.tuple(path, fc.nat(1000), form), { selector: ([p]) => p, maxLength: 30 });
    fc.assert(
      fc.property(list, given => {
        const files = given.map(([p, full, f]) => file(`${p}.x`, full, f));
        const tree = fileTree(files, 'project');
        const check = (node: TreeNode): void => {
          const below = leaves(node).flatMap(l => l.file ?? []);
          assert.equal(node.files, below.length);
          assert.equal(
            node.full,
            below.reduce((sum, f) => sum + f.full, 0),
          );
          assert.equal(
            node.tokens,
            below.reduce((sum, f) => sum + f.tokens, 0),
          );
          assert.equal(node.forms['left-out'] ?? 0, below.filter(f => f.form === 'left-out').length);
          node.children?.forEach(check);
        };
        check(tree);
        assert.deepEqual(
          leaves(tree)
            .flatMap(l => l.file?.path ?? [])
            .sort(),
          files.map(f => f.path).sort(),
        );
      }),
    );
  });
});
