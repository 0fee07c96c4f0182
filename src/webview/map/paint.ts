import type { MapForm } from '../../core/pack/budgetMap.ts';
import { compact } from './dom.ts';
import { headerHeight, type Cell } from './layout.ts';
import { createRaster, type Raster } from './raster.ts';
import type { Theme } from './theme.ts';

export interface Surface {
  readonly context: CanvasRenderingContext2D;
  /** px of CSS; the canvas has `ratio` times as many. */
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

export interface Picture {
  readonly root: Cell;
  /** By file index. */
  readonly forms: readonly MapForm[];
  readonly theme: Theme;
  /** Dims files that do not match. */
  readonly matches: ((index: number) => boolean) | undefined;
}

/** Smaller rectangles than this (px) have no gap around them; text needs the other two. */
const gapFrom = 4;
const textWidth = 34;
const textHeight = 15;
/** Smaller files have no edge of their own in high contrast: there would be nothing else to see. */
const edgeFrom = 12;
/** What is drawn between two looks at the clock: rectangles, names. */
const chunk = 500;
const namesChunk = 40;

type Label = readonly [cell: Cell, x: number, y: number, w: number, h: number];

/**
 * Draws the map, in steps: 20,000 files may take longer than a frame. What falls below half a pixel is left to its
 * folder's colour.
 */
export function* paint(surface: Surface, picture: Picture): Generator<void> {
  const { context, width, height, ratio } = surface;
  const { root, theme, matches, forms } = picture;
  const raster = createRaster(imageOf(context, Math.round(width * ratio), Math.round(height * ratio)));
  const { pixels } = theme;
  const onPixel = (value: number) => Math.round(value * ratio);
  const [names, headers]: [Label[], Label[]] = [[], []];
  raster.fill(0, 0, raster.image.width, raster.image.height, pixels.background);
  yield;
  let seen = 0;
  // Outer folders first: inner ones are drawn over them.
  for (let level: readonly Cell[] = [root]; level.length > 0;) {
    const inner: Cell[] = [];
    for (const cell of level) {
      if (++seen % chunk === 0) yield;
      const gap = cell.x1 - cell.x0 >= gapFrom && cell.y1 - cell.y0 >= gapFrom ? 1 : 0;
      const [x, y] = [onPixel(cell.x0), onPixel(cell.y0)];
      const [w, h] = [onPixel(cell.x1 - gap) - x, onPixel(cell.y1 - gap) - y];
      if (w < 1 || h < 1) continue;
      const { index } = cell.entry;
      if (index !== undefined) {
        const isDim = matches !== undefined && !matches(index);
        fillFile(raster, x, y, w, h, forms[index] ?? 'left-out', isDim, theme);
        if (!isDim && w >= textWidth * ratio && h >= textHeight * ratio)
          names.push([cell, x / ratio, y / ratio, w / ratio, h / ratio]);
        continue;
      }
      if (cell.depth > 0) raster.fill(x, y, w, h, pixels.frames[cell.depth % 2] ?? pixels.background);
      if (cell.depth > 0 && theme.highContrast) raster.frame(x, y, w, h, pixels.border, null);
      if (cell.header > 0) headers.push([cell, x / ratio, y / ratio, w / ratio, h / ratio]);
      if (cell.children !== undefined) for (const child of cell.children) inner.push(child);
    }
    level = inner;
  }
  yield* put(context, raster.image);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textBaseline = 'top';
  yield* drawNames(context, names, picture);
  yield* drawHeaders(context, headers, theme);
}

/** Megabytes, of use to one picture at a time: kept for the next one. */
let spare: ImageData | undefined;

function imageOf(context: CanvasRenderingContext2D, w: number, h: number): ImageData {
  if (spare?.width !== w || spare.height !== h) spare = context.createImageData(w, h);
  return spare;
}

/** In strips: Chromium takes 30 ms for a million pixels. */
function* put(context: CanvasRenderingContext2D, image: ImageData): Generator<void> {
  const rows = Math.max(1, Math.floor(60_000 / image.width));
  for (let y = 0; y < image.height; y += rows) {
    context.putImageData(image, 0, 0, 0, y, image.width, rows);
    yield;
  }
}

/** In high contrast, a form can be told by its edge as well. */
const dashes: Readonly<Record<MapForm, readonly [number, number] | null>> = {
  full: null,
  outline: [6, 2],
  shortened: [3, 2],
  listed: [1, 2],
  'left-out': [1, 4],
  excluded: [1, 4],
};

function fillFile(
  raster: Raster,
  x: number,
  y: number,
  w: number,
  h: number,
  form: MapForm,
  isDim: boolean,
  { pixels, highContrast }: Theme,
): void {
  raster.fill(x, y, w, h, (isDim ? pixels.dimmed : pixels.fills)[form]);
  if (isDim) return;
  // What the user has taken out is crossed out, whatever the theme's colours.
  if (form === 'excluded') raster.hatch(x, y, w, h, pixels.hatch);
  if (highContrast && w >= edgeFrom && h >= edgeFrom) raster.frame(x, y, w, h, pixels.border, dashes[form]);
}

/** What the pointer is over, and what is selected, on a canvas of their own: neither draws the map again. */
export function outline(
  { context, width, height, ratio }: Surface,
  theme: Theme,
  hovered: Cell | undefined,
  selected: Cell | undefined,
): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const frame = (cell: Cell | undefined, colour: string, line: number) => {
    if (cell === undefined || cell.depth === 0) return;
    const [x, y] = [Math.round(cell.x0), Math.round(cell.y0)];
    const [w, h] = [cell.x1 - x - 1 - line, cell.y1 - y - 1 - line];
    context.lineWidth = line;
    context.strokeStyle = colour;
    context.strokeRect(x + line / 2, y + line / 2, Math.max(1, w), Math.max(1, h));
  };
  frame(hovered, theme.foreground, 1);
  // Whatever the colours of the files below, one of the two stands out.
  frame(selected, theme.background, 4);
  frame(selected, theme.focus, 2);
}

