import type { MapFile, MapForm } from '../../core/pack/budgetMap.ts';
import { cellAt, layOut, type Cell, type Entry } from './layout.ts';
import { paint, type View } from './paint.ts';
import { readTheme, type Theme } from './theme.ts';

export interface CanvasActions {
  readonly onZoom: (folder: Entry) => void;
  /** Undefined: over nothing. Px of the canvas. */
  readonly onHover: (entry: Entry | undefined, at: { readonly x: number; readonly y: number }) => void;
  readonly onSelect: (entry: Entry | undefined) => void;
  readonly onOpen: (file: Entry) => void;
  readonly onToggle: (entry: Entry) => void;
}

export interface CanvasMap {
  show(root: Entry, folder: Entry, files: readonly MapFile[], forms: readonly MapForm[]): void;
  zoomTo(folder: Entry): void;
  match(matches: ((index: number) => boolean) | undefined): void;
  /** Ms of script of every frame drawn since the last call, for the bench. */
  frames(): number[];
}

const zoomMs = 280;

/** The treemap on its canvas: zoom, hover, keys. Holds what is drawn; what it means is the caller's. */
export function createCanvasMap(canvas: HTMLCanvasElement, actions: CanvasActions): CanvasMap {
  const drawing = canvas.getContext('2d', { alpha: false });
  if (drawing === null) throw new Error('This page cannot draw on a canvas.');
  const context = drawing;
  let root: Entry | undefined;
  let folder: Entry | undefined;
  let files: readonly MapFile[] = [];
  let forms: readonly MapForm[] = [];
  let cells: Cell | undefined;
  let view: View = { left: 0, top: 0, right: 1, bottom: 1 };
  let theme: Theme = readTheme(canvas);
  let hovered: Cell | undefined;
  let selected: Cell | undefined;
  let matches: ((index: number) => boolean) | undefined;
  let size = { width: 0, height: 0 };
  let scheduled = 0;
  let animation = 0;
  let drawn: number[] = [];

  function draw(): void {
    scheduled ||= requestAnimationFrame(() => {
      scheduled = 0;
      if (cells === undefined || size.width === 0) return;
      const start = performance.now();
      const ratio = devicePixelRatio;
      paint(context, { root: cells, forms, theme, view, ...size, ratio, hovered, selected, matches });
      drawn.push(performance.now() - start);
    });
  }

  function lay(): void {
    if (folder === undefined || size.width === 0) return;
    cells = layOut(folder, files, size.width, size.height);
    view = { left: 0, top: 0, right: size.width, bottom: size.height };
    hovered = undefined;
    selected = undefined;
    draw();
  }

  /** Flies from where the folder is now to where it fills the map; then it is laid out anew. */
  function zoomTo(target: Entry): void {
    if (target === folder || target.children === undefined) return;
    cancelAnimationFrame(animation);
    const before = cells;
    const into = before && findCell(before, target.path);
    folder = target;
    actions.onZoom(target);
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (before === undefined || into === undefined || still) {
      lay();
      return;
    }
    const from = view;
    const to: View = { left: into.x0, top: into.y0, right: into.x1, bottom: into.y1 };
    const start = performance.now();
    const step = (now: number) => {
      const t = Math.min(1, Math.max(0, now - start) / zoomMs);
      const eased = 1 - (1 - t) ** 3;
      const between = (a: number, b: number) => a + (b - a) * eased;
      view = {
        left: between(from.left, to.left),
        top: between(from.top, to.top),
        right: between(from.right, to.right),
        bottom: between(from.bottom, to.bottom),
      };
      if (t === 1) lay();
      else {
        draw();
        animation = requestAnimationFrame(step);
      }
    };
    animation = requestAnimationFrame(step);
  }

  function zoomOut(): void {
    if (root === undefined || folder === undefined || folder.path === '') return;
    zoomTo(parentOf(root, folder));
  }

  function select(cell: Cell | undefined): void {
    selected = cell;
    actions.onSelect(cell?.data);
    draw();
  }

  /** Along the cells of one folder, into it, and out of it. */
  function move(key: string): void {
    const current = selected;
    if (current === undefined) {
      select(cells?.children?.[0]);
      return;
    }
    const siblings = current.parent?.children ?? [];
    const at = siblings.indexOf(current);
    if (key === 'ArrowDown') select(current.children?.[0] ?? siblings[at + 1] ?? current);
    else if (key === 'ArrowUp') select(current.parent === cells ? current : (current.parent ?? current));
    else select(siblings[at + (key === 'ArrowRight' ? 1 : -1)] ?? current);
  }

  const pointed = (event: MouseEvent): Cell | undefined =>
    cells && cellAt(cells, event.offsetX, event.offsetY);
  canvas.addEventListener('pointermove', event => {
    const cell = pointed(event);
    actions.onHover(cell?.data, { x: event.offsetX, y: event.offsetY });
    if (cell === hovered) return;
    hovered = cell;
    draw();
  });
  canvas.addEventListener('pointerleave', () => {
    hovered = undefined;
    actions.onHover(undefined, { x: 0, y: 0 });
    draw();
  });
  canvas.addEventListener('click', event => {
    const cell = pointed(event);
    if (cell === undefined) return;
    select(cell);
    if (cell.data.index === undefined) zoomTo(cell.data);
    else if (event.ctrlKey || event.metaKey) actions.onOpen(cell.data);
    else actions.onToggle(cell.data);
  });
  let wheeled = 0;
  canvas.addEventListener('wheel', event => {
    event.preventDefault();
    // One notch or one swipe is one level, however many events it is made of.
    if (event.timeStamp - wheeled < zoomMs) return;
    wheeled = event.timeStamp;
    const cell = pointed(event);
    if (event.deltaY > 0) zoomOut();
    else if (cell !== undefined && folder !== undefined) {
      const inner = cell.ancestors().find(a => a.parent === cells);
      if (inner?.children !== undefined) zoomTo(inner.data);
    }
  });
  canvas.addEventListener('keydown', event => {
    const chosen = selected?.data;
    if (event.key.startsWith('Arrow')) move(event.key);
    else if (event.key === 'Escape' || event.key === 'Backspace') zoomOut();
    else if (event.key === 'Enter' && chosen?.children !== undefined) zoomTo(chosen);
    else if (event.key === 'Enter' && chosen !== undefined) actions.onOpen(chosen);
    else if (event.key === ' ' && chosen !== undefined) actions.onToggle(chosen);
    else return;
    event.preventDefault();
  });

  new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (width === 0 || (width === size.width && height === size.height)) return;
    size = { width, height };
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    lay();
  }).observe(canvas);
  // The editor tells a change of theme by the classes of the body.
  new MutationObserver(() => {
    theme = readTheme(canvas);
    draw();
  }).observe(document.body, { attributes: true, attributeFilter: ['class', 'style'] });

  return {
    show(newRoot, newFolder, newFiles, newForms) {
      const moved = folder?.path !== newFolder.path || files !== newFiles || root === undefined;
      const filtered = root !== undefined && countOf(root) !== countOf(newRoot);
      root = newRoot;
      folder = newFolder;
      files = newFiles;
      forms = newForms;
      theme = readTheme(canvas);
      if (moved || filtered) lay();
      else draw();
    },
    zoomTo,
    match(newMatches) {
      matches = newMatches;
      draw();
    },
    frames() {
      const taken = drawn;
      drawn = [];
      return taken;
    },
  };
}

/** The folder that holds `entry`; the workspace holds itself. */
function parentOf(root: Entry, entry: Entry): Entry {
  let parent = root;
  for (;;) {
    const next = parent.children?.find(c => entry.path.startsWith(`${c.path}/`));
    if (next === undefined) return parent;
    parent = next;
  }
}

function countOf(entry: Entry): number {
  let count = 0;
  const stack = [entry];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    count++;
    for (const child of next.children ?? []) stack.push(child);
  }
  return count;
}

function findCell(root: Cell, path: string): Cell | undefined {
  if (root.data.path === path) return root;
  return root.children
    ?.map(child =>
      child.data.path === path || path.startsWith(`${child.data.path}/`) ? findCell(child, path) : undefined,
    )
    .find(found => found !== undefined);
}
