import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';

import { measureFiles } from '../../../src/core/pack/measureFiles.ts';
import { takeInventory, type InventoryDeps } from '../../../src/core/workspace/inventory.ts';
import { listFiles, type FileListing } from '../../../src/core/workspace/listFiles.ts';
import { createLiveInventory, type FileEvent, type LiveInventory } from '../../../src/core/workspace/live.ts';
import { stampPart, stampsInPart, type StampPart } from '../../../src/core/workspace/stampParts.ts';
import type { WorkspaceFolder } from '../../../src/core/workspace/types.ts';
import { createCountTable } from '../../../src/core/tokens/countTable.ts';
import { counters } from '../tokens/oracles.ts';
import { pathsOf, sandbox, type Sandbox } from './sandbox.ts';

describe('live inventory', function () {
  this.timeout(60_000);
  let box: Sandbox;
  let live: LiveInventory;
  let listed: (readonly string[] | 'all')[];
  let read: string[];
  let stamped: ('as known' | 'stamps')[];
  let lastListing: FileListing | undefined;
  let measureId: string;
  beforeEach(() => {
    box = sandbox();
    live = createLiveInventory();
    [listed, read, stamped, measureId] = [[], [], [], 'o200k'];
  });
  afterEach(() => box.remove());

  const counts = createCountTable();
  const deps = (): InventoryDeps => ({
    measureId,
    async list(folders, options) {
      listed.push(options.only ?? 'all');
      const listing = await listFiles(folders, options, { env: box.env });
      // As the measurer does: the same object where nothing has changed.
      if (options.only === undefined && !isDeepStrictEqual(listing, lastListing)) lastListing = listing;
      return options.only === undefined && lastListing !== undefined ? lastListing : listing;
    },
    async stamps(files, known) {
      const parts: StampPart[] = [];
      for (let i = 0; i * stampsInPart < files.length; i++) {
        const inPart = files.slice(i * stampsInPart, (i + 1) * stampsInPart);
        const paths = inPart.map(file => file.absolutePath);
        parts.push(stampPart(paths, known.get(i), oldStamps));
      }
      stamped.push(...parts.map(({ stamps }) => (stamps === undefined ? 'as known' : 'stamps')));
      return parts;
    },
    async measure(files, { maxFileBytes }) {
      read.push(...files.map(f => f.path));
      return measureFiles(files, maxFileBytes, {
        counter: counters.o200k,
        counts,
        secrets: { salt: 'salt', allowed: [] },
        keepFull: [],
      });
    },
  });
  const longAgo = () => 1n << 62n;
  /** As if nothing had been written within the last seconds. */
  const oldStamps = {
    lstat: (path: string | Buffer) => statSync(path, { bigint: true, throwIfNoEntry: false }),
    now: longAgo,
  };
  const options = { maxFileBytes: 100_000, trusted: true };
  const project = (): WorkspaceFolder[] => [{ name: 'project', path: box.at('project') }];
  const take = async (folders = project(), more: { thorough?: boolean } = {}) => {
    [listed, read, stamped] = [[], [], []];
    return (await live.take(folders, { ...options, ...more }, deps())).inventory;
  };
  const fresh = async (folders = project()) => (await takeInventory(folders, options, deps())).inventory;
  const note = (kind: 'changed' | 'created' | 'deleted', path: string) =>
    live.note({ kind, absolutePath: box.at(`project/${path}`) });

  it('reads again what changed, and nothing else', async () => {
    box.repository('project', { 'a.ts': 'a', 'b.ts': 'b' });
    await take();
    box.write('project/a.ts', 'changed');
    note('changed', 'a.ts');
    const inventory = await take();
    assert.deepEqual([listed, read], [[], ['a.ts']]);
    assert.deepEqual(inventory, await fresh());
  });

  it('asks git of new and deleted files alone', async () => {
    box.repository('project', { 'a.ts': 'a', 'b.ts': 'b', '.gitignore': '*.log\n' });
    await take();
    box.write('project/src/new.ts', 'new');
    box.write('project/debug.log', 'noise');
    rmSync(box.at('project/b.ts'));
    note('created', 'src/new.ts');
    note('created', 'debug.log');
    note('deleted', 'b.ts');
    const inventory = await take();
    assert.deepEqual(read, ['src/new.ts'], 'what git ignores is not even read');
    assert.equal(listed.length, 1);
    assert.notEqual(listed[0], 'all');
    assert.deepEqual(pathsOf(inventory.files), ['.gitignore', 'a.ts', 'src/new.ts']);
    assert.deepEqual(inventory, await fresh());
  });

  const structural: [string, () => string][] = [
    ['.gitignore', () => (box.write('project/.gitignore', 'b.ts\n'), '.gitignore')],
    ['.longviewignore', () => (box.write('project/.longviewignore', 'b.ts\n'), '.longviewignore')],
    ['git’s index', () => (box.git('project', 'rm', '-q', '--cached', 'b.ts'), '.git/index')],
  ];
  for (const [name, change] of structural) {
    it(`lists anew after a change of ${name}, and reads no file again for it`, async () => {
      box.repository('project', { 'a.ts': 'a', 'b.ts': 'b' });
      await take();
      note('changed', change());
      const inventory = await take();
      assert.deepEqual(listed, ['all']);
      assert.ok(!read.includes('a.ts'));
      assert.deepEqual(inventory, await fresh());
    });
  }

  it('takes no notice of git’s own work, and of changes in what is ignored', async () => {
    box.repository('project', { 'a.ts': 'a', '.gitignore': 'dist/\n' });
    await take();
    for (const path of ['.git/index.lock', '.git/objects/ab/cdef', '.git/logs/HEAD', 'dist/out.js'])
      assert.equal(note('changed', path), false, path);
    for (const path of ['.git/index', '.git/HEAD', '.git/modules/lib/HEAD', '.git'])
      assert.equal(note('changed', path), true, path);
  });

  it('follows a folder that was renamed', async () => {
    box.repository('project', { 'src/a.ts': 'a', 'src/deep/b.ts': 'b', 'src-2.ts': 'c' });
    await take();
    renameSync(box.at('project/src'), box.at('project/lib'));
    note('deleted', 'src');
    note('created', 'lib');
    assert.deepEqual(await take(), await fresh());
  });

  it('a file that is created where another repository stands is that one’s to judge', async () => {
    box.repository('project', { 'a.ts': 'a' });
    box.repository('project/inner', { 'b.ts': 'b', '.gitignore': '*.log\n' });
    await take();
    box.write('project/inner/c.ts');
    box.write('project/inner/d.log');
    note('created', 'inner/c.ts');
    note('created', 'inner/d.log');
    const inventory = await take();
    assert.deepEqual(inventory, await fresh());
    assert.ok(pathsOf(inventory.files).includes('inner/c.ts'));
  });

  it('counts what an editor shows, until it is saved or closed', async () => {
    box.repository('project', { 'a.ts': 'a\n', 'b.ts': 'b' });
    const saved = await take();
    live.setUnsaved(box.at('project/a.ts'), 'typed, not saved\n');
    const typed = await take();
    const file = typed.files.find(f => f.path === 'a.ts');
    assert.deepEqual([file?.content, file?.bytes, read], ['typed, not saved\n', 17, ['a.ts']]);
    assert.notEqual(file?.hash, saved.files.find(f => f.path === 'a.ts')?.hash);
    assert.deepEqual(await take(project(), { thorough: true }), typed);
    assert.deepEqual(read, [], 'a text that stays is not counted again');
    live.setUnsaved(box.at('project/a.ts'), undefined);
    assert.deepEqual(await take(), saved);
  });

  it('thorough, it believes no event: a change nobody told of is found', async () => {
    box.repository('project', { 'a.ts': 'a', 'b.ts': 'b', 'c.ts': 'c' });
    await take();
    box.write('project/a.ts', 'quietly changed');
    box.write('project/new.ts');
    rmSync(box.at('project/b.ts'));
    const inventory = await take(project(), { thorough: true });
    assert.deepEqual(read.sort(), ['a.ts', 'new.ts']);
    assert.deepEqual(inventory, await fresh());
  });

  describe('thorough, it looks at no file of a part whose stamps are the ones they were measured at', () => {
    const thorough = () => take(project(), { thorough: true });
    const many = 2 * stampsInPart + 5;
    const name = (i: number) => `f${String(i).padStart(5, '0')}.ts`;
    beforeEach(async () => {
      box.repository(
        'project',
        Object.fromEntries(Array.from({ length: many }, (_, i) => [name(i), `${i}`])),
      );
      await take();
      await thorough();
      assert.deepEqual([stamped, read], [['as known', 'as known', 'as known'], []]);
    });

    it('but finds what was quietly changed in another part', async () => {
      box.write(`project/${name(stampsInPart + 1)}`, 'quietly changed');
      const inventory = await thorough();
      assert.deepEqual([stamped, read], [['as known', 'stamps', 'as known'], [name(stampsInPart + 1)]]);
      assert.deepEqual(inventory, await fresh());
      await thorough();
      assert.deepEqual([stamped, read], [['as known', 'as known', 'as known'], []]);
    });

    it('looks again at what an event, or an editor, spoke of', async () => {
      box.write(`project/${name(0)}`, 'changed');
      note('changed', name(0));
      await take();
      live.setUnsaved(box.at(`project/${name(many - 1)}`), 'typed');
      const typed = await take();
      assert.deepEqual(await thorough(), typed);
      assert.deepEqual([stamped, read], [['stamps', 'as known', 'stamps'], []]);
      assert.equal(typed.files.at(-1)?.content, 'typed');
      live.setUnsaved(box.at(`project/${name(many - 1)}`), undefined);
      assert.deepEqual(await thorough(), await fresh());
    });

    it('looks at all of them where one came or went', async () => {
      rmSync(box.at(`project/${name(3)}`));
      box.write('project/new.ts');
      assert.deepEqual(await thorough(), await fresh());
      box.write(`project/${name(3)}`, 'back');
      note('created', name(3));
      await take();
      assert.deepEqual(await thorough(), await fresh());
    });

    it('measures all of them for another counter', async () => {
      measureId = 'another';
      await thorough();
      assert.equal(read.length, many);
      await thorough();
      assert.deepEqual([stamped, read], [['as known', 'as known', 'as known'], []]);
    });
  });

  it('a file that may be written again without another stamp is looked at again', async () => {
    box.repository('project', { 'a.ts': 'a' });
    await take();
    oldStamps.now = () => 0n;
    try {
      box.write('project/a.ts', 'just now');
      note('changed', 'a.ts');
      await take();
      for (const _ of [1, 2]) {
        await take(project(), { thorough: true });
        assert.deepEqual([stamped, read], [['stamps'], ['a.ts']]);
      }
    } finally {
      oldStamps.now = longAgo;
    }
  });

  it('counts anew with another counter, and lists anew for other folders', async () => {
    box.repository('project', { 'a.ts': 'a' });
    box.repository('other', { 'b.ts': 'b' });
    await take();
    measureId = 'another';
    await take();
    assert.deepEqual(read, ['a.ts']);
    const both = [...project(), { name: 'other', path: box.at('other') }];
    assert.deepEqual(pathsOf((await take(both)).files), ['other/b.ts', 'project/a.ts']);
  });

  it('what is decided while a look runs counts for every file, with the next one', async () => {
    box.repository('project', { 'a.ts': 'a', 'b.ts': 'b' });
    await take();
    box.write('project/a.ts', 'changed');
    note('changed', 'a.ts');
    const given = deps();
    const deciding: InventoryDeps = {
      ...given,
      get measureId() {
        return measureId;
      },
      measure: (files, how) => ((measureId = 'decided meanwhile'), given.measure(files, how)),
    };
    await live.take(project(), options, deciding);
    await take();
    assert.deepEqual(read, ['a.ts', 'b.ts']);
  });

  it('a cancelled look loses nothing that was noted', async () => {
    box.repository('project', { 'a.ts': 'a' });
    await take();
    box.write('project/a.ts', 'changed');
    note('changed', 'a.ts');
    const failing = { ...deps(), measure: () => Promise.reject(new DOMException('stopped', 'AbortError')) };
    await assert.rejects(live.take(project(), options, failing), { name: 'AbortError' });
    assert.deepEqual(await take(), await fresh());
  });

  const roots: [string, () => WorkspaceFolder[]][] = [
    ['one folder of a repository', project],
    ['one root inside another', () => [...project(), { name: 'inner', path: box.at('project/src') }]],
    ['a folder without git', () => [{ name: 'plain', path: box.at('plain') }]],
  ];
  for (const [name, folders] of roots) {
    it(`law: after any edits it is what a fresh look finds (${name})`, async () => {
      const path = fc.constantFrom(
        'a.ts',
        'src/b.ts',
        'src/deep/c.ts',
        'src',
        'src/deep',
        'x.log',
        'a',
        'a b.ts',
        '.gitignore',
        'src/.longviewignore',
        '[x].ts',
        'inner/d.ts',
      );
      const edit = fc.record({ path, text: fc.constantFrom('', 'x', '*.log\n', 'a*\n!a.ts\n', null) });
      const round = fc.record({
        edits: fc.array(edit, { maxLength: 6 }),
        how: fc.constantFrom('by events', 'thorough', 'thorough, and told of nothing'),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(round, { maxLength: 4 }), async rounds => {
          rmSync(box.at('project'), { recursive: true, force: true });
          rmSync(box.at('plain'), { recursive: true, force: true });
          box.repository('project', { 'a.ts': 'a', 'src/b.ts': 'b', 'x.log': 'tracked' });
          box.repository('project/inner', { 'e.ts': 'e' });
          box.write('plain/src/b.ts');
          live = createLiveInventory();
          const first = folders()[0]?.name ?? '';
          await take(folders());
          for (const { edits, how } of rounds) {
            const say = (event: FileEvent) => {
              if (how !== 'thorough, and told of nothing') live.note(event);
            };
            for (const { path: file, text } of edits) {
              const at = `${first}/${file}`;
              const absolutePath = box.at(at);
              const there = existsSync(absolutePath);
              const isFolder = there && statSync(absolutePath).isDirectory();
              if (text === null) {
                if (file === 'src' || !there) continue;
                rmSync(absolutePath, { recursive: true });
                say({ kind: 'deleted', absolutePath });
              } else if (!isFolder && !/^(src|src\/deep|a)$/.test(file)) {
                box.write(at, text);
                say({ kind: there ? 'changed' : 'created', absolutePath });
              }
            }
            const now = await take(folders(), { thorough: how !== 'by events' });
            assert.deepEqual(now, await fresh(folders()));
          }
        }),
        { numRuns: 12 },
      );
    });
  }
});
