import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { writeSegments } from '../../src/cli/writeSegments.ts';

describe('a file written from its parts', () => {
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'longview-write-'))));
  after(() => rmSync(folder, { recursive: true }));

  for (const count of [0, 1, 999, 1000, 1001, 2500])
    it(`holds all of ${count} parts, in order, and nothing of what was there`, async () => {
      const file = join(folder, 'out');
      await writeSegments(file, [Buffer.alloc(1_000_000, 'x')]);
      const parts = Array.from({ length: count }, (_, i) => Buffer.from(`part ${i}\n`.repeat(i % 7)));
      await writeSegments(file, parts);
      assert.ok(readFileSync(file).equals(Buffer.concat(parts)));
    });

  it('rejects where the file cannot be made', async () => {
    await assert.rejects(writeSegments(join(folder, 'no', 'such'), []), { code: 'ENOENT' });
  });
});
