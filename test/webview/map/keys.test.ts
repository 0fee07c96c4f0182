import assert from 'node:assert/strict';

import { foldersOf } from '../../../src/webview/map/entries.ts';
import { actionOf, type KeyAction } from '../../../src/webview/map/keys.ts';
import { cellOf, layOut, type Cell } from '../../../src/webview/map/layout.ts';

const sizes: Readonly<Record<string, number>> = {
  'a.ts': 400,
  'b/x.ts': 120,
  'b/y.ts': 80,
  'c.ts': 150,
  'd.ts': 60,
};

describe('the budget map’s keys', () => {
  const files = Object.entries(sizes).map(([path, full]) => ({
    ...({ path, full, language: 'ts', form: 'full', tokens: full } as const),
  }));
  const layout = layOut(foldersOf(files, [...files.keys()], 'project'), 600, 400);
  while (!layout.advance(10)) continue;
  const { root } = layout;
  const at = (path: string): Cell => {
    const cell = cellOf(root, path);
    assert.ok(cell, path);
    return cell;
  };
  const selected = (action: KeyAction | undefined) =>
    action?.kind === 'select' ? action.cell.entry.path : action?.kind;

  it('begin with the largest', () => {
    for (const key of ['ArrowLeft', 'ArrowDown', 'Home', 'PageDown'])
      assert.equal(selected(actionOf(key, root, undefined)), 'a.ts', key);
  });

  it('move to the sibling that lies that way, and stay at the edge', () => {
    for (const child of root.children ?? [])
      for (const [key, dx, dy] of [
        ['ArrowLeft', -1, 0],
        ['ArrowRight', 1, 0],
        ['ArrowUp', 0, -1],
        ['ArrowDown', 0, 1],
      ] as const) {
        const action = actionOf(key, root, child);
        assert.equal(action?.kind, 'select');
        if (action?.kind !== 'select' || action.cell === child) continue;
        const { cell } = action;
        assert.equal(cell.parent, root);
        if (dx !== 0) assert.ok((cell.x0 - child.x0) * dx > 0, `${key} from ${child.entry.path}`);
        else assert.ok((cell.y0 - child.y0) * dy > 0, `${key} from ${child.entry.path}`);
      }
    const corner = root.children?.find(c => c.x0 === 0 && c.y0 === 0);
    assert.equal(selected(actionOf('ArrowLeft', root, corner)), corner?.entry.path);
    assert.equal(selected(actionOf('ArrowUp', root, corner)), corner?.entry.path);
  });

  it('reach every sibling by size, and only siblings', () => {
    const seen = ['a.ts'];
    for (let i = 0; i < 5; i++) {
      const path = selected(actionOf('PageDown', root, at(seen.at(-1) ?? '')));
      seen.push(path ?? '');
    }
    assert.deepEqual(seen, ['a.ts', 'b', 'c.ts', 'd.ts', 'd.ts', 'd.ts']);
    assert.equal(selected(actionOf('PageUp', root, at('c.ts'))), 'b');
    assert.equal(selected(actionOf('End', root, at('a.ts'))), 'd.ts');
    assert.equal(selected(actionOf('PageDown', root, at('b/x.ts'))), 'b/y.ts');
  });

  it('go in, out, and toggle; what is not selected is not acted on; other keys are the page’s', () => {
    const b = at('b');
    assert.deepEqual(actionOf('Enter', root, b), { kind: 'enter', cell: b });
    assert.deepEqual(actionOf(' ', root, b), { kind: 'toggle', cell: b });
    assert.deepEqual(actionOf('Escape', root, b), { kind: 'leave' });
    assert.deepEqual(actionOf('Backspace', root, undefined), { kind: 'leave' });
    assert.deepEqual(actionOf('Enter', root, undefined), { kind: 'none' });
    assert.deepEqual(actionOf(' ', root, undefined), { kind: 'none' });
    for (const key of ['Tab', 'a', 'constructor', 'F1']) assert.equal(actionOf(key, root, b), undefined, key);
  });
});
