import assert from 'node:assert/strict';
import { findAnchors } from '../../../src/core/review/anchors.ts';

const files = [
  'src/core/review/ask.ts',
  'src/a.ts',
  'src/b.ts',
  'src/my_file.ts',
  'lib/util.py',
  'test/util.py',
  'Makefile',
  'docker/Dockerfile',
  'docs/my notes/read me.md',
  'docs/my file.md',
  'app/(group)/[id]/page.tsx',
  'app/[...slug]/page.tsx',
  'packages/@scope/pkg/c++/x+y.cpp',
  'src/größe/übung.ts',
  '.gitignore',
  '.github/workflows/ci.yml',
  'web/index.html',
  'scripts/test',
  'bin/longview',
  'README.md',
];

/** `path:start-end`, `path`, with `?` after an ambiguous path. */
function shown(markdown: string): string[] {
  return findAnchors(markdown, files).map(m => {
    const lines = m.startLine === undefined ? '' : `:${m.startLine}-${m.endLine}`;
    return `${m.path}${m.candidates === undefined ? '' : '?'}${lines}`;
  });
}

describe('findAnchors', () => {
  const cases: readonly [markdown: string, ...expected: string[]][] = [
    // Bare
    ['See src/a.ts:12 for this.', 'src/a.ts:12-12'],
    ['See src/a.ts:12-20.', 'src/a.ts:12-20'],
    ['See src/a.ts:12–20.', 'src/a.ts:12-20'],
    ['(src/a.ts:12)', 'src/a.ts:12-12'],
    ['src/a.ts', 'src/a.ts'],
    ['It is in src/a.ts.', 'src/a.ts'],
    ["src/a.ts's first line", 'src/a.ts'],
    ['src/a.ts:10:4', 'src/a.ts:10-10'],
    ['src/a.ts:10:4-12:8', 'src/a.ts:10-12'],
    ['src/a.ts:L10-L12', 'src/a.ts:10-12'],
    ['src/a.ts#L10', 'src/a.ts:10-10'],
    ['src/a.ts#L10-L12', 'src/a.ts:10-12'],
    ['src/a.ts#L10-12', 'src/a.ts:10-12'],
    ['src/a.ts#L10C4-L12C9', 'src/a.ts:10-12'],
    ['src/a.ts(10,4): error', 'src/a.ts:10-10'],
    ['src/a.ts:20-10', 'src/a.ts:10-20'],
    ['src/a.ts:12.', 'src/a.ts:12-12'],
    ['src/a.ts:12, then more', 'src/a.ts:12-12'],
    ['**src/a.ts:12**', 'src/a.ts:12-12'],
    ['**.github/workflows/ci.yml**, line 3', '.github/workflows/ci.yml:3-3'],
    ['**src/a.ts**:12', 'src/a.ts:12-12'],
    ['_src/a.ts_', 'src/a.ts'],
    ['在src/a.ts:12中', 'src/a.ts:12-12'],
    ['path=src/a.ts:3', 'src/a.ts:3-3'],
    ['@src/a.ts:3', 'src/a.ts:3-3'],
    ['#file:src/a.ts:3', 'src/a.ts:3-3'],
    ['a.ts:4 and b.ts:5', 'src/a.ts:4-4', 'src/b.ts:5-5'],
    ['src/a.ts:4, src/b.ts:5-6; src/a.ts:9', 'src/a.ts:4-4', 'src/b.ts:5-6', 'src/a.ts:9-9'],
    // Back-ticked, bracketed
    ['`src/a.ts:12-14`', 'src/a.ts:12-14'],
    ['`src/a.ts`:12', 'src/a.ts:12-12'],
    ['`src/a.ts` (lines 10-12)', 'src/a.ts:10-12'],
    ['`src/a.ts` lines 10 to 12', 'src/a.ts:10-12'],
    ['`src/a.ts`, line 10', 'src/a.ts:10-10'],
    ['**`src/a.ts`** (line 7)', 'src/a.ts:7-7'],
    ['[src/a.ts:12-14]', 'src/a.ts:12-14'],
    ['[`src/a.ts:12-14`]', 'src/a.ts:12-14'],
    ['[src/a.ts:1-3; src/b.ts:9]', 'src/a.ts:1-3', 'src/b.ts:9-9'],
    ['[see src/a.ts:1]', 'src/a.ts:1-1'],
    ['【src/a.ts†L3-L5】', 'src/a.ts:3-5'],
    ['`src/a.ts:1-3, 7`', 'src/a.ts:1-3', 'src/a.ts:7-7'],
    ['``src/a.ts:12``', 'src/a.ts:12-12'],
    // Links
    ['[the parser](src/a.ts)', 'src/a.ts'],
    ['[the parser](src/a.ts#L10-L12)', 'src/a.ts:10-12'],
    ['[the parser](src/a.ts:10)', 'src/a.ts:10-10'],
    ['[the parser](./src/a.ts#L10)', 'src/a.ts:10-10'],
    ['[src/a.ts:12](src/a.ts#L12)', 'src/a.ts:12-12'],
    ['[`src/a.ts:12-14`](src/a.ts)', 'src/a.ts:12-14'],
    ['[a.ts (lines 3-4)](src/a.ts)', 'src/a.ts:3-4'],
    ['[line 12](src/a.ts)', 'src/a.ts:12-12'],
    ['[a.ts](src/a.ts) (lines 3-4)', 'src/a.ts:3-4'],
    ['[notes](<docs/my file.md#L3>)', 'docs/my file.md:3-3'],
    ['[notes](docs/my%20file.md#L3)', 'docs/my file.md:3-3'],
    ['[x](file:///home/me/proj/src/a.ts#L3)', 'src/a.ts:3-3'],
    ['[src/a.ts:5](https://example.com/blob/main/src/a.ts#L5)', 'src/a.ts:5-5'],
    ['[site](https://example.com/src/a.ts)'],
    ['[x](app/(group)/[id]/page.tsx#L3)', 'app/(group)/[id]/page.tsx:3-3'],
    ['[README.md](https://example.com/)'],
    ['[src/nope.md](https://example.com/blob/main/src/nope.md)'],
    ['[x](a.ts:10)', 'src/a.ts:10-10'],
    ['[x](command:evil)'],
    ['[anchor](#section)'],
    ['![picture](src/a.ts)'],
    // Lines in words
    ['src/a.ts (lines 10-12)', 'src/a.ts:10-12'],
    ['src/a.ts (line 10)', 'src/a.ts:10-10'],
    ['src/a.ts (L10-L12)', 'src/a.ts:10-12'],
    ['src/a.ts lines 10 to 12', 'src/a.ts:10-12'],
    ['src/a.ts, lines 10 through 12', 'src/a.ts:10-12'],
    ['src/a.ts, line 10', 'src/a.ts:10-10'],
    ['src/a.ts at line 10', 'src/a.ts:10-10'],
    ['src/a.ts: line 10', 'src/a.ts:10-10'],
    ['src/a.ts - line 10', 'src/a.ts:10-10'],
    ['src/a.ts between lines 10 and 12', 'src/a.ts:10-12'],
    ['on line 12 of `src/a.ts`', 'src/a.ts:12-12'],
    ['lines 10-12 in src/a.ts', 'src/a.ts:10-12'],
    // Lists of ranges
    ['src/a.ts:1-3, 7, 9-12', 'src/a.ts:1-3', 'src/a.ts:7-7', 'src/a.ts:9-12'],
    ['src/a.ts:1-3, 7, 9-12 "const x"', 'src/a.ts:1-3', 'src/a.ts:7-7', 'src/a.ts:9-12'],
    ['src/a.ts:10, :20 and :30', 'src/a.ts:10-10', 'src/a.ts:20-20', 'src/a.ts:30-30'],
    ['src/a.ts lines 10, 20 and 30-31', 'src/a.ts:10-10', 'src/a.ts:20-20', 'src/a.ts:30-31'],
    ['src/a.ts (lines 3, 7)', 'src/a.ts:3-3', 'src/a.ts:7-7'],
    ['src/a.ts#L3, #L7-L9', 'src/a.ts:3-3', 'src/a.ts:7-9'],
    ['`src/a.ts:10`, `:20-25` and `L30`', 'src/a.ts:10-10', 'src/a.ts:20-25', 'src/a.ts:30-30'],
    ['| `src/a.ts` | 12-14 | reads |', 'src/a.ts:12-14'],
    ['| src/a.ts | L12 | reads |', 'src/a.ts:12-12'],
    ['| src/a.ts | 412 | lines |', 'src/a.ts'],
    ['src/a.ts:10, 3 problems', 'src/a.ts:10-10'],
    ['src/a.ts:10 and 3 other files', 'src/a.ts:10-10'],
    ['src/a.ts lines 10 and 3 more files', 'src/a.ts:10-10'],
    // Ways to write a path
    ['src\\a.ts:3', 'src/a.ts:3-3'],
    ['C:\\work\\proj\\src\\a.ts:3', 'src/a.ts:3-3'],
    ['/home/me/proj/src/a.ts:3', 'src/a.ts:3-3'],
    ['/home/me/proj/README.md:3', 'README.md:3-3'],
    ['./src/a.ts:3', 'src/a.ts:3-3'],
    ['../src/a.ts:3', 'src/a.ts:3-3'],
    ['/src/a.ts:3', 'src/a.ts:3-3'],
    ['src/core/../a.ts:3 and src/./b.ts:4', 'src/a.ts:3-3', 'src/b.ts:4-4'],
    ['x/../../../etc/hosts.conf:3', 'etc/hosts.conf:3-3'],
    ['myfolder/src/a.ts:3', 'src/a.ts:3-3'],
    ['a/src/a.ts:3', 'src/a.ts:3-3'],
    ['src/my\\_file.ts:3', 'src/my_file.ts:3-3'],
    ['SRC/A.TS:3', 'src/a.ts:3-3'],
    ['readme.md:3', 'README.md:3-3'],
    ['ask.ts:40', 'src/core/review/ask.ts:40-40'],
    ['review/ask.ts:40', 'src/core/review/ask.ts:40-40'],
    ['util.py:4', 'util.py?:4-4'],
    ['page.tsx:4', 'page.tsx?:4-4'],
    // Names that are not plain
    ['docs/my file.md:3', 'docs/my file.md:3-3'],
    ['see my file.md:3', 'docs/my file.md:3-3'],
    ['see docs/my notes/read me.md:3-4.', 'docs/my notes/read me.md:3-4'],
    ['`docs/my file.md:3`', 'docs/my file.md:3-3'],
    ['app/(group)/[id]/page.tsx:3', 'app/(group)/[id]/page.tsx:3-3'],
    ['(app/(group)/[id]/page.tsx:3)', 'app/(group)/[id]/page.tsx:3-3'],
    ['[id]/page.tsx:3', 'app/(group)/[id]/page.tsx:3-3'],
    ['app/[...slug]/page.tsx:3', 'app/[...slug]/page.tsx:3-3'],
    ['packages/@scope/pkg/c++/x+y.cpp:3', 'packages/@scope/pkg/c++/x+y.cpp:3-3'],
    ['src/größe/übung.ts:3', 'src/größe/übung.ts:3-3'],
    ['.gitignore:3', '.gitignore:3-3'],
    ['see .gitignore', '.gitignore'],
    ['.github/workflows/ci.yml:3', '.github/workflows/ci.yml:3-3'],
    ['Makefile:3', 'Makefile:3-3'],
    ['the Makefile does', 'Makefile'],
    ['docker/Dockerfile:3', 'docker/Dockerfile:3-3'],
    ['`Dockerfile` line 3', 'docker/Dockerfile:3-3'],
    ['bin/longview:3', 'bin/longview:3-3'],
    ['`bin/longview`', 'bin/longview'],
    // Unknown, yet path-shaped
    ['src/nope.ts:12', 'src/nope.ts:12-12'],
    ['`src/nope.ts`', 'src/nope.ts'],
    ['src/nope.ts', 'src/nope.ts'],
    ['nope.ts:3', 'nope.ts:3-3'],
    ['`nope.ts`', 'nope.ts'],
    ['[x](src/nope.ts#L3)', 'src/nope.ts:3-3'],
    ['_src/nope.ts_ and @src/nope.ts', 'src/nope.ts', 'src/nope.ts'],
    // No anchors
    ['https://example.com/src/a.ts:12'],
    ['see http://localhost:8080/a.ts'],
    ['localhost:8080'],
    ['127.0.0.1:3000'],
    ['localhost:8080/api/x'],
    ['example.com:443'],
    ['github.com/foo/bar.ts'],
    ['v1.2:3'],
    ['version 1.2.3'],
    ['at 12:30'],
    ['a ratio of 1:2'],
    ['16:9'],
    ['me@example.com'],
    ['git@github.com:foo/bar.git'],
    ['lodash.debounce'],
    ['@types/node'],
    ['`@scope/pkg`'],
    ['react@18.2.0'],
    ['`left-pad@1.3.0`'],
    ['/api/x'],
    ['`GET /api/users/:id`'],
    ['/api/users.json'],
    ['and/or'],
    ['client/server, TCP/IP'],
    ['e.g. this, i.e. that'],
    ['text/plain and application/json'],
    ['Node.js and Next.js'],
    ['`console.log`, `res.json`, `Math.min`'],
    ['node:20 and redis:7'],
    ['run the test:'],
    ['the test and the build'],
    ['`import x from "./b.ts"`'],
    ['src/**/*.ts and **/index.ts'],
    ['`npx tsc src/a.ts`'],
    ['${dir}/a.ts'],
    ['`*.ts`, `src/*/x.ts` and `tests/**/*.test.ts`'],
    ['foo(bar).baz'],
    ['10/12/2024'],
    ['3.5:1'],
    ['2024-01-02T10:20:30'],
    ['std::vector:3'],
    ['key:12'],
  ];
  for (const [markdown, ...expected] of cases)
    it(`${JSON.stringify(markdown)} has ${expected.length === 0 ? 'none' : expected.join(' ')}`, () => {
      assert.deepEqual(shown(markdown), expected);
    });

  it('passes over code blocks and goes on after them', () => {
    assert.deepEqual(shown('```ts\nsrc/a.ts:1\n```\nsrc/b.ts:2\n- ~~~\n  src/a.ts:9\n  ~~~\n'), [
      'src/b.ts:2-2',
    ]);
  });

  it('points at the mention without its wrapping', () => {
    const markdown = 'In `src/a.ts:1-3, 7` and [b](src/b.ts#L2).';
    const texts = findAnchors(markdown, files).map(m => markdown.slice(m.offset, m.offset + m.length));
    assert.deepEqual(texts, ['src/a.ts:1-3', '7', '[b](src/b.ts#L2)']);
    const row = '| `src/a.ts` | 12-14 |';
    assert.deepEqual(
      findAnchors(row, files).map(m => row.slice(m.offset, m.offset + m.length)),
      ['src/a.ts'],
    );
  });

  it('names the files a basename may mean', () => {
    const [mention] = findAnchors('util.py:4', files);
    assert.deepEqual(mention?.candidates, ['lib/util.py', 'test/util.py']);
  });

  it('lets the exact path win over files that end so', () => {
    assert.equal(findAnchors('a.ts:1', ['src/a.ts', 'a.ts'])[0]?.path, 'a.ts');
    assert.equal(findAnchors('a.ts:1', ['A.ts', 'a.ts'])[0]?.path, 'a.ts');
    assert.deepEqual(findAnchors('a.TS:1', ['A.ts', 'a.ts'])[0]?.candidates, ['A.ts', 'a.ts']);
  });

  it('does not take an invented directory for a real file', () => {
    assert.equal(findAnchors('docs/a.ts:1', ['a.ts', 'docs/b.md'])[0]?.path, 'docs/a.ts');
    assert.equal(findAnchors('src/core/a.ts:1', ['core/a.ts', 'src/b.ts'])[0]?.path, 'src/core/a.ts');
  });
});

