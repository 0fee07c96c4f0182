/** Pixels of a picture, filled by rectangles: 20,000 of them take a canvas ten times as long as these loops. */
export interface Raster<I extends Image = Image> {
  /** Px of the screen, whole numbers; what is outside of the picture is not drawn. */
  fill(x: number, y: number, w: number, h: number, colour: number): void;
  /** Diagonal lines. */
  hatch(x: number, y: number, w: number, h: number, colour: number): void;
  /** Along the inside of the edges; `dash`: px drawn and px left out, in turns, or all. */
  frame(
    x: number,
    y: number,
    w: number,
    h: number,
    colour: number,
    dash: readonly [number, number] | null,
  ): void;
  readonly image: I;
}

/** What is used of an `ImageData`. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

export function createRaster<I extends Image>(image: I): Raster<I> {
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