const plain = (family: string) => `11px ${family}`;
const bold = (family: string) => `600 11px ${family}`;

/** Each context looks its fonts up, and gets its memory, with its first letters, for 20 ms: not while the map zooms. */
export function warm(context: CanvasRenderingContext2D, family: string): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  for (const font of [plain(family), bold(family)]) {
    context.font = font;
    context.fillText('Aa', 0, 0);
  }
}

/** Of a picture that is being made: the program puts its pixels there, and each frame of a zoom reads them. */
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  if (context === null) throw new Error('This page cannot draw on a canvas.');
  return context;
}

function* drawNames(
  context: CanvasRenderingContext2D,
  names: readonly Label[],
  { theme, forms }: Picture,
): Generator<void> {
  context.font = plain(theme.font);
  let drawn = 0;
  for (const [cell, x, y, w, h] of names) {
    if (++drawn % namesChunk === 0) yield;
    const { index = -1, name, full } = cell.entry;
    const text = fitting(name, w - 8, context);
    if (text === '') continue;
    const form = forms[index] ?? 'left-out';
    context.fillStyle = theme.inks[form];
    context.fillText(text, x + 4, y + 3);
    if (h >= 32 && w >= 40) context.fillText(compact(full), x + 4, y + 17);
  }
}

function* drawHeaders(
  context: CanvasRenderingContext2D,
  headers: readonly Label[],
  theme: Theme,
): Generator<void> {
  context.font = bold(theme.font);
  context.fillStyle = theme.foreground;
  const sized: Label[] = [];
  let drawn = 0;
  for (const label of headers) {
    if (++drawn % namesChunk === 0) yield;
    const [cell, x, y, w, h] = label;
    if (w < textWidth || h < headerHeight) continue;
    const text = fitting(cell.entry.name, w - 10, context);
    context.fillText(text, x + 5, y + 4);
    if (text === cell.entry.name && w - width(text, context) > 60) sized.push(label);
  }
  context.font = plain(theme.font);
  context.textAlign = 'right';
  for (const [cell, x, y, w] of sized) {
    if (++drawn % namesChunk === 0) yield;
    context.fillText(compact(cell.entry.full), x + w - 5, y + 4);
  }
  context.textAlign = 'left';
}

/** Measuring text is dear, and names come again in every picture. By font and text. */
const widths = new Map<string, number>();

function width(text: string, context: CanvasRenderingContext2D): number {
  const key = `${context.font}\n${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (widths.size > 50_000) widths.clear();
  const measured = context.measureText(text).width;
  widths.set(key, measured);
  return measured;
}

/** The name, or as much of its beginning as there is room for; '' where that would say nothing. */
function fitting(name: string, room: number, context: CanvasRenderingContext2D): string {
  const all = width(name, context);
  if (all <= room) return name;
  const most = Math.floor((name.length * (room - width('…', context))) / all);
  return most < 3 ? '' : `${name.slice(0, most)}…`;
}
