import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { walkFiles } from '../../../src/core/workspace/walkFiles.ts';
import { pathsOf, type Sandbox, sandbox } from './sandbox.ts';

describe('walking without git', function () {
  this.timeout(60_000);
  let box: Sandbox;
  beforeEach(() => (box = sandbox()));
  afterEach(() => box.remove());

  const walked = (folder = 'repo') => walkFiles(box.at(folder));
  const files = async (folder = 'repo') => pathsOf((await walked(folder)).files);
  const gitsOwn = (folder = 'repo') =>
    box.git(folder, 'ls-files', '-z', '-co', '--exclude-standard').split('\0').filter(Boolean).sort();

  it('finds what git finds, whatever the ignore files say (property)', async function () {
    const numRuns = Number(process.env['LONGVIEW_RUNS'] ?? 150);
    this.timeout(numRuns * 400);
    box.repository('repo', {});
    const work = box.at('repo');
    await fc.assert(
      fc.asyncProperty(tree, async ({ files: paths, ignores }) => {
        for (const name of box.git('repo', 'ls-files', '-z', '-o', '--directory').split('\0')) {
          if (name !== '') rmSync(join(work, name), { recursive: true, force: true });
        }
        for (const path of paths) put(join(work, path), '');
        for (const [folder, lines] of ignores) put(join(work, folder, '.gitignore'), lines);
        assert.deepEqual(await files(), gitsOwn());
      }),
      { numRuns },
    );
  });

  it('without any repository, ignore files count all the same', async () => {
    box.write('repo/.gitignore', '*.log\n');
    for (const path of ['a.ts', 'a.log', 'sub/b.log', 'sub/b.ts']) box.write(`repo/${path}`);
    assert.deepEqual(await files(), ['.gitignore', 'a.ts', 'sub/b.ts']);
  });

  it('a deeper ignore file re-includes a folder, and what is in it, against a rule above', async () => {
    box.repository('repo', {});
    box.write('repo/.gitignore', '/a/b/\n');
    box.write('repo/a/.gitignore', '!b/\n');
    for (const path of ['a/b/x', 'a/b/c/y']) box.write(`repo/${path}`);
    assert.deepEqual(await files(), ['.gitignore', 'a/.gitignore', 'a/b/c/y', 'a/b/x']);
    assert.deepEqual(await files(), gitsOwn());
  });

  it('`.ignore` is stronger than `.gitignore`', async () => {
    box.write('repo/.gitignore', 'build/\n*.gen\n');
    box.write('repo/.ignore', '!build/\ndocs/\n');
    box.write('repo/sub/.ignore', '!*.gen\n');
    for (const path of ['build/x', 'docs/x', 'a.gen', 'sub/b.gen']) box.write(`repo/${path}`);
    assert.deepEqual(await files(), ['.gitignore', '.ignore', 'build/x', 'sub/.ignore', 'sub/b.gen']);
  });

  it('info/exclude, also of a worktree', async () => {
    box.repository('repo', { 'a.ts': 'a\n' });
    box.write('repo/.git/info/exclude', '/anchored\n*.tmp\n');
    box.git('repo', 'worktree', 'add', '-q', '../tree');
    for (const folder of ['repo', 'tree']) {
      for (const path of ['anchored', 'sub/anchored', 'x.tmp']) box.write(`${folder}/${path}`);
      assert.deepEqual(await files(folder), ['a.ts', 'sub/anchored'], folder);
    }
  });

  it('a sub-directory of a repository is under the rules above it', async () => {
    box.repository('repo', { '.gitignore': '/sub/x\n*.tmp\n!sub/keep.tmp\n', 'sub/.gitignore': '/own\n' });
    for (const path of ['x', 'deep/x', 'a.tmp', 'keep.tmp', 'own']) box.write(`repo/sub/${path}`);
    assert.deepEqual(await files('repo/sub'), ['.gitignore', 'deep/x', 'keep.tmp']);
    assert.deepEqual(await files('repo/sub'), gitsOwn('repo/sub'));
  });

  it('a folder that the rules above ignore is walked without them', async () => {
    box.repository('repo', { '.gitignore': 'scratch/\n*.ts\n' });
    box.write('repo/scratch/deep/a.ts');
    assert.deepEqual(await files('repo/scratch/deep'), ['a.ts']);
  });

  it('rules start anew in a repository inside, and its `.git` is never entered', async () => {
    box.repository('repo', { '.gitignore': '*.tmp\nignored/\n' });
    box.repository('repo/inner', { '.gitignore': '*.o\n' });
    box.repository('repo/ignored', { 'a.ts': 'a\n' });
    for (const path of ['x.tmp', 'x.o']) box.write(`repo/inner/${path}`);
    assert.deepEqual(await files(), ['.gitignore', 'inner/.gitignore', 'inner/x.tmp']);
  });

  it('a link to an ignore file is not read, as in git', async () => {
    box.write('elsewhere', '*\n');
    box.write('repo/a.ts');
    box.link('repo/.gitignore', '../elsewhere');
    assert.deepEqual(await files(), ['a.ts']);
  });

  it('symbolic links: a loop, broken, to a folder, to the outside; each a skip that names its target', async () => {
    box.write('outside/secret.ts');
    box.write('repo/d/a.ts');
    const targets = { loop: 'loop', up: '..', broken: 'nowhere', folder: 'd', out: '../outside' };
    for (const [name, target] of Object.entries(targets)) box.link(`repo/${name}`, target);
    const result = await walked();
    assert.deepEqual(pathsOf(result.files), ['d/a.ts']);
    const skipped = Object.fromEntries(result.skips.map(({ path, reason }) => [path, reason]));
    for (const [name, target] of Object.entries(targets)) {
      assert.deepEqual(skipped[name], { kind: 'symlink', target });
    }
  });

  it('a FIFO and a socket are skips, and not opened', async () => {
    box.write('repo/a.ts');
    execFileSync('mkfifo', [box.at('repo/pipe')]);
    const server = createServer();
    await new Promise<void>(resolve => server.listen(box.at('repo/socket'), resolve));
    const result = await walked();
    await new Promise(resolve => server.close(resolve));
    assert.deepEqual(pathsOf(result.files), ['a.ts']);
    const whats = result.skips.map(({ path, reason }) => [path, reason.kind === 'not-a-file' && reason.what]);
    assert.deepEqual(
      new Map(whats as [string, string][]),
      new Map([
        ['pipe', 'named pipe'],
        ['socket', 'socket'],
      ]),
    );
  });

  it('a device (the machine’s own, by `/dev` being walked)', async () => {
    const result = await walkFiles('/dev');
    const zero = result.skips.find(({ path }) => path === 'zero' || path === 'null');
    assert.deepEqual(zero?.reason, { kind: 'not-a-file', what: 'device' });
  });

  it('a folder that may not be read is a skip with the reason', async function () {
    box.write('repo/a.ts');
    box.write('repo/secret/b.ts');
    const asRoot = process.getuid?.() === 0;
    execFileSync('chmod', ['755', box.root]);
    execFileSync('chmod', ['000', box.at('repo/secret')]);
    // Permissions do not bind root: be somebody else meanwhile.
    if (asRoot) process.seteuid?.(65_534);
    try {
      const result = await walked();
      assert.deepEqual(pathsOf(result.files), ['a.ts']);
      const detail = 'directory: EACCES: permission denied';
      assert.deepEqual(result.skips, [{ path: 'secret', reason: { kind: 'unreadable', detail } }]);
    } finally {
      if (asRoot) process.seteuid?.(0);
      execFileSync('chmod', ['755', box.at('repo/secret')]);
    }
  });

  it('throws where the folder itself is gone', async () => {
    await assert.rejects(walked('nowhere'), { name: 'LongviewError', code: 'workspace-gone' });
  });

  it('can be cancelled', async () => {
    box.write('repo/a.ts');
    await assert.rejects(walkFiles(box.at('repo'), { signal: AbortSignal.abort() }), { name: 'AbortError' });
  });

  it('a 30-level deep folder', async () => {
    const deep = Array.from({ length: 30 }, (_, i) => `d${i}`).join('/');
    box.write(`repo/${deep}/a.ts`);
    assert.deepEqual(await files(), [`${deep}/a.ts`]);
  });
});

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const folderName = fc.constantFrom(
  'a',
  'b',
  'foo',
  '[id]',
  '(g)',
  'x y',
  'build',
  '*',
  'a?',
  '{b}',
  'back\\slash',
  '^$',
  'é',
);
const fileName = fc.constantFrom(
  ...[
    'a',
    'foo',
    'foo.log',
    'a.b',
    '#hash',
    '!bang',
    'trail ',
    '.hid',
    '[id]',
    'x y',
    'bc',
    '*',
    '\\',
    'é',
    'a\nb',
    ' lead',
    '-',
    ']',
  ],
);
const filePath = fc
  .tuple(fc.array(folderName, { maxLength: 3 }), fileName)
  .map(([folders, file]) => [...folders, file].join('/'));

