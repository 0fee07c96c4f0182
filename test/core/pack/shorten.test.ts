import assert from 'node:assert/strict';
import fc from 'fast-check';

import { excerptSegment } from '../../../src/core/pack/frame.ts';
import { shorten } from '../../../src/core/pack/shorten.ts';
import { cutRuns } from '../../../src/core/pack/shortenRuns.ts';
import { splitLines } from '../../../src/core/workspace/lines.ts';

const lines = (path: string, text: string) => shorten(path, text)?.excerpts.map(e => `${e.line}|${e.text}`);

const cell = (type: string, source: string[], outputs: unknown[] = []) => ({
  cell_type: type,
  metadata: {},
  ...(type === 'code' && { execution_count: 1, outputs }),
  source,
});
const picture = { data: { 'image/png': 'iVBORw0KGgo'.repeat(900) }, output_type: 'display_data' };
const notebook = {
  cells: [
    cell('markdown', ['# Title\n', '\n', 'says "hello"']),
    cell('code', ['import x\n', 'x.plot()'], [picture, { text: ['"source": [\n', '  "fake"\n'] }]),
    cell('code', []),
  ],
  metadata: {},
  nbformat: 4,
};

describe('shortened forms', () => {
  it('a notebook keeps its cells, on the lines they stand on, and loses its outputs', () => {
    const text = JSON.stringify(notebook, null, 1);
    const file = text.split('\n');
    const shown = lines('a.ipynb', text) ?? [];
    const at = (part: string) => file.findIndex(line => line.includes(part)) + 1;
    assert.deepEqual(shown.slice(1, 4), [
      `${at('# Title')}|# Title`,
      `${at('# Title') + 1}|`,
      `${at('says')}|says "hello"`,
    ]);
    assert.ok(shown.includes(`${at('import x')}|import x`) && shown.includes(`${at('x.plot')}|x.plot()`));
    assert.equal(shown.filter(line => /\|\[(markdown|code)\]$/.test(line)).length, 3);
    assert.ok(!shown.some(line => line.includes('iVBOR') || line.includes('fake')));
    assert.equal(shorten('a.ipynb', text)?.reason, '3 cells without outputs');
  });

  it('a notebook in one line is one line', () => {
    assert.deepEqual(lines('a.ipynb', JSON.stringify(notebook)), [
      '1|[markdown] # Title ⏎  ⏎ says "hello" ⏎ [code] import x ⏎ x.plot() ⏎ [code] ',
    ]);
  });

  it('what is no notebook is none, whatever it is called', () => {
    for (const text of ['{', '[]', 'null', '{"cells": 1}', '"x"']) {
      assert.equal(shorten('a.ipynb', text.padEnd(5_000, ' \n')), null);
    }
  });

  it('a table shows its head, its shape and its tail', () => {
    const rows = Array.from({ length: 2_000 }, (_, i) => `${i},name ${i},"x, y"`);
    const shown = lines('a.csv', ['id,name,value', ...rows, ''].join('\r\n')) ?? [];
    assert.equal(shown[0], '1|id,name,value');
    assert.equal(shown[12], '13|…[1,985 rows of 3 columns]…');
    assert.equal(shown.at(-1), '2001|1999,name 1999,"x, y"');
    assert.equal(shown.length, 17);
    assert.equal(shorten('a.csv', ['id', ...rows].join('\n'))?.reason, '16 of 2,001 rows');
    assert.equal(
      lines('a.jsonl', rows.map(row => JSON.stringify({ row })).join('\n'))?.[12],
      '13|…[1,984 rows]…',
    );
    assert.equal(shorten('a.csv', Array<string>(39).fill('a,b '.repeat(40)).join('\n')), null);
  });

  it('long runs and minified lines say how much is missing', () => {
    const blob = 'QUJD'.repeat(2_000);
    assert.deepEqual(lines('a.css', `a {\n  b: url(data:image/png;base64,${blob});\n}\n`), [
      '1|a {',
      `2|  b: url(data:image/png;base64,${blob.slice(0, 48)}…[7,952 characters]…);`,
      '3|}',
    ]);
    const path = 'M10,20 L30.5 -4e2 '.repeat(400);
    assert.match(
      lines('a.svg', `<svg><path d="${path}"/></svg>`)?.[0] ?? '',
      /d="M10,20.*…\[7,\d{3} characters\]….*\/><\/svg>$/,
    );
    const minified = 'function a(b){return b+1}'.repeat(400);
    const [only = ''] = lines('a.min.js', minified) ?? [];
    assert.match(only, /^1\|function a.*…\[9,440 characters\]….*return b\+1\}$/);
  });

  it('runs of 240 characters are long, wherever they stand', () => {
    const line = 'const a = 1;\n';
    for (const before of ['', line, line.repeat(40), '\n'.repeat(300)])
      for (const after of ['', '\n', `\n${line.repeat(40)}`]) {
        const around = (length: number) => before + 'A'.repeat(length) + after;
        assert.equal(cutRuns('a.ts', around(239)), null);
        assert.equal(cutRuns('a.ts', around(240))?.excerpts.length, splitLines(around(240)).lines.length);
      }
  });

  it('leaves alone what people wrote', () => {
    const paragraph = 'A sentence of some words, and then another one. '.repeat(200);
    for (const [path, text] of [
      ['README.md', paragraph],
      ['a.ts', 'const a = 1;\n'.repeat(2_000)],
      ['small.csv', 'a,b\n'.repeat(100)],
      ['a.svg', '<svg>\n<path d="M0 0"/>\n</svg>\n'.repeat(300)],
    ] as const) {
      assert.equal(shorten(path, text), null, path);
    }
  });

  it('whatever the text: lines ascend, exist and are shorter, and the frame holds (property)', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        '\n',
        '\r\n',
        '\r',
        '@@@@ end\n',
        '<|eot|>',
        '"source": [\n',
        '"cell_type": "code",\n',
        'a,b\n',
      ),
      fc
        .tuple(fc.constantFrom('A', '9 ', 'x=', '😀', 'M1,'), fc.integer({ min: 1, max: 3_000 }))
        .map(([s, n]) => s.repeat(n)),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('a.csv', 'a.jsonl', 'a.svg', 'a.js', 'a.ipynb', 'a.md'),
        fc.array(fc.tuple(piece, fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 12 }),
        (path, pieces) => {
          const text = pieces.map(([part, times]) => part.repeat(times)).join('');
          const short = shorten(path, text);
          if (short === null) return;
          const total = splitLines(text).lines.length;
          let last = 0;
          for (const { line } of short.excerpts) {
            assert.ok(line > last && line <= total);
            last = line;
          }
          const segment = excerptSegment('shortened', path, total, short.excerpts);
          assert.equal(segment.split('\n').filter(line => line.startsWith('@@@@')).length, 1);
          assert.equal(segment.split('\n').length, short.excerpts.length + 2);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is linear on hostile text', () => {
    for (const [path, unit] of [
      ['a.svg', '1 '],
      ['a.svg', 'A'],
      ['a.js', 'A-'],
      ['a.js', `${'A'.repeat(239)} `],
      ['a.csv', ','],
      ['a.csv', '\n'],
      ['a.ipynb', '"source": [\n'],
      ['a.ipynb', '['],
    ] as const) {
      shorten(path, unit.repeat(2_000_000 / unit.length));
    }
  }).timeout(30_000);
});
