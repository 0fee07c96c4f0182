import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { planPack } from '../../../src/core/pack/plan.ts';
import { noSteering, steer, wishFor, type Steering } from '../../../src/core/pack/steering.ts';
import { describeWhy, rankOf, type Why, type WhyCase } from '../../../src/core/pack/whyFile.ts';
import type { SkipReason, SourceFile } from '../../../src/core/workspace/types.ts';
import { scratchFolder } from '../../run/workspace.ts';

function source(path: string, tokens = 100, more: Partial<SourceFile> = {}): SourceFile {
  const base = {
    path,
    absolutePath: `/w/${path}`,
    bytes: 4 * tokens,
    lines: 9,
    language: 'plaintext',
    hash: path,
  };
  return { ...base, tokens, ...more };
}

/** As the editor asks, of one file among some. */
function planned(
  file: SourceFile,
  room: number | null,
  steering: Steering = noSteering,
  outline?: number,
): Why {
  const inventory = { files: [source('other.ts', 60), file], leftOut: [] };
  const outlines = outline === undefined ? {} : { outlines: new Map([[file.path, outline]]) };
  const listed = new Map(inventory.files.map(f => [f.path, 5]));
  const plan = planPack(inventory, room, { steering, listed, ...outlines });
  const wish = wishFor(steering, file.path);
  const rank = rankOf(file.path, plan);
  const known = plan.files.find(f => f.path === file.path)!;
  return describeWhy({
    kind: 'planned',
    planned: known,
    source: file,
    ...(wish && { wish }),
    ...(rank && { rank }),
  });
}

const labels = ({ actions }: Why) => actions.map(a => a.label);

