import assert from 'node:assert/strict';
import fc from 'fast-check';

import { channelsOf, pixelOf, readable } from '../../../src/webview/map/colours.ts';
import { createRaster } from '../../../src/webview/map/raster.ts';

const [width, height] = [60, 40];
function blank() {
  const data = new Uint8ClampedArray(width * height * 4);
  return createRaster({ width, height, data });
}
const at = ({ image }: ReturnType<typeof blank>, x: number, y: number) => [
  ...image.data.slice((y * width + x) * 4, (y * width + x) * 4 + 4),
];
const red = pixelOf([1, 0, 0]);

describe('the budget map’s pixels', () => {
  it('are red, green, blue and opaque, in this order', () => {
    const raster = blank();
    raster.fill(3, 2, 1, 1, pixelOf([1, 0.5, 0]));
    assert.deepEqual(at(raster, 3, 2), [255, 128, 0, 255]);
    assert.deepEqual(at(raster, 4, 2), [0, 0, 0, 0]);
  });

  it('are filled inside the rectangle and the picture, and nowhere else', () => {
    const number = fc.integer({ min: -70, max: 70 });
    fc.assert(
      fc.property(number, number, number, number, (x, y, w, h) => {
        const raster = blank();
        raster.fill(x, y, w, h, red);
        raster.frame(x, y, w, h, red, [2, 1]);
        for (let row = 0; row < height; row++)
          for (let column = 0; column < width; column++) {
            const inside = column >= x && column < x + w && row >= y && row < y + h;
            if ((at(raster, column, row)[3] === 255) !== inside) assert.fail(`${column},${row}`);
          }
      }),
      { numRuns: 60 },
    );
  });

  it('are hatched along lines that run on from one rectangle to the next', () => {
    const [one, two] = [blank(), blank()];
    one.hatch(5, 3, 40, 30, red);
    two.hatch(5, 3, 17, 30, red);
    two.hatch(22, 3, 23, 30, red);
    assert.deepEqual(one.image.data, two.image.data);
    assert.ok(one.image.data.includes(255));
  });

  it('have a readable colour upon them', () => {
    assert.deepEqual(channelsOf('rgb(255, 0, 51)'), [1, 0, 0.2]);
    assert.deepEqual(channelsOf('color(srgb 0.5 0.25 1e-7)'), [0.5, 0.25, 1e-7]);
    assert.equal(readable([1, 1, 1]), '#000000');
    assert.equal(readable([0.17, 0.36, 0.6]), '#ffffff');
  });
});
