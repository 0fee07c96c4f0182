import type { Cell, Layout } from './layout.ts';

/** From a picture to the one of a folder in it, or of a folder around it. */
export interface Zoom {
  readonly from: { readonly layout: Pick<Layout, 'width' | 'height'> };
  /** The inner folder's rectangle in the outer one's picture. */
  readonly cell: Pick<Cell, 'x0' | 'y0' | 'x1' | 'y1'>;
  readonly inwards: boolean;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Where the two pictures stand when the zoom has come so far, 0 to 1, px of the canvas. */
export function flown(
  { from, cell, inwards }: Zoom,
  share: number,
): { readonly outer: Rectangle; readonly inner: Rectangle } {
  const { width, height } = from.layout;
  // How far in: 0 shows the whole outer picture, 1 the cell alone.
  const depth = inwards ? share : 1 - share;
  const between = (a: number, b: number) => a + (b - a) * depth;
  const [left, right] = [between(0, cell.x0), between(width, cell.x1)];
  const [top, bottom] = [between(0, cell.y0), between(height, cell.y1)];
  const [scaleX, scaleY] = [width / (right - left), height / (bottom - top)];
  return {
    outer: { x: -left * scaleX, y: -top * scaleY, w: width * scaleX, h: height * scaleY },
    inner: {
      x: (cell.x0 - left) * scaleX,
      y: (cell.y0 - top) * scaleY,
      w: (cell.x1 - cell.x0) * scaleX,
      h: (cell.y1 - cell.y0) * scaleY,
    },
  };
}
