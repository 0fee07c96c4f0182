import assert from 'node:assert/strict';
import fc from 'fast-check';

import { countLines, folderRows, languageRows, sumOf, type Counted } from '../../src/cli/countTable.ts';

const file = (path: string, tokens: number, language = 'typescript'): Counted => ({
  path,
  language,
  bytes: tokens * 4,
  tokens,
});
const exact = { id: 'o200k', exact: true, errorBound: 0 };

describe('the table of longview count', () => {
  const files = [
    file('src/a.ts', 1200),
    file('src/deep/b.ts', 300),
    file('README.md', 5, 'markdown'),
    file('docs/x.md', 40, 'markdown'),
  ];

  it('sums by language and by folder, with what lies deeper', () => {
    assert.deepEqual(
      languageRows(files).map(r => [r.name, r.files, r.tokens]),
      [
        ['typescript', 2, 1500],
        ['markdown', 2, 45],
      ],
    );
    assert.deepEqual(
      folderRows(files).map(r => [r.name, r.files, r.tokens]),
      [
        ['src', 2, 1500],
        ['src/deep', 1, 300],
        ['docs', 1, 40],
      ],
    );
  });

  it('leaves out a folder that holds everything', () => {
    assert.deepEqual(
      folderRows([file('/w/x/a.ts', 1), file('/w/x/y/b.ts', 1)]).map(r => r.name),
      ['/w/x/y'],
    );
  });

  it('is aligned, heaviest first, and ends with the total', () => {
    const lines = countLines(files, new Set(), exact);
    assert.deepEqual(lines.slice(0, 3), [
      '      tokens      bytes    files  language',
      '       1,500     6.0 kB        2  typescript',
      '          45      180 B        2  markdown',
    ]);
    assert.equal(lines.at(-1), '       1,545     6.2 kB        4  total (o200k)');
    const shown = lines.slice(lines.findIndex(l => l.endsWith('  file')) + 1, -2);
    assert.deepEqual(
      shown.map(l => l.trim().split(/ {2,}/).at(-1)),
      ['src/a.ts', 'src/deep/b.ts', 'docs/x.md', 'README.md'],
    );
  });

  it('says of an estimate that it is one, and how far off', () => {
    const lines = countLines(files, new Set(), { id: 'o200k', exact: false, errorBound: 0.025 });
    assert.match(lines.at(-1) ?? '', /total \(o200k, estimated, ±2\.5 %\)$/);
  });

  it('shows the heaviest of a folder, but every file that was named', () => {
    const many = Array.from({ length: 30 }, (_, i) => file(`f${i}.ts`, i + 1));
    assert.match(countLines(many, new Set(), exact).at(-3) ?? '', /and 10 more/);
    const named = countLines(many, new Set(many.map(f => f.path)), exact);
    assert.ok(named.some(l => l.endsWith('  f0.ts')));
  });

  it('does not let a file name speak to the terminal', () => {
    assert.ok(countLines([file('a\x1b[2Jb.ts', 1)], new Set(), exact).every(l => !l.includes('\x1b')));
  });

  it('law: languages add up to the total', () => {
    const some = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(10_000)));
    fc.assert(
      fc.property(some, parts => {
        const all = parts.map(([language, tokens], i) => file(`d${i % 3}/${i}`, tokens, language));
        const total = sumOf(all);
        const sum = languageRows(all).reduce((n, row) => n + row.tokens, 0);
        assert.deepEqual([sum, total.files], [total.tokens, all.length]);
      }),
    );
  });
});
