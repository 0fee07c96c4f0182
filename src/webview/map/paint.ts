import type { MapForm } from '../../core/pack/budgetMap.ts';
import { hasHeader, type Cell } from './layout.ts';
import type { Theme } from './theme.ts';

/** Where the layout stands on the canvas: `x' = (x - left) * scaleX`. */
export interface View {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Picture {
  readonly root: Cell;
  /** By file index. */
  readonly forms: readonly MapForm[];
  readonly theme: Theme;
  readonly view: View;
  /** px of CSS; the canvas has `ratio` times as many. */
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly hovered?: Cell | undefined;
  readonly selected?: Cell | undefined;
  /** Dims files whose path does not match. */
  readonly matches?: ((index: number) => boolean) | undefined;
}

/** Smaller rectangles than this (px) are one colour without a gap; text needs the other two. */
const gapFrom = 3;
const textWidth = 40;
const textHeight = 14;

/**
 * Draws one frame. 20,000 files are about as many `fillRect` calls, grouped by colour, since changing the colour is
 * what costs; what falls below half a pixel is left to the folder's own colour.
 */
export function paint(context: CanvasRenderingContext2D, picture: Picture): void {
  const { root, theme, view, width, height, ratio } = picture;
  const scaleX = width / (view.right - view.left);
  const scaleY = height / (view.bottom - view.top);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, height);
  const groups = new Map<MapForm, number[]>();
  const labels: [Cell, number, number, number, number][] = [];
  const folders: [Cell, number, number, number, number][] = [];
  const stack: Cell[] = [root];
  for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
    const x = (cell.x0 - view.left) * scaleX;
    const y = (cell.y0 - view.top) * scaleY;
    const w = (cell.x1 - cell.x0) * scaleX;
    const h = (cell.y1 - cell.y0) * scaleY;
    if (x > width || y > height || x + w < 0 || y + h < 0 || w < 0.5 || h < 0.5) continue;
    const { index } = cell.data;
    if (index === undefined) {
      if (hasHeader(cell)) folders.push([cell, x, y, w, h]);
      for (const child of cell.children ?? []) stack.push(child);
      continue;
    }
    const form = picture.forms[index] ?? 'left-out';
    const dim = picture.matches !== undefined && !picture.matches(index);
    const gap = w > gapFrom && h > gapFrom ? 1 : 0;
    let group = groups.get(dim ? 'excluded' : form);
    if (group === undefined) groups.set(dim ? 'excluded' : form, (group = []));
    group.push(x, y, w - gap, h - gap);
    if (w > textWidth && h > textHeight && !dim) labels.push([cell, x, y, w, h]);
  }
  for (const [form, rectangles] of groups) fillAll(context, rectangles, theme, form);
  drawNames(context, labels, folders, theme);
  outline(context, picture.hovered, theme.foreground, 1);
  outline(context, picture.selected, theme.focus, 2);

  function outline(on: CanvasRenderingContext2D, cell: Cell | undefined, colour: string, line: number): void {
    if (cell === undefined) return;
    on.strokeStyle = colour;
    on.lineWidth = line;
    const x = (cell.x0 - view.left) * scaleX;
    const y = (cell.y0 - view.top) * scaleY;
    const w = (cell.x1 - cell.x0) * scaleX;
    const h = (cell.y1 - cell.y0) * scaleY;
    on.strokeRect(x + line / 2, y + line / 2, Math.max(1, w - line), Math.max(1, h - line));
  }
}

function fillAll(
  context: CanvasRenderingContext2D,
  rectangles: readonly number[],
  theme: Theme,
  form: MapForm,
): void {
  context.fillStyle = theme.fills[form];
  const at = (i: number) => rectangles[i] ?? 0;
  for (let i = 0; i < rectangles.length; i += 4)
    context.fillRect(at(i), at(i + 1), Math.max(0.5, at(i + 2)), Math.max(0.5, at(i + 3)));
  if (!theme.highContrast) return;
  context.strokeStyle = theme.border;
  context.lineWidth = 1;
  context.setLineDash(form === 'full' ? [] : form === 'left-out' || form === 'excluded' ? [1, 3] : [4, 2]);
  for (let i = 0; i < rectangles.length; i += 4)
    if (at(i + 2) > gapFrom && at(i + 3) > gapFrom)
      context.strokeRect(at(i) + 0.5, at(i + 1) + 0.5, at(i + 2) - 1, at(i + 3) - 1);
  context.setLineDash([]);
}

type Box = [Cell, number, number, number, number];

function drawNames(
  context: CanvasRenderingContext2D,
  files: readonly Box[],
  folders: readonly Box[],
  theme: Theme,
): void {
  context.textBaseline = 'top';
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.foreground;
  for (const [cell, x, y, w] of files)
    context.fillText(fitting(context, cell.data.name, w - 8), x + 4, y + 3);
  context.font = `600 11px ${theme.font}`;
  for (const [cell, x, y, w] of folders) {
    if (w < textWidth) continue;
    context.fillText(fitting(context, cell.data.name, w - 8), x + 4, y + 4);
  }
}

/** Measuring text is dear; a width of 7 px a character is near enough to know when it cannot fit. */
function fitting(context: CanvasRenderingContext2D, name: string, width: number): string {
  if (name.length * 7.5 < width) return name;
  const most = Math.floor(width / 7);
  if (most < 2) return '';
  if (name.length <= most && context.measureText(name).width <= width) return name;
  return `${name.slice(0, most - 1)}…`;
}
