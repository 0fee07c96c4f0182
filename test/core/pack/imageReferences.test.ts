import assert from 'node:assert/strict';

import fc from 'fast-check';

import { imageReferences } from '../../../src/core/pack/imageReferences.ts';
import { referredPaths } from '../../../src/core/pack/imagePaths.ts';

const local = (text: string) => imageReferences(text).local;

describe('imageReferences', () => {
  const cases: readonly (readonly [name: string, text: string, found: readonly string[]])[] = [
    ['inline', '![a](docs/a.png) and ![](b.jpg "title")', ['docs/a.png', 'b.jpg']],
    ['inside a link', '[![badge](a.png)](https://x.org)', ['a.png']],
    ['with spaces', '![a](<my docs/a b.png>)', ['my docs/a b.png']],
    ['with parentheses', '![a](a(1).png) ![b](b\\(2\\).png)', ['a(1).png', 'b(2).png']],
    ['over two lines', '![a](\n  a.png\n  "t")', ['a.png']],
    ['alt text with brackets', '![see [1]](a.png)', ['a.png']],
    ['by reference', '![a][One]\n\n[one]: docs/one.png "t"', ['docs/one.png']],
    ['collapsed and shortcut', '![Two][] ![two]\n\n[TWO]: <t w o.png>', ['t w o.png']],
    ['the first definition counts', '![a][x]\n\n[x]: 1.png\n[x]: 2.png', ['1.png']],
    [
      'HTML',
      '<p><img width="9" src="a.png"></p><IMG SRC=\'b.png\' /><img src=c.png>',
      ['a.png', 'b.png', 'c.png'],
    ],
    ['HTML over lines', '<img\n  alt="x"\n  src="a.png"\n/>', ['a.png']],
    ['entities', '![a](a&amp;b.png) <img src="c&amp;d.png">', ['a&b.png', 'c&d.png']],
    ['each once', '![a](a.png) ![a](a.png)', ['a.png']],
    ['CRLF', '![a](a.png)\r\n![b][r]\r\n\r\n[r]: b.png\r\n', ['a.png', 'b.png']],
    ['not a link', '[a](a.png)', []],
    ['not escaped', '\\![a](a.png) !\\[b](b.png)', []],
    ['not in code', '`![a](a.png)` ``x ` ![b](b.png)`` ![c](c.png)', ['c.png']],
    ['not in fences', '```md\n![a](a.png)\n```\n~~~\n![b](b.png)\n```\n~~~\n![c](c.png)', ['c.png']],
    ['not in comments', '<!-- ![a](a.png) <img src="b.png"> --> ![c](c.png)', ['c.png']],
    ['a lone backtick is no code', 'a ` b\n\n![a](a.png)\n\nc ` d', ['a.png']],
    ['no definition', '![a][nowhere]', []],
    ['other tags', '<image src="a.png"><imgx src="b.png"><script src="c.png">', []],
  ];
  for (const [name, text, found] of cases) it(name, () => assert.deepEqual(local(text), found));

  it('counts what lies elsewhere, and never gives it', () => {
    const text =
      '![a](https://x.org/a.png) ![b](//x.org/b.png) ![c](data:image/png;base64,AAAA) ![d](file:///etc/d.png) <img src="HTTP://x/e.png"> ![f](C:/f.png) ![g](<\\\\\\\\host\\g.png>)';
    assert.deepEqual(imageReferences(text), { local: [], remote: 7, more: 0, cut: false });
  });

  it('looks at 500 places of a file, and counts the rest', () => {
    const text = Array.from({ length: 5000 }, (_, i) => `![x](img/${i}.png)`).join('\n');
    const { local, more } = imageReferences(text);
    assert.deepEqual([local.length, more], [500, 4500]);
  });

  it('law: no text makes it throw, and every place stands in the text', () => {
    const piece = fc.constantFrom(
      ...[
        '![',
        '](',
        ')',
        '[',
        ']',
        '<',
        '>',
        '`',
        '```',
        '~~~',
        '\n',
        '\\',
        '<img ',
        'src=',
        '"',
        "'",
        '<!--',
        '-->',
      ],
      ...['a.png', ']: ', ' ', '(', '!', '[a]', '\0', '\u2028', '😀', '=', '/', '\r'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), pieces => {
        const text = pieces.join('');
        for (const place of local(text)) {
          const plain = text.replace(/\r\n?/g, '\n').replace(/\\/g, '');
          assert.ok(plain.includes(place.replace(/\\/g, '')), JSON.stringify([text, place]));
        }
      }),
      { numRuns: 3000 },
    );
  });

  // Nothing here is timed: what is not linear does not end within mocha's patience.
  for (const unit of [
    '![',
    '](',
    '![](',
    '![](\\(',
    '![](<',
    '![a][',
    '<img ',
    '<img a="',
    '<img src=',
    '` ',
    '`` `',
    '[',
    '!['.repeat(2) + ']',
    '<!--',
    '[a]:',
    ' ',
    '\n[',
    '![a](b',
    '![]()',
  ])
    it(`is linear in a megabyte of ${JSON.stringify(unit)}`, function () {
      this.timeout(20_000);
      imageReferences(unit.repeat(Math.ceil(1_000_000 / unit.length)));
      imageReferences(`![a](${unit.repeat(Math.ceil(1_000_000 / unit.length))}`);
    });
});