const glob = fc.constantFrom(
  ...[
    '*',
    '?',
    '**',
    '*.log',
    '[ab]',
    '[!a]',
    '[a-c]*',
    'foo*',
    '*o',
    'f*o',
    '[[:alpha:]]',
    '\\[id\\]',
    '[id]',
    '\\*',
    '\\#hash',
  ],
  ...[
    '\\!bang',
    'trail\\ ',
    'x y',
    'x\\ y',
    '.*',
    '*.*',
    '?oo',
    '(g)',
    '{b}',
    '\\\\',
    'back\\\\slash',
    'é',
    '??',
    '^$',
    '[]]',
    '[^]]',
    '\\-',
  ],
);
const segment = fc.oneof(
  folderName.map(name => name.replace(/[\\*?[]/g, '\\$&')),
  fileName,
  glob,
);
const pattern = fc
  .record({
    negated: fc.constantFrom('', '', '!'),
    lead: fc.constantFrom('', '', '/', '**/'),
    segments: fc.array(segment, { minLength: 1, maxLength: 3 }),
    tail: fc.constantFrom('', '', '/', '/*', '/**', ' ', '  ', '/ '),
  })
  .map(({ negated, lead, segments, tail }) => negated + lead + segments.join('/') + tail);
const line = fc.oneof(
  { weight: 8, arbitrary: pattern },
  { weight: 1, arbitrary: fc.constantFrom('', '# note', '!', '/', '\\') },
);
const ignoreFile = fc
  .tuple(
    fc.array(line, { minLength: 1, maxLength: 6 }),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
    fc.constantFrom('', '\ufeff'),
  )
  .map(([lines, end, ended, bom]) => bom + lines.join(end) + (ended ? end : ''));

/** Files, and ignore files at the top and in folders that (mostly) exist. */
const tree = fc
  .tuple(
    fc.uniqueArray(filePath, { minLength: 1, maxLength: 14 }),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), ignoreFile), { minLength: 1, maxLength: 3 }),
  )
  .map(([paths, rules]) => {
    // A path cannot be a file and a folder.
    const files = paths.filter(path => !paths.some(other => other.startsWith(path + '/')));
    const ignores = rules.map(([pick, depth, lines]): [string, string] => {
      const folders = dirname(files[pick % files.length] ?? 'x').split('/');
      return [folders.slice(0, depth).join('/'), lines];
    });
    return { files, ignores };
  });
