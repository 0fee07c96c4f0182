import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stripVTControlCharacters } from 'node:util';

import { drawMap, plainScreen } from '../../src/cli/mapTable.ts';
import { columnsOf } from '../../src/cli/printable.ts';
import { screenOf } from '../../src/cli/terminal.ts';
import type { BudgetMap, MapFile, MapForm } from '../../src/core/pack/budgetMap.ts';

const file = (path: string, full: number, form: MapForm = 'full'): MapFile => ({
  ...{ path, full, form, language: 'ts' },
  tokens: form === 'full' ? full : 0,
});
const mapOf = (files: readonly MapFile[], marks: BudgetMap['marks'] = []): BudgetMap => {
  const used = files.reduce((sum, f) => sum + f.tokens, 0);
  return {
    title: 'project',
    limit: used + 10_000,
    files,
    parts: [
      { kind: 'answer', label: 'Kept for the answer', tokens: 8000 },
      { kind: 'free', label: 'Free', tokens: 2000 },
    ],
    marks,
    whatIf: [],
  };
};

describe('the budget map in a terminal', () => {
  const files = [
    file('src/core/a.ts', 40_000),
    file('src/b.ts', 9000, 'left-out'),
    file('docs/c.md', 20_000),
  ];

  it('is the same with colours and without', () => {
    const coloured = drawMap(mapOf(files), { columns: 120, colour: true });
    const plain = drawMap(mapOf(files), { columns: 120, colour: false });
    assert.deepEqual(coloured.map(stripVTControlCharacters), plain);
    assert.ok(!plain.join('').includes('\x1b'));
    assert.match(coloured[0] ?? '', /\x1b\[34m█+\x1b\[0m/);
    // No colour runs on into the next line.
    for (const line of coloured)
      assert.equal(line.split('\x1b[0m').length, line.split(/\x1b\[(?!0m)\d+m/).length, line);
  });

  it('keeps to the width of the terminal, whatever the names', () => {
    const name = fc.oneof(fc.string({ minLength: 1, maxLength: 60 }), fc.constant('文書'), fc.constant('👩‍💻'));
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'));
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 40, max: 140 }),
        (paths, columns) => {
          const lines = drawMap(mapOf(paths.map((p, i) => file(p, 1000 + i))), { columns, colour: false });
          for (const line of lines)
            assert.ok(columnsOf(line) <= columns, `${columnsOf(line)} > ${columns}: ${line}`);
        },
      ),
    );
  });

  it('lets no name run in the terminal, or end its line', () => {
    const lines = drawMap(mapOf([file('a\x1b[2J\nb\u202e/c.ts', 10)]), plainScreen);
    assert.ok(lines.some(line => line.startsWith('a�[2J�b�/')));
    assert.ok(!/[\x00-\x1f\u202e]/.test(lines.join('')));
  });

  it('points at limits that are not the window’s end', () => {
    const marks: BudgetMap['marks'] = [
      { kind: 'real', label: 'real limit', tokens: 70_000 },
      { kind: 'effective', label: 'effective limit', tokens: 35_000 },
      { kind: 'advertised', label: 'advertised limit', tokens: 10_485_760 },
    ];
    const lines = drawMap(mapOf(files, marks), plainScreen);
    assert.equal(lines[1], `${' '.repeat(31)}▲ effective limit 35,000`);
    assert.ok(lines.some(line => /^ {4}advertised limit +10,485,760$/.test(line)));
    assert.ok(!lines.some(line => line.includes('real limit')));
  });

  it('opens a folder that holds nearly everything, however many there are in it', () => {
    const many = Array.from({ length: 100 }, (_, i) => file(`packages/p${i}/a.ts`, 1000 - i));
    const lines = drawMap(mapOf(many), plainScreen);
    assert.ok(lines.some(line => line.startsWith('packages/p0/')));
    assert.ok(!lines.some(line => line.startsWith('packages/p99/')));
  });

  it('has colours where somebody looks on and does not object', () => {
    const tty = { isTTY: true, columns: 100 };
    assert.deepEqual(screenOf(tty, {}), { columns: 100, colour: true });
    assert.deepEqual(screenOf(tty, { NO_COLOR: '1', FORCE_COLOR: '1' }), { columns: 100, colour: false });
    assert.deepEqual(screenOf(tty, { TERM: 'dumb' }), { columns: 100, colour: false });
    assert.deepEqual(screenOf({}, {}), { columns: null, colour: false });
    assert.deepEqual(screenOf({}, { FORCE_COLOR: '1' }), { columns: null, colour: true });
  });
});