describe('referredPaths', () => {
  const one = referredPaths({ folders: [{ name: 'w', path: '/work/w' }] });
  const path = (markdown: string, place: string, resolve = one) => {
    const led = resolve(markdown, place);
    return led.kind === 'path' ? led.path : led.kind;
  };

  it('starts where the Markdown file lies, or at the top', () => {
    assert.equal(path('docs/a.md', 'i/x.png'), 'docs/i/x.png');
    assert.equal(path('docs/a.md', './i/../x.png'), 'docs/x.png');
    assert.equal(path('docs/deep/a.md', '../../x.png'), 'x.png');
    assert.equal(path('docs/a.md', '/img/x.png'), 'img/x.png');
    assert.deepEqual(one('docs/a.md', 'x.png'), {
      kind: 'path',
      path: 'docs/x.png',
      absolutePath: '/work/w/docs/x.png',
    });
  });

  it('decodes, and leaves what only looks encoded', () => {
    assert.equal(path('a.md', 'my%20docs/%C3%A4.png?raw=true#gh-dark'), 'my docs/ä.png');
    assert.equal(path('a.md', '100%.png'), '100%.png');
    assert.equal(path('a.md', '%E0%A4%A.png'), '%E0%A4%A.png');
    assert.equal(path('a.md', 'new%0Aline.png'), 'new\nline.png');
  });

  it('never leads out', () => {
    for (const place of [
      '../../etc/x.png',
      '../x.png',
      '%2e%2e/x.png',
      'a/../../x.png',
      '/../x.png',
      'x%00.png',
    ])
      assert.equal(path('a.md', place), 'outside', place);
    for (const place of ['', '.', '/', '?x', '#x']) assert.equal(path('a.md', place), 'outside', place);
  });

  it('law: whatever is written, the path is below the folder', () => {
    const step = fc.constantFrom('..', '.', '', 'a', '%2e%2e', '%2f', '..%2f', '\\..', '\n', '~', 'x.png');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.array(step, { maxLength: 8 }), (folders, steps) => {
        const markdown = [...folders.filter(f => /^\w+$/.test(f)), 'a.md'].join('/');
        const led = one(markdown, steps.join('/'));
        if (led.kind === 'outside') return;
        assert.ok(led.absolutePath.startsWith('/work/w/'));
        assert.ok(!led.path.split('/').includes('..') && !led.path.startsWith('/'));
      }),
    );
  });

  it('several folders: each keeps to itself, and one inside another owns its files', () => {
    const resolve = referredPaths({
      folders: [
        { name: 'outer', path: '/work/outer' },
        { name: 'inner', path: '/work/outer/packages/inner' },
        { name: 'other', path: '/work/other' },
      ],
    });
    assert.equal(path('outer/README.md', 'img/x.png', resolve), 'outer/img/x.png');
    assert.equal(path('outer/README.md', 'packages/inner/x.png', resolve), 'inner/x.png');
    assert.equal(path('outer/README.md', '../other/x.png', resolve), 'outside');
    assert.equal(path('inner/README.md', '../x.png', resolve), 'outside');
  });
});
