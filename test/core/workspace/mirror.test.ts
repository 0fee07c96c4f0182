import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { createMirror, type MirrorChange } from '../../../src/core/workspace/mirror.ts';
import type { RemoteFolder, RemoteKind } from '../../../src/core/workspace/remoteFolder.ts';
import { codeOf } from '../../../src/core/workspace/skips.ts';
import { walkFiles } from '../../../src/core/workspace/walkFiles.ts';
import { pathsOf, type Sandbox, sandbox } from './sandbox.ts';

const mega = 1024 * 1024;

interface Update {
  readonly thorough?: boolean;
  readonly maxFileBytes?: number;
  readonly signal?: AbortSignal;
  /** Else a failure is thrown. */
  readonly onError?: () => void;
}

describe('the copy of a folder that only the editor can reach', function () {
  this.timeout(60_000);
  let box: Sandbox;
  beforeEach(() => (box = sandbox()));
  afterEach(() => box.remove());

  /** A mirror of a folder on this disk, reached as a provider's would be; and what was asked of it. */
  function mirrored(change: Partial<RemoteFolder> = {}, before: () => void = () => undefined) {
    mkdirSync(box.at('far'), { recursive: true });
    const asked: string[] = [];
    const far = (path: string) => (path === '' ? box.at('far') : box.at(`far/${path}`));
    const remote: RemoteFolder = {
      list(path) {
        asked.push(`list ${path}`);
        return Promise.resolve(
          readdirSync(far(path), { withFileTypes: true }).map(entry => [entry.name, kindOf(entry)] as const),
        );
      },
      stat: path => {
        const { size, mtimeMs: mtime, ...stat } = lstatSync(far(path));
        return Promise.resolve({
          size,
          mtime,
          kind: kindOf(Object.setPrototypeOf(stat, lstatSync(far(path)))),
        });
      },
      read(path) {
        asked.push(`read ${path}`);
        return Promise.resolve(readFileSync(far(path)));
      },
      isGone: error => ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? ''),
      ...change,
    };
    const rejecting = Object.fromEntries(
      (['list', 'stat', 'read'] as const).map(name => [
        name,
        async (path: string) => (before(), remote[name](path)),
      ]),
    ) as unknown as RemoteFolder;
    const mirror = createMirror(box.at('near'), 'far:/project', { ...rejecting, isGone: remote.isGone });
    const update = async ({ onError, ...options }: Update = {}) => {
      const changes: MirrorChange[] = [];
      asked.length = 0;
      await mirror
        .update({ thorough: false, maxFileBytes: mega, ...options }, c => void changes.push(c))
        .catch((error: unknown) => {
          if (onError === undefined) throw error;
          onError();
        });
      return changes
        .map(c => (c.kind === 'all' ? 'all' : `${c.kind} ${c.absolutePath.slice(box.at('near/').length)}`))
        .sort();
    };
    return { mirror, update, asked };
  }

  const copied = async () => {
    const { files } = await walkFiles(box.at('near'));
    return pathsOf(files);
  };

  it('holds what the walk of the folder lists, and tells of all that is another, after any edits (property)', async function () {
    const numRuns = Number(process.env['LONGVIEW_RUNS'] ?? 60);
    this.timeout(numRuns * 3000);
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 5 }), async rounds => {
        for (const folder of ['far', 'near']) rmSync(box.at(folder), { recursive: true, force: true });
        let calls = 0;
        let fails = false;
        const hiccup = () => {
          if (fails && ++calls % 3 === 0) throw new Error('the line is down');
        };
        const { mirror, update } = mirrored({}, hiccup);
        let before = contents(box.at('near'));
        for (const { edits, accident, ofFolders } of rounds) {
          for (const one of edits)
            for (const path of apply(box.at('far'), one)) {
              mirror.note(path);
              if (ofFolders) mirror.note(dirname(path).replace(/^\.$/, ''));
            }
          const told: string[] = [];
          fails = accident === 'line';
          if (accident !== 'none') told.push(...(await update({ onError: () => undefined })));
          fails = false;
          if (accident === 'lost')
            for (const path of before.keys())
              if (existsSync(box.at(`near/${path}`))) rmSync(box.at(`near/${path}`), { recursive: true });
          told.push(...(await update({ thorough: accident !== 'none' })));
          const [far, near] = await Promise.all([walkFiles(box.at('far')), walkFiles(box.at('near'))]);
          assert.deepEqual(pathsOf(near.files), pathsOf(far.files));
          const after = contents(box.at('near'));
          for (const { path } of near.files)
            assert.equal(after.get(path), readFileSync(box.at(`far/${path}`), 'utf8'), path);
          for (const path of new Set([...before.keys(), ...after.keys()])) {
            if (before.get(path) === after.get(path)) continue;
            const isTold = told.some(
              line => line === 'all' || `${path}/`.startsWith(`${line.replace(/^\w+ /, '')}/`),
            );
            assert.ok(isTold, `${path} is another, and only this was told: ${told.join(', ')}`);
          }
          before = after;
        }
      }),
      { numRuns },
    );
  });

  it('tells what it did, and asks for nothing again that stands as it stood', async () => {
    box.write('far/.gitignore', 'out/\n');
    for (const path of ['a.ts', 'src/b.ts', 'src/c.ts', 'out/x.js']) box.write(`far/${path}`);
    const { mirror, update, asked } = mirrored();
    assert.deepEqual(await update(), [
      'created .gitignore',
      'created a.ts',
      'created src/b.ts',
      'created src/c.ts',
    ]);
    assert.ok(!asked.includes('list out'), 'what is ignored is not even listed');
    assert.deepEqual(await update({ thorough: true }), []);
    assert.deepEqual(
      asked.filter(a => a.startsWith('read')),
      [],
    );

    box.write('far/src/b.ts', 'new\n');
    rmSync(box.at('far/a.ts'));
    for (const path of ['src/b.ts', 'a.ts', 'out/y.js']) mirror.note(path);
    box.write('far/out/y.js');
    assert.deepEqual(await update(), ['changed src/b.ts', 'deleted a.ts']);
    assert.deepEqual(asked, ['read src/b.ts', 'list ']);
    assert.deepEqual(await update(), []);
    assert.deepEqual(await copied(), ['.gitignore', 'src/b.ts', 'src/c.ts']);
  });

  it('a rule that changes decides anew', async () => {
    for (const path of ['a.ts', 'a.log', 'logs/b.log']) box.write(`far/${path}`);
    const { mirror, update } = mirrored();
    await update();
    box.write('far/.gitignore', '*.log\n');
    mirror.note('.gitignore');
    assert.deepEqual(await update(), ['created .gitignore', 'deleted a.log', 'deleted logs/b.log']);
    assert.equal(existsSync(box.at('near/a.log')), false);
    rmSync(box.at('far/.gitignore'));
    mirror.note('.gitignore');
    await update();
    assert.deepEqual(await copied(), ['a.log', 'a.ts', 'logs/b.log']);
  });

  it('a repository’s own rules count, and nothing else of its `.git` is copied', async () => {
    box.repository('far', { 'a.ts': '1\n' });
    box.write('far/.git/info/exclude', '*.tmp\n');
    box.write('far/b.tmp');
    const { update } = mirrored();
    await update();
    assert.deepEqual(await copied(), ['a.ts']);
    assert.deepEqual(readdirSync(box.at('near/.git')).sort(), ['HEAD', 'info']);
  });

  it('no name leads out of the copy', async () => {
    box.write('far/ok.ts');
    const names = ['../evil', '..', '.', '', 'a/b', 'x\0y', 'n'.repeat(300), 'ok.ts'];
    const { mirror, update } = mirrored({
      list: () => Promise.resolve(names.map(name => [name, 'file'] as const)),
      read: () => Promise.resolve(Buffer.from('evil\n')),
    });
    await update();
    assert.equal(mirror.skips().length, names.length - 1, 'each is told');
    for (const path of ['../evil', '../../evil', 'a/../../evil']) mirror.note(path);
    await update();
    assert.deepEqual(readdirSync(box.at('near')), ['ok.ts']);
    assert.deepEqual(readdirSync(box.root).sort(), ['far', 'home', 'near']);
  });

  it('links, what is too large, and what cannot be read are skips, each until it changes', async () => {
    box.link('far/link', 'a.ts');
    box.write('far/a.ts');
    box.write('far/big.ts', 'x'.repeat(2000));
    box.write('far/odd.ts');
    let isBroken = true;
    const { mirror, update } = mirrored({
      read(path) {
        if (path === 'odd.ts' && isBroken) throw new Error('The server hung up');
        return Promise.resolve(readFileSync(box.at(`far/${path}`)));
      },
    });
    await update({ maxFileBytes: 1000 });
    assert.deepEqual(mirror.skips(), [
      { path: 'big.ts', reason: { kind: 'too-large', bytes: 2000, limitBytes: 1000 } },
      { path: 'link', reason: { kind: 'symlink', target: 'a place its file system does not tell' } },
      { path: 'odd.ts', reason: { kind: 'unreadable', detail: 'The server hung up' } },
    ]);
    isBroken = false;
    assert.deepEqual(await update({ maxFileBytes: 1000, thorough: true }), ['all', 'created odd.ts']);
    assert.deepEqual(await update({ maxFileBytes: 3000 }), ['all', 'created big.ts'], 'the limit was raised');
    box.write('far/big.ts', 'x'.repeat(4000));
    mirror.note('big.ts');
    assert.deepEqual(await update({ maxFileBytes: 3000 }), ['created big.ts', 'deleted big.ts']);
    assert.deepEqual(pathsOf(mirror.skips()), ['big.ts', 'link']);
  });

  it('a file that was told of is read whatever its stamp says', async () => {
    const at = new Date(1_000_000);
    box.write('far/a.ts', 'one\n');
    utimesSync(box.at('far/a.ts'), at, at);
    const { mirror, update } = mirrored();
    await update();
    box.write('far/a.ts', 'two\n');
    utimesSync(box.at('far/a.ts'), at, at);
    mirror.note('a.ts');
    assert.deepEqual(await update(), ['changed a.ts']);
    assert.equal(readFileSync(box.at('near/a.ts'), 'utf8'), 'two\n');
  });

  it('a provider without a clock is read again, and what is the same is not told', async () => {
    box.write('far/a.ts');
    const { update, asked } = mirrored({
      stat: path => Promise.resolve({ kind: 'file', size: lstatSync(box.at(`far/${path}`)).size, mtime: 0 }),
    });
    await update();
    assert.deepEqual(await update({ thorough: true }), []);
    assert.deepEqual(asked, ['list ', 'read a.ts']);
  });

  it('rules that cannot be read for a moment stay; those that were never read let nothing through', async () => {
    box.write('far/.gitignore', '.env\n');
    box.write('far/.env', 'SECRET=1\n');
    box.write('far/a.ts');
    let isDown = true;
    const down = (path: string) => {
      if (isDown && path === '.gitignore') throw new Error('The server hung up');
    };
    const { update } = mirrored({
      read: path => (down(path), Promise.resolve(readFileSync(box.at(`far/${path}`)))),
    });
    await assert.rejects(update(), { code: 'io', message: /\.gitignore of far:\/project could not be read/ });
    assert.equal(existsSync(box.at('near/.env')), false);
    isDown = false;
    await update();
    isDown = true;
    box.write('far/.gitignore', '.env\nmore\n');
    await update({ thorough: true });
    isDown = false;
    await update({ thorough: true });
    assert.deepEqual(await copied(), ['.gitignore', 'a.ts']);
    assert.equal(readFileSync(box.at('near/.gitignore'), 'utf8'), '.env\nmore\n');
  });

  it('a `.longviewignore` that git ignores decides all the same', async () => {
    box.write('far/.gitignore', '.longviewignore\n');
    box.write('far/.longviewignore', 'a.ts\n');
    box.write('far/a.ts');
    const { mirror, update } = mirrored();
    await update();
    assert.equal(readFileSync(box.at('near/.longviewignore'), 'utf8'), 'a.ts\n');
    rmSync(box.at('far/.longviewignore'));
    mirror.note('.longviewignore');
    await update();
    assert.equal(existsSync(box.at('near/.longviewignore')), false);
  });

  it('a folder without end is left at some depth', async () => {
    const { mirror, update } = mirrored({
      list: () => Promise.resolve([['again', 'folder'] as const]),
    });
    await update();
    assert.match(JSON.stringify(mirror.skips()), /more than 64 folders deep/);
  });

  it('a path that no disk takes is a skip, and the rest goes on', async () => {
    const deep = Array.from({ length: 30 }, () => 'd'.repeat(200)).join('/');
    const { mirror, update } = mirrored({
      list: path =>
        Promise.resolve(
          path.length < deep.length
            ? [
                [deep.split('/')[path === '' ? 0 : path.split('/').length] ?? '', 'folder'] as const,
                ['a.ts', 'file'] as const,
              ]
            : [['a.ts', 'file'] as const],
        ),
      stat: () => Promise.resolve({ kind: 'file', size: 1, mtime: 1 }),
      read: () => Promise.resolve(Buffer.from('1')),
    });
    await update();
    assert.ok(existsSync(box.at('near/a.ts')));
    assert.match(JSON.stringify(mirror.skips()), /no copy can be made of it: ENAMETOOLONG/);
  });

  it('a provider that never answers does not hold up who gives up', async () => {
    const controller = new AbortController();
    const { update } = mirrored({
      list: () => (setImmediate(() => controller.abort()), new Promise(() => undefined)),
    });
    await assert.rejects(update({ signal: controller.signal }), { name: 'AbortError' });
  });

  it('fetches one file that is not listed', async () => {
    box.write('far/.gitignore', 'hidden\n');
    box.write('far/hidden', 'yes\n');
    const { mirror, update } = mirrored();
    await update();
    await mirror.fetch('hidden');
    assert.equal(readFileSync(box.at('near/hidden'), 'utf8'), 'yes\n');
    rmSync(box.at('far/hidden'));
    await mirror.fetch('hidden');
    assert.equal(existsSync(box.at('near/hidden')), false);
  });

  it('is cancelled, and then looks at everything', async () => {
    box.write('far/a.ts');
    const { mirror, update } = mirrored();
    await assert.rejects(update({ signal: AbortSignal.abort() }), { name: 'AbortError' });
    assert.deepEqual(await update(), ['created a.ts']);
    box.write('far/b.ts');
    mirror.note('b.ts');
    await assert.rejects(update({ signal: AbortSignal.abort() }), { name: 'AbortError' });
    assert.deepEqual(await update(), ['created b.ts']);
  });

  it('a folder that is gone, and a disk that takes nothing, are told with a remedy', async () => {
    const { update } = mirrored();
    rmSync(box.at('far'), { recursive: true });
    await assert.rejects(update(), { name: 'LongviewError', code: 'workspace-gone' });
    box.write('far/a.ts');
    rmSync(box.at('near'), { recursive: true, force: true });
    writeFileSync(box.at('near'), 'in the way');
    await assert.rejects(update(), { name: 'LongviewError', code: 'io', message: /copy of the folder/ });
    rmSync(box.at('near'));
    assert.deepEqual(await update(), ['created a.ts'], 'nothing is lost');
  });
});

