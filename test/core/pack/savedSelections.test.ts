import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { LongviewError } from '../../../src/core/errors.ts';
import { presets } from '../../../src/core/pack/presets.ts';
import {
  displayName,
  noSelections,
  parseSelections,
  readSelections,
  wishesWithin,
  withSelection,
} from '../../../src/core/pack/savedSelections.ts';
import { readShared, sharedSelections, writeShared } from '../../../src/core/pack/selectionsFile.ts';
import { wishNames, type Steering } from '../../../src/core/pack/steering.ts';

const badSettings = (text: RegExp) => (error: unknown) =>
  error instanceof LongviewError && error.code === 'bad-settings' && text.test(error.message);

describe('saved selections', () => {
  const file = {
    version: 1,
    selections: { Core: { preset: 'source', paths: { 'src/core': 'pin', media: 'exclude' } }, All: {} },
  };

  it('are a preset and wishes by name', () => {
    const { usable, unusable } = parseSelections(file, 'it');
    assert.deepEqual(usable.get('Core'), {
      name: 'Core',
      preset: 'source',
      wishes: new Map([
        ['src/core', 'pin'],
        ['media', 'exclude'],
      ]),
    });
    assert.equal(usable.get('All')?.preset, 'everything');
    assert.deepEqual(unusable, []);
  });

  it('of one of several folders say paths of the workspace', () => {
    const { usable } = parseSelections(
      { selections: { A: { paths: { '': 'exclude', src: 'pin' } } } },
      'it',
      'web/',
    );
    const wishes = usable.get('A')?.wishes ?? new Map<string, never>();
    assert.deepEqual(
      [...wishes],
      [
        ['web', 'exclude'],
        ['web/src', 'pin'],
      ],
    );
    assert.deepEqual(
      [...(wishesWithin(wishes, 'web/') ?? [])],
      [
        ['', 'exclude'],
        ['src', 'pin'],
      ],
    );
    assert.equal(wishesWithin(new Map([['api/x', 'pin']]), 'web/'), undefined);
  });

  const hostile: [what: string, text: string, message: RegExp][] = [
    ['torn', '{"version": 1, "selections": {"A": {"pre', /holds no selections: /],
    ['empty', '', /holds no selections: /],
    ['a list', '[]', /it is no JSON object/],
    ['null', 'null', /it is no JSON object/],
    ['a list of selections', '{"selections": []}', /"selections" is no object/],
    ['of no version', '{"version": "one"}', /its version is "one"/],
    [
      'newer',
      '{"version": 2, "selections": {}}',
      /written by a newer Longview \(version 2; this one reads 1\)/,
    ],
  ];
  for (const [what, text, message] of hostile)
    it(`a file that is ${what} is refused, and says why`, () => {
      assert.throws(() => readSelections(text, '.longview/selections.json'), badSettings(message));
    });

  const entries: [string, unknown, RegExp][] = [
    ['Up', { paths: { '../secrets': 'pin' } }, /"\.\.\/secrets" is not a path inside the workspace/],
    ['Root', { paths: { '/etc': 'pin' } }, /not a path inside the workspace/],
    ['Wish', { paths: { a: 'send' } }, /has "send"/],
    ['Future', { preset: 'recent' }, /the preset "recent" is none of everything, source/],
    ['Text', 'docs', /it is no object/],
    ['   ', {}, /it has no name/],
    ['Core\u202e ', {}, /another one has this name/],
  ];
  it('an entry that cannot be used is told apart from those that can, and kept', () => {
    const whole = {
      ...file,
      selections: { ...file.selections, ...Object.fromEntries(entries) },
      owner: 'us',
    };
    const parsed = parseSelections(whole, 'it');
    assert.deepEqual([...parsed.usable.keys()], ['Core', 'All']);
    entries.forEach(([, , message], i) => assert.match(parsed.unusable[i]?.why ?? '', message));
    const written = withSelection(parsed, 'New', { preset: 'docs', wishes: new Map() });
    assert.deepEqual(written, {
      ...whole,
      selections: { ...whole.selections, New: { preset: 'docs', paths: {} } },
    });
  });

  it('writing one keeps what others, and later versions, have put beside it', () => {
    const text =
      '{"note":"ours","selections":{"A":{"preset":"docs","colour":"red"},"__proto__":{"preset":"tests"}}}';
    const parsed = readSelections(text, 'it');
    assert.equal(parsed.usable.get('__proto__')?.preset, 'tests');
    const next = withSelection(parsed, 'A', { preset: 'source', wishes: new Map([['b', 'pin']]) });
    assert.equal(
      JSON.stringify(next),
      '{"note":"ours","selections":{"A":{"preset":"source","colour":"red","paths":{"b":"pin"}},"__proto__":{"preset":"tests"}},"version":1}',
    );
    const gone = withSelection(parseSelections(next, 'it'), '__proto__', undefined);
    assert.deepEqual([...parseSelections(gone, 'it').usable.keys()], ['A']);
  });

  it('a name is shown on one line, and forges no icon and no direction', () => {
    assert.equal(displayName(' a\n\tb\u202e\u0007 $(trash)c '), 'a b $ (trash)c');
    assert.equal([...displayName('x'.repeat(500))].length, 60);
  });

  const wishes = fc
    .uniqueArray(
      fc.tuple(fc.stringMatching(/^[a-z_]{1,9}(\/[a-z_]{1,9}){0,2}$/), fc.constantFrom(...wishNames)),
      {
        selector: ([path]) => path,
        maxLength: 6,
      },
    )
    .map((found): Steering => new Map(found));
  const selection = fc.record({ preset: fc.constantFrom(...presets.map(p => p.id)), wishes });

  it('law: what is saved is read again, whatever was there before, and the rest stays', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ minLength: 1 }), selection, (other, name, one) => {
        fc.pre(displayName(name) !== '' && name !== 'other');
        const raw = { other, selections: { other } };
        const written = withSelection({ ...noSelections, raw }, name, one);
        const read = readSelections(JSON.stringify(written), 'it');
        const { wishes: again, preset } = read.usable.get(name) ?? {};
        assert.equal(preset, one.preset);
        assert.deepEqual(new Map([...(again ?? [])].sort()), new Map([...one.wishes].sort()));
        const without = withSelection(read, name, undefined);
        assert.deepEqual(
          JSON.parse(JSON.stringify(without)),
          JSON.parse(JSON.stringify({ ...raw, version: 1 })),
        );
      }),
    );
  });

  it('law: no text makes it throw anything but what a user can read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        try {
          readSelections(text, 'it');
        } catch (error) {
          assert.ok(error instanceof LongviewError, String(error));
        }
      }),
    );
  });
});

