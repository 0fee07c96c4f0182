import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

  it('writes into what is no regular file as it comes', async () => {
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
