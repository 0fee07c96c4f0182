import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { absolutePathOf, inFolder, workspacePath } from '../../../src/core/workspace/folderPaths.ts';
import { ignoredBy } from '../../../src/core/workspace/whyIgnored.ts';
import { scratchFolder } from '../../run/workspace.ts';

describe('which rule ignores a file', () => {
  let folder: string;
  before(() => {
    folder = join(scratchFolder(), 'ignored');
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    execFileSync('git', ['init', '--quiet', folder]);
    writeFileSync(join(folder, '.gitignore'), '# logs\n*.log\n!keep.log\nbuild/\n');
    writeFileSync(join(folder, 'a', '.gitignore'), '/b/x:1: y\n');
    writeFileSync(join(folder, '.git', 'info', 'exclude'), 'private*\n');
    mkdirSync(join(folder, 'build'));
    for (const name of [
      't.log',
      'keep.log',
      'build/out.js',
      'a/b/x:1: y',
      'private.txt',
      'plain.ts',
      'é.log',
    ])
      writeFileSync(join(folder, name), '');
  });

  for (const trusted of [true, false]) {
    describe(trusted ? 'as git says' : 'as the walk reads it, where git must not run', () => {
      const rule = async (name: string) => {
        const by = await ignoredBy(join(folder, name), folder, { trusted });
        return by && [by.file.slice(folder.length + 1), by.line, by.rule];
      };
      it('names file, line and rule', async () => {
        assert.deepEqual(await rule('t.log'), ['.gitignore', 2, '*.log']);
        assert.deepEqual(await rule('é.log'), ['.gitignore', 2, '*.log']);
        assert.deepEqual(await rule('build/out.js'), ['.gitignore', 4, 'build/']);
        assert.deepEqual(await rule('a/b/x:1: y'), ['a/.gitignore', 1, '/b/x:1: y']);
        assert.deepEqual(await rule('private.txt'), ['.git/info/exclude', 1, 'private*']);
      });
      it('none, also where a rule takes it back', async () => {
        assert.equal(await rule('plain.ts'), undefined);
        assert.equal(await rule('keep.log'), undefined);
      });
    });
  }

  it('without any repository the walk’s rules are those below the folder', async () => {
    const plain = join(scratchFolder(), 'plain');
    mkdirSync(plain);
    writeFileSync(join(plain, '.ignore'), 'x\n');
    const by = await ignoredBy(join(plain, 'x'), plain, { trusted: true });
    assert.deepEqual(by, { file: join(plain, '.ignore'), line: 1, rule: 'x' });
  });

  it('paths of several folders, one inside another, lead there and back', () => {
    const folders = [
      { name: 'app', path: '/w/app' },
      { name: 'inner', path: '/w/app/packages/inner' },
    ];
    assert.equal(workspacePath('/w/app/packages/inner/a.ts', folders), 'inner/a.ts');
    assert.equal(absolutePathOf('inner/a.ts', folders), '/w/app/packages/inner/a.ts');
    assert.equal(workspacePath('/w/application/a.ts', folders), undefined);
    assert.deepEqual(inFolder('app', folders), { folder: folders[0], below: '' });
    assert.equal(inFolder('other/a.ts', folders), undefined);
    assert.equal(absolutePathOf('a/b.ts', [folders[0]!]), '/w/app/a/b.ts');
  });
});
