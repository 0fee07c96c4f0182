import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GitListing, listGitFiles } from '../../../src/core/workspace/gitFiles.ts';
import { pathsOf, realGit, type Sandbox, sandbox } from './sandbox.ts';

describe('listing by git', function () {
  this.timeout(20_000);
  let box: Sandbox;
  beforeEach(() => (box = sandbox()));
  afterEach(() => box.remove());

  const listing = (folder = 'repo', env = box.env): Promise<GitListing> =>
    listGitFiles(box.at(folder), {}, { env });
  async function listed(folder = 'repo') {
    const result = await listing(folder);
    if (result.kind !== 'git') assert.fail(`git did not serve: ${result.why} ${result.detail}`);
    return result;
  }
  const files = async (folder = 'repo') => pathsOf((await listed(folder)).files);
  /** What plain git says of a repository without others inside. */
  const gitsOwn = (folder = 'repo') =>
    box.git(folder, 'ls-files', '-z', '-co', '--exclude-standard').split('\0').filter(Boolean).sort();

  it('nested ignore files and negation', async () => {
    box.repository('repo', {
      '.gitignore': '*.log\n!keep.log\n',
      'sub/.gitignore': '!again.log\n/only-here\n',
    });
    for (const path of [
      'a.log',
      'keep.log',
      'sub/again.log',
      'sub/b.log',
      'sub/only-here',
      'sub/deep/only-here',
    ]) {
      box.write(`repo/${path}`);
    }
    const expected = ['.gitignore', 'keep.log', 'sub/.gitignore', 'sub/again.log', 'sub/deep/only-here'];
    assert.deepEqual(await files(), expected);
    assert.deepEqual(gitsOwn(), expected);
  });

  it('re-include under an ignored parent stays ignored, beside `foo/*` and `!foo/bar/`', async () => {
    box.repository('repo', { '.gitignore': 'out/\n!out/x\nfoo/*\n!foo/bar/\n' });
    for (const path of ['out/x', 'foo/gone', 'foo/bar/here']) box.write(`repo/${path}`);
    assert.deepEqual(await files(), ['.gitignore', 'foo/bar/here']);
  });

  it('escaped `\\#` and trailing `\\ `', async () => {
    box.repository('repo', { '.gitignore': '\\#x\ntrail\\ \nplain   \n' });
    for (const path of ['#x', 'trail ', 'trail', 'plain']) box.write(`repo/${path}`);
    assert.deepEqual(await files(), ['.gitignore', 'trail']);
  });

  it('folders with `[ ]( )` in their names, and their own ignore files', async () => {
    box.repository('repo', { 'app/[id]/.gitignore': 'secret\n', 'app/(group)/.gitignore': '/x\n' });
    for (const path of [
      'app/[id]/secret',
      'app/[id]/page.ts',
      'app/(group)/x',
      'app/(group)/y/x',
      'app/i/secret',
    ]) {
      box.write(`repo/${path}`);
    }
    assert.deepEqual(await files(), gitsOwn());
    assert.ok((await files()).includes('app/i/secret'));
    assert.ok(!(await files()).includes('app/[id]/secret'));
  });

  it('info/exclude, anchored, and in a worktree that shares it', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    box.write('repo/.git/info/exclude', '/anchored\n*.tmp\n');
    box.git('repo', 'worktree', 'add', '-q', '../tree');
    for (const folder of ['repo', 'tree']) {
      for (const path of ['anchored', 'sub/anchored', 'x.tmp']) box.write(`${folder}/${path}`);
      assert.deepEqual(await files(folder), ['a.ts', 'sub/anchored'], folder);
    }
  });

  it('core.excludesFile', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    box.write('home/ignores', '*.swp\n');
    box.git('repo', 'config', '--global', 'core.excludesFile', box.at('home/ignores'));
    box.write('repo/a.swp');
    assert.deepEqual(await files(), ['a.ts']);
  });

  it('tracked although ignored is kept', async () => {
    box.repository('repo', { '.gitignore': 'dist/\n' });
    box.write('repo/dist/kept.js');
    box.write('repo/dist/dropped.js');
    box.git('repo', 'add', '-f', 'dist/kept.js');
    assert.deepEqual(await files(), ['.gitignore', 'dist/kept.js']);
  });

  it('deleted but tracked is a skip', async () => {
    box.repository('repo', { 'a.ts': 'a\n', 'b.ts': 'b\n', 'd/c.ts': 'c\n' });
    rmSync(box.at('repo/b.ts'));
    rmSync(box.at('repo/d'), { recursive: true });
    const result = await listed();
    assert.deepEqual(pathsOf(result.files), ['a.ts']);
    assert.deepEqual(result.skips, [
      { path: 'b.ts', reason: { kind: 'vanished' } },
      { path: 'd/c.ts', reason: { kind: 'vanished' } },
    ]);
  });

  it('intent-to-add, staged, and unmerged paths, each once', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    box.write('repo/intent.ts');
    box.git('repo', 'add', '-N', 'intent.ts');
    box.git('repo', 'switch', '-qc', 'other');
    box.write('repo/a.ts', 'theirs\n');
    box.git('repo', 'commit', '-qam', 'theirs');
    box.git('repo', 'switch', '-q', 'main');
    box.write('repo/a.ts', 'ours\n');
    box.git('repo', 'commit', '-qam', 'ours');
    assert.throws(() => box.git('repo', 'merge', 'other'));
    assert.match(box.git('repo', 'ls-files', '-u'), /3\ta\.ts/);
    assert.deepEqual(await files(), ['a.ts', 'intent.ts']);
  });

  it('sparse checkout: what is not checked out is a skip, what stands there all the same is a file', async () => {
    box.repository('repo', { 'in/a.ts': 'a\n', 'out/b.ts': 'b\n', 'local.cfg': 'x\n' });
    box.git('repo', 'sparse-checkout', 'set', 'in');
    box.git('repo', 'update-index', '--skip-worktree', 'local.cfg');
    const result = await listed();
    assert.deepEqual(pathsOf(result.files), ['in/a.ts', 'local.cfg']);
    assert.deepEqual(result.skips, [
      { path: 'out/b.ts', reason: { kind: 'not-checked-out', what: 'sparse-checkout' } },
    ]);
  });

  it('sparse index', async () => {
    box.repository('repo', { 'in/a.ts': 'a\n', 'out/b.ts': 'b\n', 'out/c/d.ts': 'd\n' });
    box.git('repo', 'sparse-checkout', 'set', '--cone', '--sparse-index', 'in');
    const result = await listed();
    assert.deepEqual(pathsOf(result.files), ['in/a.ts']);
    assert.deepEqual(pathsOf(result.skips), ['out/b.ts', 'out/c/d.ts']);
  });

  describe('submodules', () => {
    beforeEach(() => {
      box.repository('library', { 'lib.ts': 'l\n', '.gitignore': '*.o\n' });
      box.repository('repo', { 'a.ts': 'a\n', '.gitignore': '*.tmp\n' });
      box.git(
        'repo',
        '-c',
        'protocol.file.allow=always',
        'submodule',
        '--quiet',
        'add',
        '../library',
        'lib/subm',
      );
    });

    it('are entered, each under its own rules', async () => {
      for (const path of ['x.o', 'x.tmp', 'new.ts']) box.write(`repo/lib/subm/${path}`);
      assert.deepEqual(await files(), [
        '.gitignore',
        '.gitmodules',
        'a.ts',
        'lib/subm/.gitignore',
        'lib/subm/lib.ts',
        'lib/subm/new.ts',
        'lib/subm/x.tmp',
      ]);
    });

    it('not checked out are a skip', async () => {
      box.git('repo', 'submodule', '--quiet', 'deinit', '-f', 'lib/subm');
      const result = await listed();
      assert.deepEqual(result.skips, [
        { path: 'lib/subm', reason: { kind: 'not-checked-out', what: 'submodule' } },
      ]);
    });

    it('replaced by a link are not followed', async () => {
      rmSync(box.at('repo/lib/subm'), { recursive: true });
      box.link('repo/lib/subm', '../../library');
      assert.deepEqual(await files(), ['.gitignore', '.gitmodules', 'a.ts', 'lib/subm']);
    });
  });

  it('a repository inside another is entered, without its `.git`, and under its own rules', async () => {
    box.repository('repo', { 'a.ts': 'a\n', '.gitignore': '*.tmp\nignored/\n' });
    box.repository('repo/inner', { 'b.ts': 'b\n', '.gitignore': '*.o\n' });
    box.repository('repo/inner/innermost', { 'c.ts': 'c\n' });
    box.repository('repo/ignored', { 'd.ts': 'd\n' });
    for (const path of ['x.o', 'x.tmp']) box.write(`repo/inner/${path}`);
    const found = await files();
    assert.deepEqual(found, [
      '.gitignore',
      'a.ts',
      'inner/.gitignore',
      'inner/b.ts',
      'inner/innermost/c.ts',
      'inner/x.tmp',
    ]);
  });

  it('an inner repository without a commit is entered too', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    box.repository('repo/fresh', {});
    box.write('repo/fresh/new.ts');
    assert.deepEqual(await files(), ['a.ts', 'fresh/new.ts']);
  });

  it('an inner repository that git refuses is walked, and said to be', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    box.repository('repo/inner', { 'b.ts': 'b\n', '.gitignore': '*.o\n' });
    box.write('repo/inner/x.o');
    box.write('repo/inner/.git/index', 'not an index');
    const result = await listed();
    assert.deepEqual(pathsOf(result.files), ['a.ts', 'inner/.gitignore', 'inner/b.ts']);
    assert.deepEqual(
      result.notes.map(({ path, why }) => ({ path, why })),
      [{ path: 'inner', why: 'corrupt-index' }],
    );
  });

  it('a worktree, whose `.git` is a file, inside the repository', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    box.git('repo', 'worktree', 'add', '-q', 'trees/one');
    assert.deepEqual(await files(), ['a.ts', 'trees/one/a.ts']);
    assert.deepEqual(await files('repo/trees/one'), ['a.ts']);
  });

  it('a folder that is a sub-directory of a repository', async () => {
    box.repository('repo', { 'a.ts': 'a\n', 'sub/b.ts': 'b\n', '.gitignore': '*.tmp\n/sub/x\n' });
    for (const path of ['x', 'y.tmp', 'deep/x']) box.write(`repo/sub/${path}`);
    assert.deepEqual(await files('repo/sub'), ['b.ts', 'deep/x']);
  });

  it('a folder that the repository around it ignores is for the walk', async () => {
    box.repository('repo', { '.gitignore': '/scratch dir/\n' });
    box.write('repo/scratch dir/deep/a.ts');
    assert.deepEqual(await listing('repo/scratch dir/deep'), {
      kind: 'no-git',
      why: 'ignored-by-parent',
      detail: '',
    });
    mkdirSync(box.at('repo/empty'));
    assert.deepEqual(await files('repo/empty'), []);
  });

  it('a tracked folder that became a link is not read through it', async () => {
    box.repository('repo', { 'd/a.ts': 'a\n' });
    box.write('elsewhere/a.ts', 'secret\n');
    rmSync(box.at('repo/d'), { recursive: true });
    box.link('repo/d', box.at('elsewhere'));
    const result = await listed();
    assert.deepEqual(pathsOf(result.files), ['d']);
    assert.deepEqual(result.skips, [{ path: 'd/a.ts', reason: { kind: 'vanished' } }]);
  });

  it('never a path with a `.git` component, whatever is tracked or lies about', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    mkdirSync(box.at('repo/sub/.git'), { recursive: true });
    writeFileSync(box.at('repo/sub/.git/config'), 'secret\n');
    box.write('repo/sub/b.ts');
    box.write('repo/git/c.ts');
    box.write('repo/.github/d.yml');
    assert.deepEqual(await files(), ['.github/d.yml', 'a.ts', 'git/c.ts', 'sub/b.ts']);
  });

  it('missing blobs do not matter: the content is on disk', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    rmSync(box.at('repo/.git/objects'), { recursive: true });
    mkdirSync(box.at('repo/.git/objects/pack'), { recursive: true });
    mkdirSync(box.at('repo/.git/objects/info'));
    assert.deepEqual(await files(), ['a.ts']);
  });

  describe('where git does not serve, the result says why', () => {
    const why = async (folder: string, env = box.env) => {
      const result = await listing(folder, env);
      return result.kind === 'no-git' ? result.why : result.kind;
    };

    it('no repository', async () => {
      box.write('plain/a.ts');
      assert.equal(await why('plain'), 'not-a-work-tree');
    });

    it('a bare repository, and the inside of `.git`', async () => {
      box.git('', 'init', '-q', '--bare', 'bare');
      box.repository('repo', {});
      assert.equal(await why('bare'), 'not-a-work-tree');
      assert.equal(await why('repo/.git'), 'not-a-work-tree');
    });

    it('git missing', async () => {
      box.repository('repo', {});
      assert.equal(await why('repo', { ...box.env, PATH: box.at('home') }), 'git-missing');
    });

    it('a refusal by `safe.directory`', async () => {
      box.repository('repo', { 'a.ts': 'a\n' });
      const git = box.script('bin/git', `GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec ${realGit()} "$@"`);
      const result = await listGitFiles(box.at('repo'), {}, { env: box.env, git });
      assert.equal(result.kind === 'no-git' && result.why, 'refused');
      assert.match(result.kind === 'no-git' ? result.detail : '', /dubious ownership/);
    });

    it('a corrupt index', async () => {
      box.repository('repo', { 'a.ts': 'a\n' });
      box.write('repo/.git/index', 'not an index at all, but long enough to be one');
      assert.equal(await why('repo'), 'corrupt-index');
    });

    it('a broken configuration', async () => {
      box.repository('repo', { 'a.ts': 'a\n' });
      box.write('repo/.git/config', '[core\n');
      assert.equal(await why('repo'), 'failed');
    });

    it('a work tree that is elsewhere', async () => {
      box.repository('repo', { 'a.ts': 'a\n' });
      mkdirSync(box.at('other'));
      box.git('repo', 'config', 'core.worktree', box.at('other'));
      assert.equal(await why('repo'), 'not-a-work-tree');
    });
  });

  it('a cancelled listing throws the reason and ends git', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    // The pipe tells when git runs, and by its end when it no longer does.
    execFileSync('mkfifo', [box.at('alive')]);
    const git = box.script('bin/git', `exec 3> '${box.at('alive')}'; echo started >&3; exec sleep 60`);
    const cancel = new AbortController();
    const running = listGitFiles(box.at('repo'), { signal: cancel.signal }, { env: box.env, git });
    const alive = createReadStream(box.at('alive'));
    alive.once('data', () => cancel.abort());
    await assert.rejects(running, { name: 'AbortError' });
    await once(alive, 'close');
  });

  it('100,000 files', async function () {
    this.timeout(60_000);
    box.repository('repo', {});
    // An index is enough: the files need not be on disk to be listed as gone.
    const blob = box.git('repo', 'hash-object', '-w', '--stdin').trim();
    const lines = Array.from({ length: 100_000 }, (_, i) => `100644 ${blob}\td${i % 500}/f${i}.ts`).join(
      '\n',
    );
    const args = ['update-index', '--index-info'];
    execFileSync('git', args, { cwd: box.at('repo'), env: box.env, input: lines + '\n' });
    const result = await listed();
    assert.equal(result.skips.length, 100_000);
    assert.equal(join('d0', 'f0.ts'), result.skips[0]?.path);
  });

  it('an unreadable folder: git’s warning becomes a skip (by a stand-in for git where the tests run as root)', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    const warning = `case "$*" in *--others*) echo "warning: could not open directory 'secret/': Permission denied" >&2;; esac`;
    const git = box.script('bin/git', `${warning}\nexec ${realGit()} "$@"`);
    const result = await listGitFiles(box.at('repo'), {}, { env: box.env, git });
    const detail = 'directory: Permission denied';
    assert.deepEqual(result.kind === 'git' && result.skips, [
      { path: 'secret', reason: { kind: 'unreadable', detail } },
    ]);
  });

  it('case-insensitive file systems: cannot be made here');
});
