import { flown, type Rectangle, type Zoom } from './flight.ts';
import type { Layout } from './layout.ts';
import { contextOf, paint, type Picture } from './paint.ts';

/** The picture of a layout, made in turns, and kept as pixels: a zoom moves those, and draws nothing anew. */
export interface Print {
  readonly layout: Layout;
  readonly canvas: HTMLCanvasElement;
  /** Lays out and draws for about so long, ms; true once it is done. */
  advance(ms: number): boolean;
}

/** `canvas` is drawn over. To make one anew for each picture would look up its fonts anew, see `warm`. */
export function createPrint(
  layout: Layout,
  look: Omit<Picture, 'root'>,
  canvas: HTMLCanvasElement,
  ratio: number,
): Print {
  const { width, height } = layout;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  // To set even the same size would throw away what the context knows.
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = contextOf(canvas);
  let steps: Generator<void> | undefined;
  let done = false;
  return {
    layout,
    canvas,
    advance(ms) {
      if (done) return true;
      const end = performance.now() + ms;
      if (!layout.advance(ms)) return false;
      steps ??= paint({ context, width, height, ratio }, { root: layout.root, ...look });
      do {
        done = steps.next().done === true;
      } while (!done && performance.now() < end);
      return done;
    },
  };
}

export interface Flight extends Zoom {
  readonly from: Print;
  readonly to: Print;
}

/** Draws both pictures, the one that comes over the one that goes, as far as it is made. */
export function drawFlight(
  context: CanvasRenderingContext2D,
  flight: Flight,
  share: number,
  arrived: boolean,
): void {
  const { from, to, inwards } = flight;
  const { outer, inner } = flown(flight, share);
  const draw = ({ canvas }: Print, { x, y, w, h }: Rectangle, alpha: number) => {
    context.globalAlpha = alpha;
    context.drawImage(canvas, x, y, w, h);
    context.globalAlpha = 1;
  };
  if (inwards) {
    draw(from, outer, 1);
    if (arrived) draw(to, inner, share);
  } else {
    if (arrived) draw(to, outer, 1);
    draw(from, inner, arrived ? 1 - share : 1);
  }
}
