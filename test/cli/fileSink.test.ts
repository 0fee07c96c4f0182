import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fileSink } from '../../src/cli/fileSink.ts';

describe('a file written from its parts', () => {
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'longview-write-'))));
  after(() => rmSync(folder, { recursive: true }));

  for (const count of [0, 1, 999, 1000, 1001, 2500])
    it(`holds all of ${count} parts, in order, and nothing of what was there`, async () => {
      const file = join(folder, 'out');
      writeFileSync(file, Buffer.alloc(1_000_000, 'x'));
      const parts = Array.from({ length: count }, (_, i) => Buffer.from(`part ${i}\n`.repeat(i % 7)));
      const sink = fileSink(file);
      await sink.begin();
      await sink.write([Buffer.from('of a pack that was begun anew')]);
      await sink.begin();
      await sink.write(parts.slice(0, 3));
      await sink.write(parts.slice(3));
      await sink.commit();
      await sink.dispose();
      assert.ok(readFileSync(file).equals(Buffer.concat(parts)));
      assert.deepEqual(readdirSync(folder), ['out']);
    });

  it('leaves what was there until it is whole', async () => {
    const file = join(folder, 'out');
    writeFileSync(file, 'before');
    const sink = fileSink(file);
    await sink.begin();
    await sink.write([Buffer.from('half')]);
    assert.equal(readFileSync(file, 'utf8'), 'before');
    await sink.dispose();
    assert.deepEqual([readFileSync(file, 'utf8'), readdirSync(folder)], ['before', ['out']]);
  });

  it('replaces what a link leads to, and keeps link and mode', async () => {
    const [target, link] = [join(folder, 'out'), join(folder, 'link')];
    writeFileSync(target, 'before');
    chmodSync(target, 0o640);
    symlinkSync('out', link);
    const failed = fileSink(link);
    await failed.begin();
    await failed.write([Buffer.from('half')]);
    await failed.dispose();
    assert.equal(readFileSync(target, 'utf8'), 'before');
    const sink = fileSink(link);
    await sink.begin();
    await sink.write([Buffer.from('whole')]);
    await sink.commit();
    assert.equal(readFileSync(target, 'utf8'), 'whole');
    assert.equal(statSync(target).mode & 0o777, 0o640);
    assert.ok(lstatSync(link).isSymbolicLink());
    rmSync(link);
  });

  it('what reads a pipe sees the last pack alone, in memory that is used again', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const read = readFile(pipe, 'utf8');
    const sink = fileSink(pipe);
    await sink.begin();
    await sink.write([Buffer.from('of a pack that was begun anew')]);
    await sink.begin();
    const part = Buffer.from('one ');
    await sink.write([part]);
    part.write('two ');
    await sink.write([part]);
    await sink.commit();
    assert.equal(await read, 'one two ');
    rmSync(pipe);
  });

  it('leaves a device a device', async () => {
    const sink = fileSink('/dev/null');
    await sink.begin();
    await sink.write([Buffer.from('gone')]);
    await sink.commit();
    assert.ok(statSync('/dev/null').isCharacterDevice());
  });

  it('rejects where the file cannot be made', async () => {
    await assert.rejects(fileSink(join(folder, 'no', 'such')).begin(), { code: 'ENOENT' });
  });
});
