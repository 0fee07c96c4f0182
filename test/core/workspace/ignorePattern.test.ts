import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import ignore from 'ignore';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { addIgnoreRules } from '../../../src/core/workspace/addIgnoreRules.ts';
import { ignorePattern, withIgnoreRules } from '../../../src/core/workspace/ignorePattern.ts';
import { judge, noRules, withRules } from '../../../src/core/workspace/ignoreRules.ts';
import { scratchFolder } from '../../run/workspace.ts';

/** Names as hostile as they can be in a path: what rules give a meaning to, and what readers trim. */
const character = fc.constantFrom(
  ...[
    'a',
    'b',
    'A',
    '.',
    '*',
    '?',
    '[',
    ']',
    '\\',
    '!',
    '#',
    '-',
    '^',
    ' ',
    '\t',
    '\r',
    'é',
    'à',
    '\u00a0',
    '😀',
    '{',
    '}',
    '$',
    '"',
    "'",
  ],
);
const name = fc
  .array(character, { minLength: 1, maxLength: 5 })
  .map(parts => parts.join(''))
  .filter(text => text !== '.' && text !== '..');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map(names => names.join('/'));

describe('rules for .longviewignore', () => {
  const ignores = (rule: string, candidate: string) =>
    judge(withRules(noRules, '', rule, '.longviewignore'), candidate).kind === 'ignored';

  it('escapes what has a meaning, anchors, and ends folders with a slash', () => {
    assert.equal(ignorePattern('src/a.ts', false), '/src/a.ts');
    assert.equal(ignorePattern('src', true), '/src/');
    assert.equal(ignorePattern('a*b/[x]?.ts', false), '/a\\*b/\\[x\\]\\?.ts');
    assert.equal(ignorePattern('#a', false), '/#a');
    assert.equal(ignorePattern('two\nlines', false), undefined);
  });

  it('law: a rule matches its own path and no other, as Longview reads it', () => {
    fc.assert(
      fc.property(path, path, (own, other) => {
        const rule = ignorePattern(own, false) ?? '';
        assert.ok(ignores(rule, own), `${rule} for ${JSON.stringify(own)}`);
        const isBelow = other === own || other.startsWith(`${own}/`);
        assert.equal(ignores(rule, other), isBelow, `${rule} for ${JSON.stringify(other)}`);
        assert.ok(!ignores(rule, `x/${own}`), 'it is anchored');
        const folder = ignorePattern(own, true) ?? '';
        assert.ok(ignores(folder, `${own}/x`) && !ignores(folder, own));
      }),
      { numRuns: 500 },
    );
  });

  it('law: the ignore library, unhelped, reads plain rules the same', () => {
    // Bytes beyond ASCII, and white space at an end, are what Longview's reader adds.
    const plain = path.filter(text => /^[!-~/]*$/.test(text));
    fc.assert(
      fc.property(plain, plain, (own, other) => {
        const rules = ignore({ ignorecase: false }).add(ignorePattern(own, false) ?? '');
        assert.ok(rules.ignores(own), own);
        assert.equal(rules.ignores(other), other === own || other.startsWith(`${own}/`));
      }),
    );
  });

  it('law: git reads each of them as one path, too', () => {
    const folder = join(scratchFolder(), 'git');
    mkdirSync(folder, { recursive: true });
    execFileSync('git', ['init', '--quiet', folder]);
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 2, maxLength: 20 }), paths => {
        const [own, ...others] = paths as [string, ...string[]];
        writeFileSync(join(folder, '.gitignore'), `${ignorePattern(own, false)}\n`);
        const asked = [own, ...others];
        const { stdout, status, stderr } = spawnSync(
          'git',
          ['-C', folder, 'check-ignore', '--no-index', '-z', '--stdin'],
          { input: asked.join('\0') + '\0', encoding: 'utf8' },
        );
        assert.ok(status === 0 || status === 1, stderr);
        const matched = stdout.split('\0').filter(text => text !== '');
        assert.deepEqual(
          matched.sort(),
          asked.filter(p => p === own || p.startsWith(`${own}/`)).sort(),
          ignorePattern(own, false),
        );
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);

  it('adds to the end once, in the file’s own line ends', () => {
    assert.deepEqual(withIgnoreRules('', ['/a']), { text: '/a\n', line: 1, added: 1 });
    assert.deepEqual(withIgnoreRules('x\r\ny', ['/a', '/b']), {
      text: 'x\r\ny\r\n/a\r\n/b\r\n',
      line: 3,
      added: 2,
    });
    assert.deepEqual(withIgnoreRules('x\n/a\n', ['/a']), { text: 'x\n/a\n', line: 2, added: 0 });
    assert.deepEqual(withIgnoreRules('# note\n\n', ['/a']).text, '# note\n\n/a\n');
    // What is there stays as it is, also with line ends of both kinds.
    assert.deepEqual(withIgnoreRules('a\nb\r\nc\n', ['/d']).text, 'a\nb\r\nc\n/d\r\n');
  });

  it('writes the file as a whole, and keeps its mode and what it cannot read', async () => {
    const folder = join(scratchFolder(), 'write');
    mkdirSync(folder);
    const file = join(folder, '.longviewignore');
    assert.deepEqual(await addIgnoreRules(folder, [{ path: 'b*', isFolder: false }]), {
      file,
      line: 1,
      added: 1,
    });
    writeFileSync(file, Buffer.from([0xe4, 0x0a]));
    chmodSync(file, 0o640);
    const made = await addIgnoreRules(folder, [
      { path: 'ä', isFolder: true },
      { path: 'raw\udcff', isFolder: false },
    ]);
    assert.deepEqual(made, { file, line: 2, added: 2 });
    const expected = [Buffer.from([0xe4, 0x0a]), Buffer.from('/ä/\n/raw'), Buffer.from([0xff, 0x0a])];
    assert.deepEqual(readFileSync(file), Buffer.concat(expected));
    assert.equal(statSync(file).mode & 0o777, 0o640);
  });

  it('follows no link and names the way out where it cannot write', async () => {
    const folder = join(scratchFolder(), 'refuse');
    mkdirSync(folder);
    const outside = join(scratchFolder(), 'outside');
    writeFileSync(outside, 'mine\n');
    symlinkSync(outside, join(folder, '.longviewignore'));
    const one = [{ path: 'a', isFolder: false }];
    await assert.rejects(addIgnoreRules(folder, one), { code: 'io', message: /no regular file/ });
    assert.equal(readFileSync(outside, 'utf8'), 'mine\n');
    rmSync(folder, { recursive: true });
    await assert.rejects(addIgnoreRules(folder, one), { code: 'io', remedy: /Exclude the file instead/ });
    await assert.rejects(addIgnoreRules(folder, [{ path: 'a\nb', isFolder: false }]), {
      remedy: 'Exclude it instead.',
    });
  });
});
