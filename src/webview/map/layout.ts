import { treemapSquarify } from 'd3-hierarchy';

import type { Entry } from './entries.ts';

/** A folder or file with its rectangle, px of the layout. */
export interface Cell {
  readonly entry: Entry;
  readonly parent: Cell | undefined;
  /** 0 for the folder that is shown. */
  readonly depth: number;
  /** Its share of the area, tokens. */
  readonly value: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** Height of the strip with its name, px; 0 where there is no room for one. */
  readonly header: number;
  /** Largest first. Absent for files, and for folders that nobody could see into, or whose turn has not come. */
  readonly children?: readonly Cell[];
}

type Growing = { -readonly [K in keyof Cell]: Cell[K] };

export interface Layout {
  readonly root: Cell;
  readonly width: number;
  readonly height: number;
  /** Lays out for about so long, ms, outer folders first; true once everything has its place. */
  advance(ms: number): boolean;
}

/** Room for a folder's name above what is in it, px. */
export const headerHeight = 18;

// Squares compare best with one another; d3's default is the golden ratio. It reads and writes these few fields only.
const squarify = treemapSquarify.ratio(1) as unknown as (
  parent: Growing,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
) => void;

/**
 * Rectangles for what is below `root`, by the tokens of whole files. Made in turns: all of 20,000 files at once takes
 * longer than a frame may.
 */
export function layOut(root: Entry, width: number, height: number): Layout {
  const top: Growing = {
    entry: root,
    parent: undefined,
    depth: 0,
    value: root.full,
    ...{ x0: 0, y0: 0, x1: width, y1: height, header: 0 },
  };
  const waiting: Growing[] = [top];
  let next = 0;
  return {
    root: top,
    width,
    height,
    advance(ms) {
      const end = performance.now() + ms;
      while (next < waiting.length) {
        const cell = waiting[next++];
        if (cell !== undefined) place(cell, waiting);
        if (performance.now() > end) break;
      }
      if (next < waiting.length) return false;
      waiting.length = next = 0;
      return true;
    },
  };
}

function place(cell: Growing, waiting: Growing[]): void {
  const { entry, depth, x0, y0, x1, y1 } = cell;
  const [w, h] = [x1 - x0, y1 - y0];
  if (entry.children === undefined || w < 1 || h < 1) return;
  const { header, side } = frameOf(depth, w, h);
  cell.header = header;
  const children = entry.children
    .filter(child => child.full > 0)
    .map((child): Growing => ({
      entry: child,
      parent: cell,
      depth: depth + 1,
      value: child.full,
      ...{ x0: 0, y0: 0, x1: 0, y1: 0, header: 0 },
    }));
  cell.children = children;
  squarify(cell, x0 + side, y0 + (header || side), x1 - side, y1 - side);
  for (const child of children) if (child.entry.children !== undefined) waiting.push(child);
}

/** A folder's frame shows what belongs together; where it would take much of the folder, it is thin or none. */
function frameOf(depth: number, w: number, h: number): { header: number; side: number } {
  if (depth === 0) return { header: 0, side: 0 };
  if (w >= 56 && h >= 44) return { header: headerHeight, side: 3 };
  return { header: 0, side: w >= 14 && h >= 14 ? 1.5 : 0 };
}

/** The deepest cell at a point, px of the layout. */
export function cellAt(root: Cell, x: number, y: number): Cell | undefined {
  if (x < root.x0 || x >= root.x1 || y < root.y0 || y >= root.y1) return undefined;
  let cell = root;
  for (;;) {
    const inner = cell.children?.find(c => x >= c.x0 && x < c.x1 && y >= c.y0 && y < c.y1);
    if (inner === undefined) return cell;
    cell = inner;
  }
}

/** The cell of an entry, by its path. */
export function cellOf(root: Cell, path: string): Cell | undefined {
  if (root.entry.path === path) return root;
  let cell: Cell | undefined = root;
  while (cell !== undefined && cell.entry.path !== path)
    cell = cell.children?.find(c => c.entry.path === path || path.startsWith(`${c.entry.path}/`));
  return cell;
}