interface Kind {
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

function kindOf(entry: Kind): RemoteKind {
  if (entry.isSymbolicLink()) return 'link';
  return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other';
}

const name = fc.constantFrom('a', 'b', 'a.log', 'é', 'back\\slash');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map(names => names.join('/'));
const edit = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('write' as const), path, text: fc.constantFrom('1\n', '22\n') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), path }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rules' as const),
      path: fc.constantFrom('', 'a', 'a/b'),
      text: fc.constantFrom('*.log\n', 'b/\n', '!a.log\n', '/a\n', ''),
    }),
  },
);

const round = fc.record({
  edits: fc.array(edit, { maxLength: 6 }),
  accident: fc.constantFrom('none', 'none', 'line', 'lost'),
  ofFolders: fc.boolean(),
});

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

/** What every file holds, by path. */
function contents(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true });
  const files = all.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return new Map(files.map(path => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

/** Does an edit as a user would; gives the paths that a watcher tells of. */
function apply(folder: string, one: Edit): string[] {
  const path = one.kind === 'rules' ? join(one.path, '.gitignore') : one.path;
  const full = join(folder, path);
  if (one.kind === 'remove') {
    // Below a file there is nothing.
    if (existsSync(full)) rmSync(full, { recursive: true });
    return [path];
  }
  // What stands in the way is replaced, a file by a folder and the other way round.
  const told: string[] = [];
  const names = path.split('/');
  for (let depth = 1; depth < names.length; depth++) {
    const above = names.slice(0, depth).join('/');
    if (!lstatSync(join(folder, above), { throwIfNoEntry: false })?.isFile()) continue;
    rmSync(join(folder, above));
    told.push(above);
  }
  if (lstatSync(full, { throwIfNoEntry: false })?.isDirectory()) rmSync(full, { recursive: true });
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, one.text);
  // A clock that is too coarse to tell one write from the next.
  utimesSync(full, 1000, 1000);
  return [...told, path];
}