describe('symbols', () => {
  const cases: readonly [markdown: string, symbol: string | undefined][] = [
    ['`Foo.bar` in a.ts', 'Foo.bar'],
    ['Foo.bar in a.ts', 'Foo.bar'],
    ['`Foo.bar` (a.ts)', 'Foo.bar'],
    ['Foo.bar (a.ts)', 'Foo.bar'],
    ['`run()` in `src/a.ts:12`', 'run'],
    ['run() in src/a.ts', 'run'],
    ['`Foo::bar` at src/a.ts:4', 'Foo::bar'],
    ['the `Foo` class in `src/a.ts`', 'Foo'],
    ['snake_case (src/a.ts:4)', 'snake_case'],
    ['`src/a.ts::test_x`', 'test_x'],
    ['src/a.ts#Foo.bar', 'Foo.bar'],
    ['found in src/a.ts', undefined],
    ['This (src/a.ts) does', undefined],
  ];
  for (const [markdown, symbol] of cases)
    it(`${JSON.stringify(markdown)} names ${symbol ?? 'none'}`, () => {
      const mentions = findAnchors(markdown, files);
      assert.equal(mentions.length, 1);
      assert.equal(mentions[0]?.symbol, symbol);
    });
});

describe('quotes', () => {
  const cases: readonly [markdown: string, ...quotes: (string | undefined)[]][] = [
    ['`src/a.ts:12-14` "const x = 1"', 'const x = 1'],
    ['[src/a.ts:12-14] `const x = 1;`', 'const x = 1;'],
    ['src/a.ts:12: `const x = 1;`', 'const x = 1;'],
    ['src/a.ts:12 (`const x = 1;`)', 'const x = 1;'],
    ['src/a.ts:12 — "const x = 1;"', 'const x = 1;'],
    ['src/a.ts:12 “const x = 1;”', 'const x = 1;'],
    ['src/a.ts:12 has "const x = 1;" in it', 'const x = 1;'],
    ['It says `const x = 1;` in src/a.ts:12.', 'const x = 1;'],
    ['`const x = 1;` (src/a.ts:12)', 'const x = 1;'],
    ['`const x = 1;` (src/a.ts:12), `let y = 2;` (src/b.ts:3)', 'const x = 1;', 'let y = 2;'],
    ['src/a.ts:12 `const x = 1;`, src/b.ts:3 `let y = 2;`', 'const x = 1;', 'let y = 2;'],
    ['src/a.ts:12 "call("x", 1);" here', 'call("x", 1);'],
    ['src/a.ts:12 "const a = "x";" here', 'const a = "x";'],
    ['src/a.ts:12 "if (a) {" and src/b.ts:3 "b = 10;"', 'if (a) {', 'b = 10;'],
    ['src/a.ts:12 ``a `b` c``', 'a `b` c'],
    ['src/a.ts:12 "`const x = 1`"', 'const x = 1'],
    ['src/a.ts:12 "One sentence. Another one." here', 'One sentence. Another one.'],
    ['src/a.ts:12. `const x = 1;` is elsewhere.', undefined],
    ['- src/a.ts:12\n- `const x = 1;` is other', undefined],
    ['- src/a.ts:12\n  `const x = 1;`', 'const x = 1;'],
    ['src/a.ts:12\n"const x = 1;"', 'const x = 1;'],
    ['`src/a.ts:12 const x = 1;`', 'const x = 1;'],
    ['src/a.ts:12 `longName`', 'longName'],
    ['src/a.ts:12 calls `longName`', undefined],
    ['src/a.ts:1-3, 7 "const x = 1"', undefined, 'const x = 1'],
    ['| src/a.ts:12 | `const x = 1;` |', 'const x = 1;'],
    ['src/a.ts:12:\n```ts\nconst x = 1;\n\nlet y;\n```', 'const x = 1;\n\nlet y;'],
    ['src/a.ts:12\n\n```ts\nconst x = 1;\n```\n', 'const x = 1;'],
    ['src/a.ts:12:\n```ts\n// src/a.ts\nconst x = 1;\n```', 'const x = 1;'],
    ['src/a.ts:12\n\n\n```ts\nconst x = 1;\n```\n', undefined],
    ['src/a.ts:12 is wrong, and so is the rest\n```ts\nconst x = 1;\n```', undefined],
    ['src/a.ts:12:\n> const x = 1;\n> let y;\n\nMore.', 'const x = 1;\nlet y;'],
    ['```ts\nconst x = 1;\n```\n— src/a.ts:12', 'const x = 1;'],
    ['> const x = 1;\n\nFrom src/a.ts:12.', 'const x = 1;'],
    ['```ts\nconst x = 1;\n```\nThis is src/a.ts:12.', undefined],
    ['src/b.ts:1:\n```ts\nconst x = 1;\n```\nsrc/a.ts:12', 'const x = 1;', undefined],
    ['Compare src/a.ts:12 and src/b.ts:3:\n```\nconst x = 1;\n```', undefined, 'const x = 1;'],
  ];
  for (const [markdown, ...quotes] of cases)
    it(`${JSON.stringify(markdown)} quotes ${JSON.stringify(quotes)}`, () => {
      assert.deepEqual(
        findAnchors(markdown, files).map(m => m.quote),
        quotes,
      );
    });

  it('keeps the identifiers of a sentence without a quote', () => {
    const [mention] = findAnchors('src/a.ts:12 calls `first` and `second()`.', files);
    assert.deepEqual(mention?.named, ['first', 'second']);
  });
});
