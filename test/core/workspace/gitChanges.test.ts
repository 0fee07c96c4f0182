import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readChanges } from '../../../src/core/workspace/gitChanges.ts';

describe('the changes of a branch', function () {
  this.timeout(30_000);
  let home: string;
  let folder: string;

  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString();
  const write = (path: string, text: string) => writeFile(join(folder, path), text);

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-changes-'));
    folder = join(home, 'project');
    await mkdir(join(folder, 'src'), { recursive: true });
    git('init', '-q', '-b', 'main');
    await write('src/a.ts', 'export const a = 1;\n');
    await write('b.txt', 'one\n');
    git('add', '-A');
    git('commit', '-qm', 'first');
    git('checkout', '-qb', 'feature');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('are those since the merge base, committed or not, and not what main did meanwhile', async () => {
    await write('src/a.ts', 'export const a = 2;\n');
    git('commit', '-qam', 'second');
    git('checkout', '-q', 'main');
    await write('b.txt', 'of main\n');
    git('commit', '-qam', 'elsewhere');
    git('checkout', '-q', 'feature');
    await write('b.txt', 'mine, not committed\n');
    await write('new.ts', 'new\n');
    const { base, diff, cut, untracked } = await readChanges(folder);
    assert.equal(base, 'main');
    assert.match(diff, /-export const a = 1;\n\+export const a = 2;/);
    assert.match(diff, /-one\n\+mine, not committed/);
    assert.doesNotMatch(diff, /of main/);
    assert.deepEqual([cut, untracked], [false, ['new.ts']]);
  });

  it('compares with what is named, and takes no option or range for a name', async () => {
    await write('b.txt', 'two\n');
    git('commit', '-qam', 'second');
    await write('b.txt', 'three\n');
    assert.match((await readChanges(folder, { base: 'HEAD' })).diff, /-two\n\+three/);
    for (const base of ['--output=/tmp/x', '-O', 'main..feature', 'nowhere', 'a b', ''])
      await assert.rejects(readChanges(folder, { base }), { code: 'bad-usage' }, base);
  });

  it('cuts at a line, and says so', async () => {
    await write('b.txt', 'line of some length\n'.repeat(20_000));
    const { diff, cut } = await readChanges(folder, { maxBytes: 10_000 });
    assert.ok(cut && diff.endsWith('\n'));
    assert.ok(diff.length <= 10_000 && diff.length > 9000);
  });

  it('leaves out what the user left out, content and names of new files', async () => {
    await write('.longviewignore', 'b.txt\nsecret*\n');
    await write('b.txt', 'a secret\n');
    await write('secret.ts', 'x\n');
    const { diff, untracked, leftOut } = await readChanges(folder);
    assert.doesNotMatch(diff, /a secret/);
    assert.deepEqual([untracked, leftOut], [['.longviewignore'], ['b.txt']]);
  });

  it('paths are those of the folder that is open, with its prefix', async () => {
    await write('src/a.ts', 'export const a = 2;\n');
    await write('b.txt', 'outside of src\n');
    const { diff } = await readChanges(join(folder, 'src'), { prefix: 'app/' });
    assert.match(diff, /^diff --git a\/app\/a\.ts b\/app\/a\.ts$/m);
    assert.doesNotMatch(diff, /outside of src/);
  });

  it('runs nothing that the repository names', async () => {
    const mark = join(home, 'ran');
    const script = join(home, 'evil.sh');
    await writeFile(script, `#!/bin/sh\ntouch ${mark}\ncat\n`);
    await chmod(script, 0o755);
    for (const key of [
      'diff.external',
      'diff.evil.command',
      'diff.evil.textconv',
      'filter.evil.clean',
      'filter.evil.process',
      'core.fsmonitor',
      'core.pager',
      'interactive.diffFilter',
    ])
      git('config', key, script);
    git('config', 'filter.evil.required', 'true');
    await write('.gitattributes', '* diff=evil filter=evil\n');
    await write('src/a.ts', 'export const a = 3;\n');
    const { diff } = await readChanges(folder);
    assert.match(diff, /\+export const a = 3;/);
    assert.ok(!existsSync(mark));
  });

  it('says that nothing changed, that there is no repository, that there is no commit', async () => {
    await assert.rejects(readChanges(folder), { code: 'no-changes' });
    const plain = join(home, 'plain');
    await mkdir(plain);
    await assert.rejects(readChanges(plain), { code: 'io', message: /no git repository/ });
    execFileSync('git', ['init', '-q', plain]);
    await assert.rejects(readChanges(plain), { code: 'io', message: /no commit/ });
    await assert.rejects(readChanges(folder, {}, { env: { PATH: '' } }), /not found on the PATH/);
  });

  it('ends when cancelled', async () => {
    await write('b.txt', 'two\n');
    const cancelled = AbortSignal.abort();
    await assert.rejects(readChanges(folder, { signal: cancelled }), { name: 'AbortError' });
  });
});
