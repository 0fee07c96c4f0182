import assert from 'node:assert/strict';

import fc from 'fast-check';

import { readImageHeader, type ImageFormat } from '../../../src/core/workspace/imageHeader.ts';
import { jpeg, png, webp } from '../../images.ts';

const made: readonly (readonly [string, ImageFormat, number, (w: number, h: number) => Buffer])[] = [
  ['PNG', 'png', 2 ** 31 - 1, png],
  ['JPEG', 'jpeg', 65_535, jpeg],
  ['JPEG behind 200 kB of profiles', 'jpeg', 65_535, (w, h) => jpeg(w, h, 300_000, 200_000)],
  ['lossy WebP', 'webp', 16_383, (w, h) => webp('VP8 ', w, h)],
  ['lossless WebP', 'webp', 16_384, (w, h) => webp('VP8L', w, h)],
  ['extended WebP', 'webp', 2 ** 24, (w, h) => webp('VP8X', w, h)],
];

describe('readImageHeader', () => {
  for (const [name, format, most, make] of made) {
    it(`reads any size of a ${name}`, () => {
      const side = fc.integer({ min: 1, max: most });
      fc.assert(
        fc.property(side, side, (width, height) => {
          assert.deepEqual(readImageHeader(make(width, height)), { kind: 'image', format, width, height });
        }),
        { numRuns: name.includes('behind') ? 5 : 100 },
      );
    });

    it(`says of the beginning of a ${name} that it is one`, () => {
      const whole = make(640, 480).subarray(0, 2000);
      for (let length = 12; length < whole.length; length++) {
        const header = readImageHeader(whole.subarray(0, length));
        assert.notEqual(header.kind, 'other', `${length} bytes`);
        assert.notEqual(header.kind, 'damaged', `${length} bytes`);
      }
    });
  }

  it('law: no bytes whatsoever make it throw, and what it finds is a size', () => {
    const beginnings = [png(1, 1), jpeg(1, 1), webp('VP8 ', 1, 1), webp('VP8L', 1, 1), webp('VP8X', 1, 1)];
    fc.assert(
      fc.property(
        fc.constantFrom(...beginnings, Buffer.alloc(0)),
        fc.nat(40),
        fc.uint8Array({ maxLength: 200 }),
        (beginning, kept, rest) => {
          const header = readImageHeader(Buffer.concat([beginning.subarray(0, kept), rest]));
          if (header.kind !== 'image') return;
          assert.ok(Number.isInteger(header.width) && header.width > 0);
          assert.ok(Number.isInteger(header.height) && header.height > 0);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('law: one byte changed anywhere does no harm', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...made.map(([, , , make]) => make(800, 600))),
        fc.nat(60),
        fc.nat(255),
        (image, at, byte) => {
          const changed = Buffer.from(image);
          changed[at] = byte;
          readImageHeader(changed);
        },
      ),
    );
  });

  it('a size of nothing, and one that cannot be, are damage', () => {
    for (const image of [
      png(0, 5),
      png(5, 0),
      png(0xffffffff, 5),
      jpeg(0, 5),
      jpeg(5, 0),
      webp('VP8 ', 0, 1),
    ])
      assert.equal(readImageHeader(image).kind, 'damaged');
  });

  it('reads what a header claims, however large, and decodes nothing', () => {
    const claimed = readImageHeader(png(100_000, 100_000, 10_000_000));
    assert.deepEqual(claimed, { kind: 'image', format: 'png', width: 100_000, height: 100_000 });
  });

  it('an Apple PNG, whose first chunk is another, is damaged', () => {
    const apple = png(10, 10);
    apple.write('CgBI', 12);
    assert.equal(readImageHeader(apple).kind, 'damaged');
  });

  it('goes by content: text, SVG, GIF and an empty file are none', () => {
    for (const text of ['', 'GIF89a', '<svg width="9" height="9"/>', '\x89PNG\n', 'RIFF....WAVE'])
      assert.equal(readImageHeader(Buffer.from(text, 'latin1')).kind, 'other');
  });

  it('JPEG: fill bytes and markers without a length are passed over, tables are no frame', () => {
    const frame = jpeg(30, 20).subarray(2);
    const table = [0xff, 0xc4, 0, 5, 1, 2, 3];
    const odd = Buffer.concat([
      Buffer.from([0xff, 0xd8, 0xff, 0xff, 0xff, 0x01, 0xff, 0xd0, ...table]),
      frame,
    ]);
    assert.deepEqual(readImageHeader(odd), { kind: 'image', format: 'jpeg', width: 30, height: 20 });
    const scan = Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 2, 3]);
    assert.equal(readImageHeader(scan).kind, 'damaged');
    const endless = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1, 2, 3]);
    assert.equal(readImageHeader(endless).kind, 'damaged');
  });
});
