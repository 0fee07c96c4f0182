import assert from 'node:assert/strict';

import fc from 'fast-check';

import { centrality } from '../../../src/core/pack/graph.ts';
import { hasImports, importsOf } from '../../../src/core/pack/imports.ts';

describe('importsOf', () => {
  const cases: [string, string, string[]][] = [
    [
      'typescript',
      "import { a } from './a.ts';\nimport '../b';\nconst c = require('c/d');\n",
      ['./a', '../b', 'c/d'],
    ],
    [
      'python',
      'from .a import b, c\nfrom .. import d\nimport e.f, g\n',
      ['./a/b', './a/c', '../d', 'e/f', 'g'],
    ],
    [
      'go',
      'import (\n\t"fmt"\n\tx "example.com/m/pump"\n)\nimport "os"\n',
      ['fmt', 'example.com/m/pump', 'os'],
    ],
    ['rust', 'mod valve;\nuse crate::pump::Pump;\nuse super::flow;\n', ['./valve', 'pump/Pump', '../flow']],
    ['java', 'import a.b.Pump;\nimport static a.b.Valve.open;\n', ['a/b/Pump', 'a/b/Valve/open']],
    ['c', '#include "x/pump.h"\n#include <stdio.h>\n', ['x/pump', 'stdio']],
    ['csharp', 'using Garden.Pumps;\nusing (var x = y) {}\n', ['Garden/Pumps']],
    ['ruby', "require 'set'\nrequire_relative 'pump'\n", ['set', 'pump']],
    ['php', 'use Garden\\Pump;\n', ['Garden/Pump']],
    ['markdown', "import x from './x'", []],
    ['constructor', "import x from './x'", []],
  ];
  for (const [language, text, expected] of cases)
    it(`of ${language}`, () => assert.deepEqual(importsOf(language, text), expected));

  it('takes no longer for a text made to be slow', () => {
    for (const language of ['typescript', 'python', 'go', 'rust', 'java', 'c', 'php', 'ruby', 'csharp'])
      for (const piece of [
        'import ',
        'from ',
        ' ',
        'use ',
        '#include ',
        '(',
        'require("',
        '\t',
        'import (\n',
      ])
        importsOf(language, piece.repeat(100_000));
    assert.ok(hasImports('go') && !hasImports('toString'));
  }).timeout(20_000);
});

describe('centrality', () => {
  const of = (files: Record<string, string[]>) => {
    const paths = Object.keys(files);
    const { scores, importers } = centrality(paths, Object.values(files));
    return new Map(paths.map((path, i) => [path, { score: scores[i] ?? 0, importers: importers[i] ?? 0 }]));
  };

  const resolves: [string, string, string, string][] = [
    ['a file beside', 'src/a.ts', './b', 'src/b.ts'],
    ['a file above', 'src/deep/a.ts', '../b', 'src/b.ts'],
    ['an index', 'src/a.ts', './b', 'src/b/index.ts'],
    ['a class by its package', 'core/src/main/java/a/X.java', 'b/c/Y', 'lib/src/main/java/b/c/Y.java'],
    ['a member of a class', 'a/X.java', 'b/c/Y/run', 'lib/b/c/Y.java'],
    ['a package that is a folder', 'cmd/main.go', 'example.com/m/pump', 'pump/run.go'],
    ['a module of Python', 'app/a.py', 'app/b/name', 'app/b.py'],
    ['a package of Python', 'app/a.py', './b/name', 'app/b/__init__.py'],
    ['a header', 'src/a.c', 'x/pump', 'include/x/pump.h'],
  ];
  for (const [what, from, path, to] of resolves)
    it(`finds ${what}`, () =>
      assert.equal(of({ [from]: [path], [to]: [], 'else.x': [] }).get(to)?.importers, 1));

  it('tells who imports whom, in pairs', () => {
    const { imports } = centrality(['a.ts', 'b.ts', 'c.ts'], [['./b', './b', './a'], ['./c', './a'], []]);
    assert.deepEqual([...imports], [0, 1, 1, 2, 1, 0]);
  });

  it('prefers the nearest of two that are named alike, and finds nothing outside', () => {
    const found = of({ 'a/x/u.java': ['p/Q', '../../../p/Q'], 'a/p/Q.java': [], 'b/p/Q.java': [] });
    assert.deepEqual([found.get('a/p/Q.java')?.importers, found.get('b/p/Q.java')?.importers], [1, 0]);
  });

  it('says more of who is imported by the imported', () => {
    const found = of({
      'a.ts': ['./hub'],
      'b.ts': ['./hub'],
      'hub.ts': ['./base'],
      'base.ts': [],
      'lone.ts': [],
    });
    const score = (path: string) => found.get(path)?.score ?? 0;
    assert.ok(score('base.ts') > score('a.ts') && score('hub.ts') > score('lone.ts'));
  });

  it('law: the mean is 1, whatever imports what, also itself', () => {
    const names = fc.constantFrom(
      './a',
      './b',
      '../a',
      'x/a',
      'a',
      '',
      './',
      '..',
      '/',
      '__proto__',
      'constructor',
    );
    fc.assert(
      fc.property(fc.array(fc.array(names, { maxLength: 5 }), { minLength: 1, maxLength: 30 }), imports => {
        const paths = imports.map((_, i) => `${i % 3 === 0 ? 'x/' : ''}${'ab'[i % 2] ?? ''}${i}/a.ts`);
        const { scores } = centrality(paths, imports);
        const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
        assert.ok(Math.abs(mean - 1) < 0.01, String(mean));
        assert.deepEqual(centrality(paths, imports).scores, scores);
      }),
    );
  });
});
