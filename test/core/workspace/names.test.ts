import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodeName,
  encodeName,
  fsPath,
  hasInvalidBytes,
  isGitInternal,
} from '../../../src/core/workspace/names.ts';

describe('file names as bytes', () => {
  it('every byte sequence survives the way through a string and back (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        assert.deepEqual(encodeName(decodeName(Buffer.from(bytes))), Buffer.from(bytes));
      }),
    );
  });

  it('every well-formed string is its own name (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), name => {
        assert.equal(decodeName(Buffer.from(name)), name);
      }),
    );
  });

  const cases: [string, number[], string][] = [
    ['Latin-1', [0x63, 0x61, 0x66, 0xe9], 'caf\udce9'],
    ['a cut sequence', [0xe2, 0x82, 0x61], '\udce2\udc82a'],
    ['a CESU-8 surrogate', [0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
    ['an overlong slash', [0xc0, 0xaf], '\udcc0\udcaf'],
    ['beside an emoji', [0xf0, 0x9f, 0x98, 0x80, 0xff], '😀\udcff'],
  ];
  for (const [what, bytes, name] of cases) {
    it(`invalid bytes stand as lone surrogates: ${what}`, () => {
      assert.equal(decodeName(Buffer.from(bytes)), name);
      assert.ok(hasInvalidBytes(name));
    });
  }

  it('only a name that is no text reaches the file system as bytes', () => {
    assert.equal(fsPath('/a/😀'), '/a/😀');
    assert.deepEqual(fsPath('/a/\udcff'), Buffer.from([0x2f, 0x61, 0x2f, 0xff]));
  });

  it('git’s own folder, and what only looks like it', () => {
    for (const path of ['.git', '.git/config', 'a/.git/x']) assert.ok(isGitInternal(path), path);
    for (const path of ['.github/x', 'git/x', 'a.git/x', '.gitignore']) assert.ok(!isGitInternal(path), path);
  });
});
