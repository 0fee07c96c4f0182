import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { findGit, gitEnvironment } from '../../../src/core/workspace/git.ts';
import { listGitFiles } from '../../../src/core/workspace/gitFiles.ts';
import { pathsOf, type Sandbox, sandbox } from './sandbox.ts';

describe('running git', function () {
  this.timeout(20_000);
  let box: Sandbox;
  beforeEach(() => (box = sandbox()));
  afterEach(() => box.remove());

  const listing = (folder = 'repo', env = box.env) => listGitFiles(box.at(folder), {}, { env });
  const files = async () => {
    const result = await listing();
    return result.kind === 'git' ? pathsOf(result.files) : assert.fail(result.why);
  };

  describe('programs a repository names are not run', () => {
    let marker: string;
    let program: string;
    beforeEach(() => {
      marker = box.at('ran');
      program = box.script('evil', `echo "$0 $*" >> '${box.at('ran')}'; exit 1`);
    });

    it('fsmonitor, hooks, filters, aliases, pager; also of a repository inside', async () => {
      for (const folder of ['repo', 'repo/inner']) {
        box.repository(folder, { 'a.ts': 'a\n', '.gitattributes': '* filter=x diff=x\n' });
        for (const hook of ['post-index-change', 'fsmonitor-watchman', 'reference-transaction']) {
          box.script(`${folder}/.git/hooks/${hook}`, `exec '${program}'`);
        }
        for (const key of [
          'core.fsmonitor',
          'core.pager',
          'core.editor',
          'filter.x.clean',
          'filter.x.process',
        ]) {
          box.git(folder, 'config', key, program);
        }
        for (const key of ['diff.x.textconv', 'diff.external', 'core.askPass', 'core.alternateRefsCommand']) {
          box.git(folder, 'config', key, program);
        }
        box.git(folder, 'config', 'alias.ls-files', `!${program}`);
        box.write(`${folder}/a.ts`, 'changed\n');
      }
      // The trap works: plain git does run it.
      rmSync(marker, { force: true });
      execFileSync('git', ['ls-files', '-o'], { cwd: box.at('repo'), env: box.env, stdio: 'ignore' });
      assert.ok(existsSync(marker));
      rmSync(marker);

      assert.deepEqual(await files(), ['.gitattributes', 'a.ts', 'inner/.gitattributes', 'inner/a.ts']);
      assert.ok(!existsSync(marker));
    });

    it('the transport of a partial clone that lacks an ignore file', async () => {
      box.repository('origin', { 'd/.gitignore': '*.o\n', 'a.ts': 'a\n' });
      box.git('origin', 'config', 'uploadpack.allowFilter', 'true');
      const url = `file://${box.at('origin')}`;
      box.git(
        '',
        '-c',
        'protocol.file.allow=always',
        'clone',
        '-q',
        '--filter=blob:none',
        '--no-checkout',
        url,
        'repo',
      );
      box.git('repo', 'read-tree', '--empty');
      box.git('repo', 'sparse-checkout', 'init');
      box.write('repo/.git/info/sparse-checkout', 'a.ts\n');
      box.git('repo', 'reset', '-q', '--mixed');
      box.git('repo', 'update-index', '--skip-worktree', 'd/.gitignore');
      box.write('repo/d/new.ts');
      box.git('repo', 'config', 'remote.origin.url', 'ssh://nowhere.invalid/x');
      box.git('repo', 'config', 'core.sshCommand', program);
      const plain = () => {
        const args = ['ls-files', '-o', '--exclude-standard'];
        execFileSync('git', args, { cwd: box.at('repo'), env: box.env, stdio: 'ignore' });
      };
      try {
        plain();
      } catch {
        // Git fails for lack of the blob; whether the program ran is what counts.
      }
      assert.ok(existsSync(marker), 'the trap works: plain git does run it');
      rmSync(marker);
      const result = await listing();
      assert.ok(!existsSync(marker));
      // Git before 2.44 gives up for lack of the blob; then the walk serves.
      assert.ok(result.kind === 'git' || result.why === 'failed');
    });

    it('a `git` lying in the workspace', async () => {
      box.repository('repo', { 'a.ts': 'a\n' });
      box.script('repo/git', `exec '${program}'`);
      const result = await listing('repo', { ...box.env, PATH: `.:${box.env['PATH'] ?? ''}` });
      assert.equal(result.kind, 'git');
      assert.ok(!existsSync(marker));
    });
  });

  it('variables of a hook do not leak in', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    box.repository('other', { 'b.ts': 'b\n' });
    const env = { ...box.env, GIT_DIR: box.at('other/.git'), GIT_INDEX_FILE: box.at('other/.git/index') };
    const result = await listing('repo', { ...env, GIT_LITERAL_PATHSPECS: '1', GIT_PREFIX: 'x/' });
    assert.deepEqual(result.kind === 'git' && pathsOf(result.files), ['a.ts']);
  });

  it('keeps what the user configured, drops what speaks of one repository', () => {
    const kept = gitEnvironment({
      PATH: '/bin',
      GIT_CONFIG_GLOBAL: 'g',
      GIT_CONFIG_KEY_0: 'k',
      git_dir: 'd',
      GIT_TRACE: '1',
    });
    assert.deepEqual(
      Object.keys(kept)
        .filter(name => /^(PATH|GIT_(CONFIG|DIR|TRACE))/i.test(name))
        .sort(),
      ['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_KEY_0', 'PATH'],
    );
  });

  it('is found on the PATH by absolute folders only', () => {
    box.script('bin/git', 'exit 0');
    assert.equal(findGit({ PATH: `:.:bin:${box.at('bin')}` }), box.at('bin/git'));
    assert.equal(findGit({ Path: box.at('bin') }), box.at('bin/git'));
    assert.equal(findGit({ PATH: '.:bin' }), undefined);
    assert.equal(findGit({}), undefined);
  });
});
