import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readImage, readImageSize, type ImageSize } from '../../../src/core/workspace/readImage.ts';
import { nodeReads } from '../../../src/core/workspace/readSource.ts';
import { jpeg, png, webp } from '../../images.ts';

describe('readImageSize and readImage', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const why = (size: ImageSize) => (size.kind === 'unfit' ? size.why : assert.fail('an image'));

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-image-'));
    await writeFile(at('a.png'), png(800, 600, 5000));
    await writeFile(at('photo.jpg'), jpeg(4000, 3000, 900_000, 500_000));
    await writeFile(at('cut.jpg'), jpeg(4000, 3000, 900_000, 500_000).subarray(0, 300_000));
    await writeFile(at('cut.png'), png(9, 9).subarray(0, 20));
    await writeFile(at('drawn.png'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await writeFile(at('endless.jpg'), jpeg(1, 1, 2_100_000, 2_000_000));
    await writeFile(at('w.webp'), webp('VP8X', 70, 50));
    await symlink(at('a.png'), at('link.png'));
    await mkdir(at('folder.png'));
    execFileSync('mkfifo', [at('pipe.png')]);
  });
  after(() => rm(folder, { recursive: true }));

  it('reads sizes', () => {
    assert.deepEqual(readImageSize(at('a.png')), {
      kind: 'image',
      format: 'png',
      width: 800,
      height: 600,
      bytes: 5000,
    });
    assert.equal(readImageSize(at('w.webp')).kind, 'image');
  });

  it('reads on behind profiles, and no more than the header', () => {
    let read = 0;
    const counting = {
      ...nodeReads,
      read: (...args: Parameters<typeof nodeReads.read>) => {
        const n = nodeReads.read(...args);
        read += n;
        return n;
      },
    };
    assert.equal(readImageSize(at('photo.jpg'), counting).kind, 'image');
    assert.ok(read <= 900_000);
    read = 0;
    readImageSize(at('a.png'), counting);
    assert.equal(read, 5000);
    read = 0;
    assert.match(why(readImageSize(at('endless.jpg'), counting)), /size is not where it should be/);
    assert.ok(read < 1_200_000, `${read} bytes`);
  });

  it('says what is wrong with the others', () => {
    assert.match(why(readImageSize(at('cut.jpg'))), /JPEG whose size is not where it should be/);
    assert.match(why(readImageSize(at('cut.png'))), /PNG whose size/);
    assert.match(why(readImageSize(at('drawn.png'))), /neither PNG, JPEG nor WebP/);
    assert.match(why(readImageSize(at('link.png'))), /links are never followed/);
    assert.match(why(readImageSize(at('folder.png'))), /not a regular file but a directory/);
    assert.match(why(readImageSize(at('pipe.png'))), /named pipe/);
    assert.match(why(readImageSize(at('none.png'))), /no longer on disk/);
  });

  it('reads the whole of what was looked at, and nothing else', async () => {
    const size = readImageSize(at('a.png'));
    if (size.kind !== 'image') assert.fail();
    assert.deepEqual(Buffer.from(readImage(at('a.png'), size) ?? []), png(800, 600, 5000));
    assert.equal(readImage(at('link.png'), size), undefined);
    await writeFile(at('grown.png'), png(800, 600, 5001));
    await writeFile(at('other.png'), png(800, 601, 5000));
    assert.equal(readImage(at('grown.png'), size), undefined);
    assert.equal(readImage(at('other.png'), size), undefined);
    assert.equal(readImage(at('none.png'), size), undefined);
  });
});
