import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { restoreFiles } from '../../../src/core/pack/restoreFiles.ts';

describe('restoreFiles', () => {
  let home: string;
  let to: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-restore-'));
    to = join(home, 'to');
  });
  afterEach(() => rm(home, { recursive: true }));

  const file = (path: string, text = 'new\n') => ({ path, text });

  it('writes files and folders, whatever they are called', async () => {
    const names = [
      'a.ts',
      'src/deep/b.ts',
      ' lead',
      'new\nline',
      '__proto__',
      '..a',
      'a..',
      '"q"',
      '.gitignore',
      '.env',
    ];
    await restoreFiles(
      names.map(name => file(name, `${name}\r`)),
      to,
    );
    for (const name of names) assert.equal(await readFile(join(to, name), 'utf8'), `${name}\r`);
  });

  if (process.platform === 'linux')
    it('gives names that are no text their bytes back', async () => {
      await restoreFiles([file('bad\udcff.txt')], to);
      const [name] = await readdir(to, { encoding: 'buffer' });
      assert.deepEqual(name, Buffer.from([0x62, 0x61, 0x64, 0xff, 0x2e, 0x74, 0x78, 0x74]));
    });

  for (const path of [
    '../x',
    'a/../../x',
    '/etc/x',
    '',
    '.',
    'a//b',
    'a/./b',
    'a\0b',
    '.git/hooks/pre-commit',
    'x/.GIT/config',
  ])
    it(`writes nothing at all where a prompt names ${JSON.stringify(path)}`, async () => {
      await assert.rejects(restoreFiles([file('fine.ts'), file(path)], to), { code: 'bad-usage' });
      assert.deepEqual(await readdir(home), []);
    });

  it('replaces nothing, unless told to', async () => {
    await mkdir(to);
    await writeFile(join(to, 'b.ts'), 'old\n');
    await assert.rejects(restoreFiles([file('a.ts'), file('b.ts')], to), /"b\.ts" is there already/);
    assert.deepEqual(await readdir(to), ['b.ts']);
    await restoreFiles([file('a.ts'), file('b.ts')], to, { force: true });
    assert.equal(await readFile(join(to, 'b.ts'), 'utf8'), 'new\n');
  });

  it('never writes through a link, also when told to replace', async () => {
    await mkdir(join(home, 'out'));
    await mkdir(to);
    await writeFile(join(home, 'out', 'kept'), 'old\n');
    await symlink(join(home, 'out'), join(to, 'folder'));
    await symlink(join(home, 'out', 'kept'), join(to, 'file'));
    await assert.rejects(restoreFiles([file('folder/x')], to, { force: true }), /through a symbolic link/);
    await restoreFiles([file('file')], to, { force: true });
    assert.equal(await readFile(join(home, 'out', 'kept'), 'utf8'), 'old\n');
    assert.deepEqual(await readdir(join(home, 'out')), ['kept']);
  });

  it('says so where a file stands in a folder’s place', async () => {
    await assert.rejects(restoreFiles([file('a'), file('a/b')], to), { code: 'io' });
  });
});
