import assert from 'node:assert/strict';
import { createAnchorStream, findAnchors } from '../../../src/core/review/anchors.ts';
import { blindCases, normalised, notation } from './anchorsBlind.ts';

const cases = blindCases(new URL('./data/anchors_blind.txt', import.meta.url));

describe('mentions, from a corpus written before anybody looked at the reader', () => {
  for (const { name, files, markdown, expected } of cases)
    it(name, () => {
      const mentions = findAnchors(markdown, files);
      const told = mentions.map((mention, i) => notation(mention, markdown, expected[i]));
      assert.deepEqual(told, expected.map(normalised));
      for (const { offset, length } of mentions)
        assert.ok(length > 0 && offset >= 0 && offset + length <= markdown.length);
    });

  it('comes out the same, character by character', () => {
    for (const { name, files, markdown } of cases) {
      const stream = createAnchorStream(files);
      const parts = [...markdown].flatMap(c => stream.push(c)).concat(stream.end());
      assert.equal(parts.map(p => p.text).join(''), markdown, name);
      const mentions = parts.flatMap(p => (p.kind === 'anchor' ? [p.mention] : []));
      assert.deepEqual(mentions, findAnchors(markdown, files), name);
    }
  });
});
