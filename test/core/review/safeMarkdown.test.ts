import assert from 'node:assert/strict';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { marked } from 'marked';

import { createSafeMarkdown, safeMarkdown } from '../../../src/core/review/safeMarkdown.ts';

const markdownIt = new MarkdownIt({ html: true, linkify: true });
// The real ones refuse some schemes of their own; we must not depend on it.
markdownIt.validateLink = () => true;

/** As VS Code's preview renders (markdown-it), and as its Chat does (marked). */
const renderers: Record<string, (text: string) => string> = {
  'markdown-it': text => markdownIt.render(text),
  marked: text => marked.parse(text, { async: false, gfm: true }),
};

/** Everything that must not be in the HTML of an answer. */
function forbidden(html: string): string[] {
  const tags = [...html.matchAll(/<\/?([a-zA-Z!?][\w-]*)([^>]*)>/g)];
  const harmless =
    /^(?:p|h[1-6]|em|strong|code|pre|ul|ol|li|blockquote|hr|br|a|del|s|table|thead|tbody|tr|td|th|input)$/;
  const found = tags.filter(([, name = '']) => !harmless.test(name)).map(([tag]) => tag);
  for (const [, , attributes = ''] of tags) {
    const target = /href="([^"]*)"/.exec(attributes)?.[1];
    if (target === undefined) continue;
    const plain = target.replaceAll('&amp;', '&').replaceAll('%5C', '\\');
    if (!/^(?:https?:\/\/|mailto:)/i.test(plain) && /^[^/?#]*:|^[/\\]{2}/.test(plain)) found.push(target);
  }
  return found;
}

function assertHarmless(safe: string, source: string): void {
  for (const [name, render] of Object.entries(renderers))
    assert.deepEqual(
      forbidden(render(safe)),
      [],
      `${name} of ${JSON.stringify(source)}: ${JSON.stringify(safe)}`,
    );
}

const attacks: [string, string][] = [
  ['an image', 'a ![x](http://e/i.png) b'],
  ['an image by reference', '![x][r]\n\n[r]: http://e/i.png'],
  ['HTML', '<img src="http://e/i.png"> <script>x()</script> <!-- -->'],
  ['a block of HTML', '<div>\n```\n<img src="http://e/i.png">\n```\n</div>'],
  ['a command link', '[run](command:workbench.action.terminal.new)'],
  ['a command link in angle brackets', '[run](<command:x>) [run]( command:x ) [run](\ncommand:x)'],
  [
    'a scheme in disguise',
    '[a](java&#115;cript:x) [a](com\\mand:x) [a](\u0001javascript:x) [a](JavaScript:x)',
  ],
  ['an autolink to a command', '<command:workbench.action.terminal.new>'],
  [
    'another editor link',
    '[a](vscode://x/y) [b](data:text/html,x) [c](file:///etc/passwd) [d](//host/share)',
  ],
  [
    'definitions that take over our links',
    '[src/a.ts:12]: http://e\n\n> [src/b.ts:1]: command:x\n- [c]: vscode:x',
  ],
  ['a definition over two lines', '[src/a\nb]: command:x'],
  ['a definition with a back-tick', '[foo`]: command:x\\`\n\n[foo`]'],
  ['back-ticks that pair over lines', 'a ` b\nc ` ![x](http://e/i.png) ` d'],
  ['an escaped back-tick', 'a \\` b ` ![x](http://e/i.png) ` c \\`` <img src=x> `` '],
  ['a fence that ends with its quote', '> ```\n![x](http://e/i.png)\n'],
  ['a fence that ends with its list', '1. a\n   ```\n![x](http://e/i.png)\n   ```\n'],
  ['a fence that is none, being in a paragraph', 'text\n    ```\n    ![x](http://e/i.png)\n    ```\n'],
  ['a fence that only marked closes', '```\n```~\n![x](http://e/i.png)\n'],
  ['a fence that only CommonMark closes', '```\n```\t\n```\n![x](http://e/i.png)\n'],
  [
    'a fence closed to the left of its opening',
    '1. a\n   ```\nx\n```\n![x](http://e/i.png)\n\n```\n![y](http://e)\n',
  ],
  ['line ends of an old Macintosh', 'a\r```\r![x](http://e/i.png)\r```\r![x](http://e/i.png)'],
  ['an image in a link', '[![x](http://e/i.png)](http://e)'],
  ['an image in a link target', 'a](https://x![i](http://evil/i.png))'],
  ['a back-tick in an address', 'http://a` ![x](http://e/i.png) ` and www.a.b` <img src=x> `'],
  ['struck-out text', '~a ` b~ ` c ` ![i](http://e) ` ~~~```<a href="command:x">```'],
  ['emphasis', '*a `` b* `` c ` ![i](http://e) ` and `` <img src=x> `` d'],
  ['a table', '| a |\n|---|\n| ` ![x](http://e) | ` |\n'],
];

