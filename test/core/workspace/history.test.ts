import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readHistory } from '../../../src/core/workspace/history.ts';

describe('readHistory', function () {
  this.timeout(30_000);
  let folder: string;
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    });
  const write = (path: string, text: string) => writeFile(join(folder, path), text);

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'longview-history-')));
    git('init', '-q', '-b', 'main');
    await mkdir(join(folder, 'sub'));
    for (const name of ['old.ts', 'new\nline.ts', 'sub/deep.ts', 'staged.ts']) await write(name, '1\n');
    git('add', '-A');
    git('commit', '-qm', 'first');
    await write('old.ts', '2\n');
    git('commit', '-qam', 'second');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('tells what this branch changed, committed and staged, and how many commits ago', async () => {
    git('checkout', '-qb', 'topic');
    await write('new\nline.ts', '2\n');
    git('commit', '-qam', 'third');
    await write('staged.ts', '2\n');
    git('add', 'staged.ts');
    const history = await readHistory(folder);
    assert.deepEqual(history?.changed.map(path => path.slice(folder.length + 1)).sort(), [
      'new\nline.ts',
      'staged.ts',
    ]);
    const ago = (path: string) => history.lastChanged.get(join(folder, path));
    assert.deepEqual([ago('new\nline.ts'), ago('old.ts'), ago('sub/deep.ts')], [0, 1, 2]);
  });

  it('counts what is edited and not staged, staged and edited again, deleted, and not tracked yet', async () => {
    git('checkout', '-qb', 'topic');
    await write('old.ts', 'edited\n');
    await write('staged.ts', '2\n');
    git('add', 'staged.ts');
    await write('staged.ts', '1\n');
    await rm(join(folder, 'sub/deep.ts'));
    await write('sub/fresh \u2028.ts', 'new\n');
    await write('.gitignore', 'ignored.ts\n');
    await write('ignored.ts', '');
    const { changed = [], base } = (await readHistory(folder)) ?? {};
    assert.deepEqual(changed.map(path => path.slice(folder.length + 1)).sort(), [
      '.gitignore',
      'old.ts',
      'staged.ts',
      'sub/deep.ts',
      'sub/fresh \u2028.ts',
    ]);
    assert.equal(base, 'main');
    const below = await readHistory(join(folder, 'sub'));
    assert.equal(below?.changed.length, 2);
  });

  it('calls nothing changed because its time stamp is another', async () => {
    await utimes(join(folder, 'old.ts'), 1, 1);
    const copy = `${folder}-copy`;
    await cp(folder, copy, { recursive: true });
    try {
      assert.deepEqual((await readHistory(folder))?.changed, []);
      assert.deepEqual((await readHistory(copy))?.changed, []);
    } finally {
      await rm(copy, { recursive: true });
    }
  });

  it('knows of a folder inside a repository what is below it', async () => {
    const history = await readHistory(join(folder, 'sub'));
    assert.deepEqual([...(history?.lastChanged.keys() ?? [])], [join(folder, 'sub', 'deep.ts')]);
  });

  it('gives back what it was given while nothing has changed, and not after', async () => {
    const known = await readHistory(folder);
    assert.ok(known !== undefined);
    assert.equal(await readHistory(folder, { known }), known);
    await write('old.ts', '3\n');
    git('commit', '-qam', 'more');
    assert.notEqual(await readHistory(folder, { known }), known);
  });

  it('is not known without git, without commits, or outside of a repository', async () => {
    assert.equal(await readHistory(folder, {}, { env: {}, git: undefined }), undefined);
    const bare = join(folder, 'bare');
    await mkdir(bare);
    execFileSync('git', ['init', '-q', bare]);
    assert.equal(await readHistory(bare), undefined);
    assert.equal(
      await readHistory(tmpdir(), {}, { env: { ...process.env, GIT_CEILING_DIRECTORIES: '/' } }),
      undefined,
    );
  });

  it('runs no program that the repository names', async () => {
    const ran = join(folder, 'ran');
    const program = join(folder, 'program.sh');
    await writeFile(program, `#!/bin/sh\ntouch '${ran}'\ncat\n`, { mode: 0o755 });
    for (const key of [
      'diff.external',
      'filter.x.clean',
      'filter.x.smudge',
      'diff.x.textconv',
      'diff.x.command',
      'gpg.program',
      'core.pager',
      'core.fsmonitor',
    ])
      git('config', key, program);
    git('config', 'log.showSignature', 'true');
    git('config', 'filter.x.required', 'true');
    await write('.gitattributes', '* filter=x diff=x\n');
    await write('old.ts', '9\n');
    assert.ok((await readHistory(folder)) !== undefined);
    assert.ok(!existsSync(ran), 'a program of the repository ran');
  });

  it('ends when cancelled', async () => {
    const reason = new Error('enough');
    await assert.rejects(readHistory(folder, { signal: AbortSignal.abort(reason) }), reason);
  });
});
