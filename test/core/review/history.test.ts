import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';

import { createHistory, silentAfterMs, type History } from '../../../src/core/review/history.ts';
import { decodeEntry, encodeEntry, headBytes } from '../../../src/core/review/historyFile.ts';
import { searchHistory } from '../../../src/core/review/historySearch.ts';
import { sampleEntry } from './historySample.ts';

describe('history', () => {
  let folder: string;
  let history: History;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-history-'));
    history = createHistory(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const idAt = (n: number) => history.newId(new Date(Date.UTC(2026, 0, 1, 0, n)));
  const write = async (changes: Parameters<typeof sampleEntry>[0] = {}) => {
    const entry = sampleEntry(changes);
    await history.write(entry);
    return entry;
  };

  it('gives back what was written', async () => {
    const entry = await write();
    assert.deepEqual(await history.read(entry.id), { kind: 'entry', entry });
    const { entries } = await history.list();
    assert.deepEqual(
      entries.map(e => [e.id, e.anchors]),
      [[entry.id, { total: 1, verified: 1 }]],
    );
  });

  it('a folder that is not there yet is an empty history', async () => {
    const none = createHistory(join(folder, 'none'));
    assert.deepEqual(await none.list(), { entries: [], unreadable: [] });
    assert.deepEqual(await none.read('x'), { kind: 'gone' });
  });

  it('lists the newest first, by the time of asking', async () => {
    for (const n of [2, 1, 3])
      await write({ id: idAt(n), at: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(), title: `q${n}` });
    assert.deepEqual(
      (await history.list()).entries.map(e => e.title),
      ['q3', 'q2', 'q1'],
    );
  });

  const broken: [string, (file: string) => Promise<void>, RegExp, RegExp | undefined][] = [
    ['empty', file => truncate(file, 0), /empty/, undefined],
    ['torn in its head', file => truncate(file, 40), /torn/, undefined],
    [
      'of another version',
      file => edit(file, t => t.replace('history/1', 'history/7')),
      /another version/,
      undefined,
    ],
    ['somebody else’s', file => writeFile(file, '{"a":1}\n{}\n'), /no history of ours/, undefined],
    ['binary', file => writeFile(file, Buffer.from([0, 255, 10, 3])), /torn/, undefined],
    [
      'damaged in its head',
      file => edit(file, t => t.replace('"state":"done"', '"state":"x"')),
      /damaged/,
      undefined,
    ],
    [
      'under another name',
      file => edit(file, t => t.replace('0a1b2c3d', '0a1b2c3e')),
      /another entry/,
      undefined,
    ],
  ];
  for (const [name, breakIt, why] of broken) {
    it(`a file that is ${name} is told of, kept, and harms no other`, async () => {
      const entry = await write();
      const good = await write({ id: idAt(9) });
      await breakIt(join(folder, `${entry.id}.ask`));
      const list = await history.list();
      assert.deepEqual(
        list.entries.map(e => e.id),
        [good.id],
      );
      assert.deepEqual(
        list.unreadable.map(u => u.id),
        [entry.id],
      );
      assert.match(list.unreadable[0]!.why, why);
      assert.equal((await history.read(entry.id)).kind, 'unreadable');
      await history.prune();
      assert.equal((await readdir(folder)).length, 2);
      await history.delete(entry.id);
      assert.deepEqual((await history.list()).unreadable, []);
    });
  }

  it('a file whose second half is torn is listed, and says so when it is opened', async () => {
    const entry = await write();
    const file = join(folder, `${entry.id}.ask`);
    await truncate(file, (await readFile(file)).length - 10);
    assert.equal((await history.list()).entries.length, 1);
    const read = await history.read(entry.id);
    assert.ok(read.kind === 'unreadable');
    assert.match(read.why, /torn/);
  });

  it('no name leads out of the folder', async () => {
    for (const id of ['../x', 'a/b', '..', 'a.b', ''])
      await assert.rejects(async () => history.read(id), RangeError);
  });

  it('the longest question’s head is still read at one go', async () => {
    const long = '𝄞"\\\u0001'.repeat(5000);
    const endpoint = { id: long, name: long, model: long, host: long, offline: false };
    const { title } = sampleEntry({ title: 'x' });
    const trimmed = Object.fromEntries(
      Object.entries(endpoint).map(([k, v]) => [k, typeof v === 'string' ? v.slice(0, 300) : v]),
    );
    const file = encodeEntry(sampleEntry({ question: long, title, endpoint: trimmed as typeof endpoint }));
    assert.ok(Buffer.byteLength(file.split('\n')[0]!) < headBytes);
  });

  it('law: no stored bytes make reading throw, and every anchor lies in its answer', () => {
    const good = encodeEntry(sampleEntry());
    const mutated = fc
      .tuple(fc.nat(good.length - 1), fc.nat(6), fc.string({ maxLength: 6 }))
      .map(([at, cut, text]) => good.slice(0, at) + text + good.slice(at + cut));
    fc.assert(
      fc.property(
        fc.oneof(
          mutated,
          fc.json(),
          fc.json().map(j => `${good.split('\n')[0]}\n${j}`),
        ),
        file => {
          const decoded = decodeEntry(file);
          if (decoded.kind === 'bad') return assert.ok(decoded.why.endsWith('.'));
          for (const { offset, length } of decoded.value.anchors)
            assert.ok(offset + length <= decoded.value.answer.length);
        },
      ),
      { numRuns: 2000 },
    );
  });

  describe('running entries', () => {
    it('are running while their process lives and writes', async () => {
      const { id } = await write({ state: 'running' });
      assert.equal((await history.list()).entries[0]?.state, 'running');
      const old = new Date(Date.now() - silentAfterMs - 1000);
      await utimes(join(folder, `${id}.ask`), old, old);
      assert.equal((await history.list()).entries[0]?.state, 'interrupted');
      await history.touch(id);
      assert.equal((await history.list()).entries[0]?.state, 'running');
    });

    it('are interrupted where the process is gone', async () => {
      const dead = createHistory(folder, { isAlive: () => false });
      const { id } = await write({ state: 'running' });
      const read = await dead.read(id);
      assert.ok(read.kind === 'entry');
      assert.equal(read.entry.state, 'interrupted');
    });
  });

  it('keeps so many, drops the oldest, and never what is running', async () => {
    const few = createHistory(folder, { most: 2 });
    for (const n of [1, 2, 3, 4]) {
      const at = new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();
      await write({ id: idAt(n), at, title: `q${n}`, state: n === 1 ? 'running' : 'done' });
    }
    await few.prune();
    assert.deepEqual(
      (await few.list()).entries.map(e => e.title),
      ['q4', 'q3', 'q1'],
    );
  });

  it('finds the ask that a turn came from', async () => {
    await write({ id: idAt(1), turn: 'one' });
    const { id } = await write({ id: idAt(2), turn: 'two' });
    assert.equal(await history.findTurn('two'), id);
    assert.equal(await history.findTurn('three'), undefined);
    assert.equal(await history.findTurn(''), undefined);
  });

  it('searches questions and answers for every word', async () => {
    await write({
      id: idAt(1),
      question: 'Where are Frames made?',
      title: 'frames',
      answer: 'Here.',
      anchors: [],
    });
    await write({
      id: idAt(2),
      question: 'Why?',
      title: 'why',
      answer: 'Because frames are\nmade so.',
      anchors: [],
    });
    const found = async (query: string) => {
      const titles: string[] = [];
      for await (const { head } of searchHistory(history, query)) titles.push(head.title);
      return titles.sort();
    };
    assert.deepEqual(await found('FRAMES made'), ['frames', 'why']);
    assert.deepEqual(await found('because frames'), ['why']);
    assert.deepEqual(await found('nothing'), []);
    assert.deepEqual(await found(' '), ['frames', 'why']);
  });

  it('two processes that write, list and prune at once lose and tear nothing', async function () {
    this.timeout(60_000);
    await mkdir(folder, { recursive: true });
    const children = [1, 2].map(n => runChild(['many', folder, String(n)]));
    await Promise.all(children.map(child => child.ended));
    const { entries, unreadable } = await history.list();
    assert.deepEqual(unreadable, []);
    assert.equal(entries.length, 40);
    assert.ok(entries.every(e => e.state === 'done'));
    assert.deepEqual(
      (await readdir(folder)).filter(name => name.endsWith('.tmp')),
      [],
    );
  });

  it('a process killed in mid-stream leaves a readable, incomplete entry', async function () {
    this.timeout(60_000);
    const child = runChild(['stream', folder]);
    const id = await child.line;
    child.kill();
    await child.ended;
    const read = await history.read(id);
    assert.ok(read.kind === 'entry');
    assert.equal(read.entry.state, 'interrupted');
    assert.match(read.entry.answer, /^word word/);
    assert.equal((await history.list()).entries[0]?.state, 'interrupted');
  });

  function runChild(args: readonly string[]) {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', resolve('test/core/review/historyChild.ts'), ...args],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const line = new Promise<string>(found => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('\n')) found(text.split('\n')[0]!);
      });
    });
    const ended = new Promise<void>(done => child.once('close', () => done()));
    return { line, ended, kill: () => child.kill('SIGKILL') };
  }

  async function edit(file: string, change: (text: string) => string): Promise<void> {
    await writeFile(file, change(await readFile(file, 'utf8')));
  }
});
