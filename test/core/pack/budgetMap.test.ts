import assert from 'node:assert/strict';
import fc from 'fast-check';

import { parseMapRequest } from '../../../src/core/pack/budgetMap.ts';
import { escapeMarkup, jsonForScript, mapPage } from '../../../src/core/pack/mapPage.ts';

describe('what the budget map may ask for', () => {
  const good = [
    { kind: 'ready' },
    { kind: 'toggle', paths: ['a.ts'], include: false },
    { kind: 'open', path: 'a.ts' },
    { kind: 'what-if', limit: 131_072 },
  ];
  for (const message of good)
    it(`reads ${JSON.stringify(message)}`, () => assert.deepEqual(parseMapRequest(message), message));

  const bad: unknown[] = [
    undefined,
    null,
    'ready',
    [],
    { kind: 'run', command: 'x' },
    { kind: 'toggle', paths: 'a', include: true },
    { kind: 'toggle', paths: [1], include: true },
    { kind: 'toggle', paths: [] },
    { kind: 'open' },
    { kind: 'what-if', limit: -1 },
    { kind: 'what-if', limit: 1.5 },
    { kind: 'what-if', limit: '1e9' },
  ];
  for (const message of bad)
    it(`acts on nothing else: ${JSON.stringify(message)}`, () =>
      assert.equal(parseMapRequest(message), undefined));
});

describe('the page of the budget map', () => {
  it('carries any data without letting it out of its element', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        const given = { value, text: `${text}</script><!--<script>\u2028` };
        const shown = jsonForScript(given);
        assert.ok(!/[<>&\u2028\u2029]/.test(shown));
        assert.deepEqual(JSON.parse(shown), JSON.parse(JSON.stringify(given)));
      }),
    );
  });

  it('escapes what it is given as text', () => {
    const page = mapPage({ policy: "default-src 'none'", title: '<b>&"', style: '', script: '' });
    assert.ok(page.includes('<title>&#60;b&#62;&#38;&#34;</title>'));
    assert.ok(page.includes('content="default-src &#39;none&#39;"'));
    assert.equal(escapeMarkup('plain'), 'plain');
  });
});
