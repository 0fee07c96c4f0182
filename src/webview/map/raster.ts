/** Pixels of a picture, filled by rectangles: 20,000 of them take a canvas ten times as long as these loops. */
export interface Raster {
  /** Px of the screen, whole numbers; what is outside of the picture is not drawn. */
  fill(x: number, y: number, w: number, h: number, colour: number): void;
  /** Diagonal lines. */
  hatch(x: number, y: number, w: number, h: number, colour: number): void;
  /** Along the inside of the edges; `dash`: px drawn and px left out, in turns, or all. */
  frame(x: number, y: number, w: number, h: number, colour: number, dash: readonly [number, number] | null): void;
  readonly image: ImageData;
}

/** As `ImageData` has it: bytes red, green, blue, alpha. */
export type Rgba = readonly [r: number, g: number, b: number];

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Channels 0 to 1, as one number of `ImageData`'s bytes. */
export function pixelOf([r, g, b]: Rgba): number {
  const bytes = [r, g, b, 1].map(c => Math.round(Math.max(0, Math.min(1, c)) * 255));
  const order = littleEndian ? bytes.reverse() : bytes;
  return order.reduce((all, byte) => all * 256 + byte, 0);
}

export function createRaster(image: ImageData): Raster {
  const { width, height } = image;
  const pixels = new Uint32Array(image.data.buffer);

  function fill(x: number, y: number, w: number, h: number, colour: number): void {
    const [left, right] = [Math.max(0, x), Math.min(width, x + w)];
    const bottom = Math.min(height, y + h);
    if (right <= left) return;
    const narrow = right - left < 40;
    for (let row = Math.max(0, y); row < bottom; row++) {
      const [start, end] = [row * width + left, row * width + right];
      // To call the built-in one costs more than it saves on a few pixels.
      if (narrow) for (let at = start; at < end; at++) pixels[at] = colour;
      else pixels.fill(colour, start, end);
    }
  }

  return {
    image,
    fill,
    hatch(x, y, w, h, colour) {
      for (let row = Math.max(0, y); row < Math.min(height, y + h); row++)
        for (let at = x + ((((-x - row) % 8) + 8) % 8); at < Math.min(width, x + w); at += 8)
          if (at >= 0) pixels[row * width + at] = colour;
    },
    frame(x, y, w, h, colour, dash) {
      if (w < 1 || h < 1) return;
      if (dash === null) {
        fill(x, y, w, 1, colour);
        fill(x, y + h - 1, w, 1, colour);
        fill(x, y, 1, h, colour);
        fill(x + w - 1, y, 1, h, colour);
        return;
      }
      const [on, off] = dash;
      for (let at = 0; at < w; at += on + off) {
        fill(x + at, y, Math.min(on, w - at), 1, colour);
        fill(x + at, y + h - 1, Math.min(on, w - at), 1, colour);
      }
      for (let at = 0; at < h; at += on + off) {
        fill(x, y + at, 1, Math.min(on, h - at), colour);
        fill(x + w - 1, y + at, 1, Math.min(on, h - at), colour);
      }
    },
  };
}
