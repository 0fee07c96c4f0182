import assert from 'node:assert/strict';
import { resolve } from 'node:path';

import { sortAttachments, workspacePath } from '../../../src/core/review/attachments.ts';
import { readTyped } from '../../../src/core/review/commands.ts';
import { composeAsk, type ComposeRequest } from '../../../src/core/review/compose.ts';
import type { Changes, readChanges } from '../../../src/core/workspace/gitChanges.ts';
import { LongviewError } from '../../../src/core/errors.ts';

const root = resolve('/work/app');
const one = [{ name: 'app', path: root }];
const changes: Changes = {
  base: 'main',
  mergeBase: 'abc1234567',
  diff: 'diff --git a/x b/x\n+new\n',
  cut: true,
  untracked: ['new.ts'],
  leftOut: ['secret.txt'],
};

const compose = (typed: string, more: Partial<ComposeRequest> = {}, found: typeof readChanges = readFound) =>
  composeAsk({ ...readTyped(typed), folders: one, trusted: true, ...more }, { readChanges: found });
const readFound = (): Promise<Changes> => Promise.resolve(changes);

describe('what is asked', () => {
  it('a plain question is sent as it is typed', async () => {
    const { question, attached, texts, fresh, notes } = await compose('  Where is $& handled? ');
    assert.equal(question, 'Where is $& handled?');
    assert.deepEqual([attached, texts, fresh, notes], [[], [], false, []]);
  });

  it('a command words it; what is typed stays as it was for titles', async () => {
    const { question, typed, command } = await compose('/where $& and {subject}');
    assert.match(question, /^Where in this workspace is this: \$& and \{subject\}\n/);
    assert.deepEqual([typed, command], ['/where $& and {subject}', 'where']);
  });

  it('attachments are named with their lines, and are the subject where nothing is written', async () => {
    const attachments = [
      { kind: 'file' as const, file: resolve(root, 'src/a.ts'), startLine: 3, endLine: 9 },
      { kind: 'folder' as const, folder: resolve(root, 'src/core') },
      { kind: 'text' as const, title: 'the log', text: 'it broke' },
    ];
    const asked = await compose('Why?', { attachments });
    assert.equal(asked.question, 'Why?\n\nThis is about: `src/a.ts:3-9`, `src/core/`, `the log`.');
    assert.deepEqual(asked.attached, [
      { path: 'src/a.ts', absolutePath: resolve(root, 'src/a.ts'), startLine: 3, endLine: 9 },
    ]);
    assert.deepEqual(asked.texts, [{ title: 'the log', text: 'it broke' }]);
    assert.match(
      (await compose('/explain', { attachments })).question,
      /^Explain how this works: `src\/a\.ts:3-9`/,
    );
    assert.match((await compose('', { attachments })).question, /^What is this/);
  });

  for (const typed of ['', '/where', '/impact', '/fresh'])
    it(`${JSON.stringify(typed)} alone is told what it needs`, () =>
      assert.rejects(compose(typed), { code: 'bad-usage' }));

  it('/audit and /explain need no subject; /fresh leaves the turns behind', async () => {
    assert.match((await compose('/audit')).question, /1\. correctness:/);
    assert.match((await compose('/audit the parser')).question, /above all this: the parser/);
    assert.match((await compose('/explain')).question, /new to it/);
    const fresh = await compose('/fresh Who?');
    assert.deepEqual([fresh.question, fresh.fresh, fresh.anew], ['Who?', true, true]);
  });

  it('/repack and /shorten repeat a question, or another command', async () => {
    const plain = await compose('/shorten Who?');
    assert.deepEqual([plain.question, plain.whenFull, plain.fresh], ['Who?', 'drop-oldest', false]);
    const again = await compose('/repack /diff main');
    assert.deepEqual(
      [again.command, again.texts.length, again.whenFull, again.fresh, again.anew],
      ['diff', 1, 'fresh-pack', true, false],
    );
  });

  it('/diff lets the changes travel as a text, and tells what they are', async () => {
    const asked: unknown[] = [];
    const found: typeof readChanges = (folder, options) => {
      asked.push([folder, options]);
      return readFound();
    };
    const { question, texts, notes } = await compose('/diff main', {}, found);
    assert.match(question, /^Review the changes/);
    assert.deepEqual(asked, [[root, { prefix: '', base: 'main' }]]);
    assert.equal(texts[0]?.title, 'diff against main (abc1234567)');
    assert.match(
      texts[0].text,
      /^New files .*: new\.ts\nChanged, and left out by the user: secret\.txt\ndiff --git/,
    );
    assert.deepEqual(notes, [
      '1 changed file since main (abc1234567), 1 new and untracked, 1 left out by .longviewignore.',
      'The diff against main is cut.',
    ]);
    assert.match((await compose('/diff is it thread safe?')).question, /^is it thread safe\?\nReview/);
  });

  it('/diff runs no git in a workspace that is not trusted', async () => {
    const never = () => assert.fail('git was run');
    await assert.rejects(compose('/diff', { trusted: false }, never), { code: 'untrusted' });
  });

  it('/diff over several folders leaves those without changes out, and fails where all are', async () => {
    const two = [...one, { name: 'lib', path: resolve('/work/lib') }];
    const nothing = new LongviewError('no-changes', 'Nothing.', 'Do.');
    const inApp: typeof readChanges = (folder, options) =>
      folder === root
        ? Promise.reject(nothing)
        : Promise.resolve({ ...changes, diff: String(options?.prefix) });
    const { texts } = await compose('/diff', { folders: two }, inApp);
    assert.equal(texts.length, 1);
    assert.match(texts[0]?.text ?? '', /lib\/$/);
    await assert.rejects(
      compose('/diff', { folders: two }, () => Promise.reject(nothing)),
      nothing,
    );
  });
});

describe('attachments', () => {
  const inside = resolve('/work/app/packages/core');
  const several = [...one, { name: 'core', path: inside }];
  const paths: [string, typeof one, string | undefined][] = [
    [resolve(root, 'a.ts'), one, 'a.ts'],
    [root, one, ''],
    ['src/a.ts', one, 'src/a.ts'],
    ['../secrets', one, undefined],
    ['src/../../x', one, undefined],
    ['..hidden/a', one, '..hidden/a'],
    [resolve('/work/apple/a.ts'), one, undefined],
    [resolve('/etc/passwd'), one, undefined],
    [resolve(inside, 'a.ts'), several, 'core/a.ts'],
    [resolve(root, 'a.ts'), several, 'app/a.ts'],
    ['a.ts', several, undefined],
  ];
  for (const [file, folders, expected] of paths)
    it(`${file} of ${folders.length} folders is ${expected}`, () =>
      assert.equal(workspacePath(file, folders), expected));

  it('says of each that is not taken why', () => {
    const { places, texts, notes } = sortAttachments(
      [
        { kind: 'file', file: '/etc/passwd' },
        { kind: 'folder', folder: '/etc' },
        { kind: 'text', title: 'a picture', text: '\0PNG' },
        { kind: 'text', title: 'a dump', text: 'x'.repeat(2_000_001) },
        { kind: 'unknown', title: 'image.png' },
      ],
      one,
    );
    assert.deepEqual([places, texts], [[], []]);
    assert.deepEqual(
      notes.map(note => /outside|no text|too long|cannot read/.exec(note)?.[0]),
      ['outside', 'outside', 'no text', 'too long', 'cannot read'],
    );
  });
});
