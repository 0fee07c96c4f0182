import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { LongviewError } from '../../../src/core/errors.ts';
import { listFiles, type ListOptions, uniqueNames } from '../../../src/core/workspace/listFiles.ts';
import { encodeName, fsPath } from '../../../src/core/workspace/names.ts';
import { describeLeftOut } from '../../../src/core/workspace/types.ts';
import { pathsOf, realGit, type Sandbox, sandbox } from './sandbox.ts';

describe('listing a workspace', function () {
  this.timeout(20_000);
  let box: Sandbox;
  beforeEach(() => (box = sandbox()));
  afterEach(() => box.remove());

  const list = (folders: string[] = ['repo'], options: Partial<ListOptions> = {}) =>
    listFiles(
      folders.map(folder => ({ name: folder.split('/').at(-1) ?? '', path: box.at(folder) })),
      { trusted: true, ...options },
      { env: box.env },
    );

  it('is sorted by code units, whatever git’s order', async () => {
    box.repository('repo', { 'b.ts': '', 'a/z.ts': '', 'a.ts': '', 'A.ts': '' });
    for (const path of ['\u{1f600}.ts', '\uff5e.ts', 'a-b.ts']) box.write(`repo/${path}`);
    const { files } = await list();
    const paths = files.map(({ path }) => path);
    assert.deepEqual(paths, [...paths].sort());
    assert.deepEqual(paths, ['A.ts', 'a-b.ts', 'a.ts', 'a/z.ts', 'b.ts', '\u{1f600}.ts', '\uff5e.ts']);
  });

  it('git never runs in an untrusted workspace; the walk serves and says so', async () => {
    box.repository('repo', { 'a.ts': 'a\n', '.gitignore': '*.o\n' });
    box.write('repo/x.o');
    const git = box.script('bin/git', `touch '${box.at('ran')}'; exec ${realGit()} "$@"`);
    const folders = [{ name: 'repo', path: box.at('repo') }];
    const untrusted = await listFiles(folders, { trusted: false }, { env: box.env, git });
    assert.throws(() => readFileSync(box.at('ran')), { code: 'ENOENT' });
    assert.deepEqual(pathsOf(untrusted.files), ['.gitignore', 'a.ts']);
    assert.deepEqual(untrusted.listedBy, ['walk']);
    assert.deepEqual(untrusted.notes, [{ path: '', why: 'untrusted', detail: '' }]);
    await listFiles(folders, { trusted: true }, { env: box.env, git });
    readFileSync(box.at('ran'));
  });

  for (const [what, spoil] of [
    ['no repository', (box: Sandbox) => rmSync(box.at('repo/.git'), { recursive: true })],
    ['a corrupt index', (box: Sandbox) => box.write('repo/.git/index', 'nonsense')],
  ] as const) {
    it(`the walk serves where git cannot: ${what}`, async () => {
      box.repository('repo', { 'a.ts': 'a\n', '.gitignore': '*.o\n' });
      box.write('repo/x.o');
      spoil(box);
      const { files, listedBy, notes } = await list();
      assert.deepEqual(pathsOf(files), ['.gitignore', 'a.ts']);
      assert.deepEqual([listedBy, notes.length], [['walk'], 1]);
    });
  }

  it('an empty folder, and an empty repository', async () => {
    mkdirSync(box.at('plain'));
    box.repository('repo', {});
    for (const folder of ['plain', 'repo']) {
      const { files, skips } = await list([folder]);
      assert.deepEqual([files, skips], [[], []]);
    }
  });

  for (const [what, folder] of [
    ['gone', 'nowhere'],
    ['a file', 'file'],
  ] as const) {
    it(`a folder that is ${what} is an error with a remedy`, async () => {
      box.write('file');
      await assert.rejects(list([folder]), (error: unknown) => {
        assert.ok(error instanceof LongviewError);
        assert.equal(error.code, 'workspace-gone');
        return true;
      });
    });
  }

  describe('.longviewignore', () => {
    for (const trusted of [true, false]) {
      it(`is nested, and leaves out with its reason (${trusted ? 'git' : 'walk'})`, async () => {
        box.repository('repo', {
          'a.ts': '',
          'data/a.csv': '',
          'data/keep.csv': '',
          'gen/x/y.ts': '',
          'sub/b.snap': '',
        });
        box.write('repo/.longviewignore', '# noise\n*.csv\n/gen/\n');
        box.write('repo/data/.longviewignore', '!keep.csv\n');
        box.write('repo/sub/.longviewignore', '*.snap\n');
        const { files, leftOut } = await list(['repo'], { trusted });
        assert.deepEqual(pathsOf(files), [
          '.longviewignore',
          'a.ts',
          'data/.longviewignore',
          'data/keep.csv',
          'sub/.longviewignore',
        ]);
        assert.deepEqual(
          leftOut.map(({ path, leftOutBy }) => [path, leftOutBy]),
          [
            ['data/a.csv', { kind: 'longviewignore', source: '.longviewignore', rule: '*.csv' }],
            ['gen/x/y.ts', { kind: 'longviewignore', source: '.longviewignore', rule: '/gen/' }],
            ['sub/b.snap', { kind: 'longviewignore', source: 'sub/.longviewignore', rule: '*.snap' }],
          ],
        );
        assert.equal(leftOut[0] && describeLeftOut(leftOut[0].leftOutBy), '.longviewignore says `*.csv`');
      });
    }

    it('counts also where git’s rules hide the file itself, and inside a repository within', async () => {
      box.repository('repo', { 'a.csv': '' });
      box.repository('repo/inner', { 'b.csv': '' });
      box.write('repo/.git/info/exclude', '.longviewignore\n');
      box.write('repo/.longviewignore', '*.csv\n');
      const { files, leftOut } = await list();
      assert.deepEqual([pathsOf(files), pathsOf(leftOut)], [[], ['a.csv', 'inner/b.csv']]);
    });
  });

  it('a file Longview is about to write inside the workspace is left out', async () => {
    box.repository('repo', { 'a.ts': '' });
    box.write('repo/pack.txt');
    const { files, leftOut } = await list(['repo'], { ownOutputs: [box.at('repo/pack.txt')] });
    assert.deepEqual([pathsOf(files), pathsOf(leftOut)], [['a.ts'], ['pack.txt']]);
  });

  describe('with several roots', () => {
    it('paths carry the folder’s name', async () => {
      box.repository('one', { 'a.ts': '' });
      box.write('two/a.ts');
      const { files, listedBy, notes } = await list(['one', 'two']);
      assert.deepEqual(pathsOf(files), ['one/a.ts', 'two/a.ts']);
      assert.deepEqual(listedBy, ['git', 'walk']);
      assert.deepEqual(
        notes.map(({ path, why }) => [path, why]),
        [['two', 'not-a-work-tree']],
      );
      assert.equal(files[1]?.absolutePath, box.at('two/a.ts'));
    });

    it('names are made unique', () => {
      assert.deepEqual(uniqueNames(['a', 'a', 'a-2', 'x/y', '']), ['a', 'a-2', 'a-2-2', 'x_y', '_']);
    });

    for (const order of [
      ['repo', 'repo/packages/inner'],
      ['repo/packages/inner', 'repo'],
    ]) {
      it(`one root inside another: each file once (${order.join(', ')})`, async () => {
        box.repository('repo', { 'a.ts': '', 'packages/inner/b.ts': '', 'packages/innerer/c.ts': '' });
        const { files } = await list(order);
        assert.deepEqual(pathsOf(files), ['inner/b.ts', 'repo/a.ts', 'repo/packages/innerer/c.ts']);
      });
    }

    it('one root inside another, open through a link: each file once', async () => {
      box.repository('repo', { 'a.ts': '', 'sub/b.ts': '' });
      box.link('linked', box.at('repo/sub'));
      const { files } = await list(['repo', 'linked']);
      assert.deepEqual(pathsOf(files), ['linked/b.ts', 'repo/a.ts']);
    });

    it('the same folder twice: each file once', async () => {
      box.repository('repo', { 'a.ts': '' });
      const { files, folders } = await list(['repo', 'repo']);
      assert.deepEqual(pathsOf(files), ['repo/a.ts']);
      assert.deepEqual(
        folders.map(({ name }) => name),
        ['repo', 'repo-2'],
      );
    });

    it('an outer root’s .longviewignore reaches into an inner root', async () => {
      box.repository('repo', { 'a.pem': '', 'sub/b.pem': '', 'sub/c.ts': '' });
      box.write('repo/.longviewignore', '*.pem\n');
      const { files, leftOut } = await list(['repo', 'repo/sub']);
      assert.deepEqual(pathsOf(files), ['repo/.longviewignore', 'sub/c.ts']);
      assert.deepEqual(pathsOf(leftOut), ['repo/a.pem', 'sub/b.pem']);
      const source = 'repo/.longviewignore';
      assert.deepEqual(leftOut[1]?.leftOutBy, { kind: 'longviewignore', source, rule: '*.pem' });
    });
  });

  describe('names', () => {
    const names: [string, string][] = [
      ['a space', 'a b.ts'],
      ['a leading space', ' a.ts'],
      ['a newline', 'a\nb.ts'],
      ['a tab', 'a\tb.ts'],
      ['quotes', `"a'b".ts`],
      ['markup', '<a>&b;.ts'],
      ['a backslash', 'back\\slash.ts'],
      ['a backtick', 'a`b`.ts'],
      ['glob characters', '[a]*?{b,c}!.ts'],
      ['a percent escape', 'a%20b%2fc.ts'],
      ['an emoji', '😀.ts'],
      ['invalid UTF-8', 'caf\udce9\udcff.ts'],
      ['invalid UTF-8 in a folder', 'd\udce9/a.ts'],
      ['`__proto__`', '__proto__'],
      ['`constructor`', 'constructor'],
      ['a leading dash', '-rf'],
      ['a leading colon', ':(top)a'],
      ['control characters', 'a\x01\x1b[31m.ts'],
      ['250 bytes', 'n'.repeat(250)],
      ['NFC', 'caf\u00e9.ts'],
      ['NFD, its twin', 'cafe\u0301.ts'],
    ];
    for (const trusted of [true, false]) {
      it(`of every kind come through unchanged: ${names.map(([what]) => what).join(', ')} (${trusted ? 'git' : 'walk'})`, async () => {
        box.repository('repo', {});
        for (const [i, [, name]] of names.entries()) {
          // The first half tracked.
          if (i === names.length >> 1) box.git('repo', 'add', '-A');
          box.write(`repo/${name}`, `${i}`);
        }
        const { files } = await list(['repo'], { trusted });
        assert.deepEqual(
          files.map(({ path }) => path),
          names.map(([, name]) => name).sort(),
        );
        for (const [i, [, name]] of names.entries()) {
          const file = files.find(({ path }) => path === name);
          assert.equal(readFileSync(fsPath(file?.absolutePath ?? ''), 'utf8'), `${i}`, name);
        }
      });
    }

    it('a repository inside, at a path that is not UTF-8, is walked: no argument can name it', async () => {
      box.repository('repo', { 'a.ts': '' });
      box.repository('inner', { 'b.ts': '', '.gitignore': '*.o\n' });
      box.write('inner/x.o');
      renameSync(box.at('inner'), encodeName(box.at('repo/in\udcff')));
      const { files, notes } = await list();
      assert.deepEqual(
        files.map(({ path }) => path),
        ['a.ts', 'in\udcff/.gitignore', 'in\udcff/b.ts'],
      );
      assert.deepEqual(
        notes.map(({ path, why }) => [path, why]),
        [['in\udcff', 'failed']],
      );
    });

    it('paths of 3.6 KB below the folder (the system takes 4 KB in all)', async () => {
      const step = 'n'.repeat(200);
      box.write(`plain/${Array.from({ length: 18 }, () => step).join('/')}/a.ts`);
      const { files } = await list(['plain']);
      assert.equal(files[0]?.path.length, 18 * 201 + 4);
    });
  });

  it(
    'unsaved editors: above this layer, tested in live.test.ts; virtual file systems in mirror.test.ts and in the window',
  );
});