describe('.longview/selections.json', () => {
  let folder: string;
  const path = (name: string) => join(folder, name);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-selections-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const docs = { preset: 'docs', wishes: new Map() } as const;

  it('is made with the first selection, as a file that everybody may read, and leaves nothing beside it', async () => {
    assert.deepEqual(await readShared(folder), noSelections);
    await writeShared(folder, 'Prose', docs);
    await writeShared(folder, 'More', { preset: 'tests', wishes: new Map([['src', 'pin']]) });
    assert.deepEqual([...(await readShared(folder)).usable.keys()], ['Prose', 'More']);
    assert.deepEqual(await readdir(path('.longview')), ['selections.json']);
    if (process.platform !== 'win32') assert.equal((await stat(path(sharedSelections))).mode & 0o777, 0o644);
    await writeShared(folder, 'Prose', undefined);
    assert.deepEqual([...(await readShared(folder)).usable.keys()], ['More']);
  });

  for (const text of ['{"version":1,"selections":{"A":', '{"version":3,"selections":{"A":{}}}'])
    it(`is not written over where it says ${text}`, async () => {
      await mkdir(path('.longview'));
      await writeFile(path(sharedSelections), text);
      await assert.rejects(writeShared(folder, 'B', docs), badSettings(/selections/));
      assert.equal(await readFile(path(sharedSelections), 'utf8'), text);
    });

  it('is not followed out of the workspace, by a link or by a folder that is one', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'longview-outside-'));
    try {
      await writeFile(join(outside, 'selections.json'), '{"selections":{"A":{}}}');
      await symlink(outside, path('.longview'));
      await assert.rejects(readShared(folder), badSettings(/\.longview is no folder of its own/));
      await assert.rejects(writeShared(folder, 'B', docs), badSettings(/no folder/));
      await rm(path('.longview'));
      await mkdir(path('.longview'));
      await symlink(join(outside, 'selections.json'), path(sharedSelections));
      await assert.rejects(writeShared(folder, 'B', docs), badSettings(/is no file of its own/));
      assert.equal(await readFile(join(outside, 'selections.json'), 'utf8'), '{"selections":{"A":{}}}');
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  it('is not read where it is a file too large to be one', async () => {
    await mkdir(path('.longview'));
    await writeFile(path(sharedSelections), `{"x":"${'y'.repeat(1_000_001)}"}`);
    await assert.rejects(readShared(folder), badSettings(/is larger than/));
  });
});