describe('why is this file not in the prompt?', () => {
  it('it is, in full', () => {
    const why = planned(source('a.ts'), null);
    assert.equal(why.answer, 'It is in the prompt, in full.');
    assert.deepEqual(why.facts, ['It takes 100 of its 100 tokens.']);
    assert.deepEqual(labels(why), ['Exclude', 'Show in the Files View']);
  });

  it('no room: with its rank, the signals behind it, and ways to give it room', () => {
    const why = planned(source('test/a.test.ts'), 64);
    assert.match(why.answer, /^It is not in the prompt: no room: it needs 100 tokens\.$/);
    assert.deepEqual(why.facts.slice(1), [
      '2nd of 2 files by value per token:',
      '× 0.35  test',
      '× 0.97  1 folder deep',
    ]);
    assert.deepEqual(labels(why), ['Pin', 'Select Another Endpoint', 'Exclude', 'Show in the Files View']);
  });

  it('only its path', () =>
    assert.match(planned(source('a.ts'), 70).answer, /^The prompt has its path only: no room/));

  it('signatures, for want of room or on a wish', () => {
    assert.match(
      planned(source('a.ts'), 90, noSteering, 20).answer,
      /^The prompt has its signatures only: no room/,
    );
    const wished = planned(source('a.ts'), null, steer(noSteering, ['a.ts'], 'outline'), 20);
    assert.equal(wished.answer, 'The prompt has its signatures only: outlined as you asked.');
    assert.ok(wished.facts.includes('You said outline of it.'));
    assert.ok(labels(wished).includes('Back to Automatic'));
    const byFolder = planned(source('src/a.ts'), null, steer(noSteering, ['src'], 'outline'), 20);
    assert.ok(byFolder.facts.includes('You said outline of src.'));
    assert.ok(!labels(byFolder).includes('Back to Automatic'));
  });

  it('shortened, with what all of it would take', () => {
    const data = source('a.csv', 1000, { shortened: { tokens: 40, reason: '9 of 99 lines' } });
    const why = planned(data, null);
    assert.match(
      why.answer,
      /^It is in the prompt, shortened: data: 9 of 99 lines; all of it would take 1000 tokens\.$/,
    );
    const [whole] = why.actions;
    assert.deepEqual(whole, { kind: 'say', wish: 'full', label: 'Send Whole', detail: '960 tokens more' });
  });

  it('counted as the editor shows it; read in a guessed encoding', () => {
    const why = planned(source('a.ts', 100, { content: 'x', note: 'read as Windows-1252' }), null);
    assert.match(why.facts.join('\n'), /changes that are not saved/);
    assert.ok(why.facts.includes('read as Windows-1252'));
  });

  it('excluded, itself or with a folder', () => {
    const file = source('src/a.ts');
    const own = describeWhy({ kind: 'excluded', path: 'src/a.ts', of: 'src/a.ts', source: file });
    assert.equal(own.answer, 'It is not in the prompt: you excluded it.');
    const folder = describeWhy({ kind: 'excluded', path: 'src/a.ts', of: 'src', source: file });
    assert.equal(folder.answer, 'It is not in the prompt: you excluded src.');
    assert.deepEqual(folder.actions[0], {
      kind: 'say',
      wish: 'include',
      label: 'Include',
      detail: 'This file alone, of all in src',
    });
    assert.match(
      describeWhy({ kind: 'excluded', path: 'a', of: '', source: file }).answer,
      /the whole workspace/,
    );
  });

  it('left out by a rule, with the line it stands in', () => {
    const file = join(scratchFolder(), 'why', '.longviewignore');
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '# mine\n*.snap\n');
    const by = { kind: 'longviewignore', source: '.longviewignore', rule: '*.snap' } as const;
    const why = describeWhy({ kind: 'left-out', path: 'a.snap', by, file });
    assert.equal(why.answer, 'It is left out: .longviewignore says `*.snap`.');
    assert.deepEqual(why.actions[0], {
      kind: 'open-rule',
      file,
      line: 2,
      label: 'Open the Rule',
      detail: '.longviewignore, line 2',
    });
    const own = describeWhy({ kind: 'left-out', path: 'out.txt', by: { kind: 'own-output' } });
    assert.equal(own.answer, 'It is left out: written by Longview itself.');
  });

  it('ignored by a rule of git’s, with where that stands', () => {
    const why = describeWhy({
      kind: 'ignored',
      path: 'a.log',
      by: { file: '/w/.gitignore', line: 3, rule: '*.log' },
    });
    assert.match(why.answer, /ignored by the rule \*\.log$/);
    assert.deepEqual(why.facts, ['The rule stands in /w/.gitignore, line 3.']);
    assert.equal(why.actions[0]?.kind, 'open-rule');
  });

  const reasons: [SkipReason, RegExp, string[]][] = [
    [{ kind: 'binary' }, /binary content/, []],
    [{ kind: 'too-large', bytes: 9, limitBytes: 8 }, /larger than the limit/, ['open-setting']],
    [{ kind: 'unreadable', detail: 'EACCES' }, /could not be read: EACCES/, ['count-again']],
    [{ kind: 'undecodable' }, /not valid text/, []],
    [{ kind: 'symlink', target: 'x' }, /symbolic link to x/, []],
    [{ kind: 'not-a-file', what: 'FIFO' }, /a FIFO/, []],
    [{ kind: 'not-checked-out', what: 'submodule' }, /submodule/, ['count-again']],
    [{ kind: 'vanished' }, /no longer on disk/, ['count-again']],
  ];
  for (const [reason, text, actions] of reasons) {
    it(`skipped: ${reason.kind}`, () => {
      const why = describeWhy({ kind: 'skipped', path: 'a', skip: { path: 'a', reason } });
      assert.match(why.answer, /^It is skipped: /);
      assert.match(why.answer, text);
      assert.deepEqual(
        why.actions.map(a => a.kind),
        [...actions, 'reveal'],
      );
    });
  }

  it('skipped with a folder above it', () => {
    const skip = { path: 'lib', reason: { kind: 'symlink', target: '/elsewhere' } } as const;
    assert.match(
      describeWhy({ kind: 'skipped', path: 'lib/a.ts', skip }).answer,
      /^It is skipped with lib: symbolic link/,
    );
  });

  const others: [WhyCase, RegExp, string[]][] = [
    [{ kind: 'outside', path: '/tmp/x' }, /outside of the workspace/, ['add-folder']],
    [{ kind: 'no-file', name: 'Untitled-1' }, /^Untitled-1 is no file/, ['save']],
    [{ kind: 'gone', path: 'a' }, /no such file/, ['count-again']],
    [{ kind: 'not-listed', path: 'a' }, /not seen it yet/, ['count-again']],
    [{ kind: 'git-internal', path: '.git/HEAD' }, /git’s own file/, []],
    [{ kind: 'not-counted', why: 'Counting.' }, /^Counting\.$/, ['count-again']],
  ];
  for (const [known, answer, actions] of others) {
    it(known.kind, () => {
      const why = describeWhy(known);
      assert.match(why.answer, answer);
      assert.deepEqual(
        why.actions.map(a => a.kind),
        actions,
      );
    });
  }
});