const kept: [string, string][] = [
  ['a fence', '```ts\nconst a: Map<string, T> = [x](y); // ![i](http://e) <img>\n```\n'],
  ['a tilde fence with back-ticks', '~~~md\n```\n![i](http://e)\n~~~\n'],
  ['a fence in a list', '1. See:\n   ```ts\n   const a = <T,>(x: T) => x;\n   ```\n'],
  ['code spans', 'Use `Array<string>`, `![x](y)`, `arr[i]: T` and ``a ` b``.\n'],
  ['links and emphasis', '*a* **b** [c](https://example.com/a?b=c&d) [d](src/a.ts) [e](#top)\n'],
  ['lists and tables', '- [ ] `a<T>`\n- [x] b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n'],
  ['comparisons', 'a < b, 3<4, x <= y, a -> b, wow! [really]\n'],
];

describe('safeMarkdown', () => {
  for (const [name, text] of attacks) {
    it(`disarms ${name}`, () => assertHarmless(safeMarkdown(text), text));
  }

  for (const [name, text] of kept) {
    it(`leaves ${name} as it is`, () => assert.equal(safeMarkdown(text), text));
  }

  it('the oracle sees what it must see', () => {
    for (const [name, text] of attacks.slice(0, 5)) {
      const seen = Object.values(renderers).flatMap(render => forbidden(render(text)));
      assert.notDeepEqual(seen, [], name);
    }
  });

  it('shows formulas as text', () => {
    assert.equal(safeMarkdown('It costs $5, not $$x$$.'), 'It costs \\$5, not \\$\\$x\\$\\$.');
  });

  it('what stands before a link of ours cannot change it', () => {
    for (const before of ['wow!', 'see [a]', 'back\\', 'an even\\\\', '`open', '  ', '- ', '!\\!']) {
      const safe = createSafeMarkdown();
      const text = `${safe.push(before)}${safe.interrupt()}[ours](src/a.ts) ${safe.push('(command:x)')}${safe.end()}`;
      assert.match(markdownIt.render(text), /<a href="src\/a\.ts">ours<\/a>|`open\[?/, text);
      assertHarmless(text, before);
    }
  });

  const piece = fc.constantFrom(
    ...[
      '`',
      '``',
      '```',
      '~~~',
      '\n',
      '\n\n',
      '\r',
      '\r\n',
      ' ',
      '   ',
      '    ',
      '\t',
      '>',
      '> ',
      '- ',
      '1. ',
      '10. ',
    ],
    ...[
      '!',
      '[',
      ']',
      '(',
      ')',
      ':',
      '\\',
      '<',
      '>',
      '$',
      '$$',
      '![x](http://e/i)',
      '<img src=x>',
      '<!--',
      '-->',
    ],
    ...[
      '[a]: command:x',
      '](command:x)',
      '[a](',
      'command:x',
      'javascript:x',
      '&#58;',
      '//h/s',
      'text',
      'a',
      '[a]',
      '#',
    ],
    ...[
      '```ts\n',
      '\n```\n',
      '|a|\n|-|\n',
      '<div>',
      '</div>',
      '<a href="command:x">',
      '\u2060',
      '[ ] ',
      ' http://e/',
      'www.e.com',
      'a@e.com',
      '~',
      '~~',
      '*',
      '_',
      '**',
    ],
  );
  const markdown = fc.array(piece, { maxLength: 40 }).map(pieces => pieces.join(''));

  it('law: nothing forbidden survives, whatever is written', () => {
    fc.assert(
      fc.property(markdown, text => assertHarmless(safeMarkdown(text), text)),
      { numRuns: 3000 },
    );
  });

  it('law: how it was cut does not matter, and what is shown on the way is harmless too', () => {
    fc.assert(
      fc.property(markdown, fc.array(fc.nat({ max: 30 }), { maxLength: 30 }), (text, cuts) => {
        const safe = createSafeMarkdown();
        let shown = '';
        let from = 0;
        for (const cut of cuts) {
          shown += safe.push(text.slice(from, from + cut));
          from += cut;
          assertHarmless(shown, text.slice(0, from));
        }
        shown += safe.push(text.slice(from)) + safe.end();
        assert.equal(shown, safeMarkdown(text));
      }),
      { numRuns: 1000 },
    );
  });
});
