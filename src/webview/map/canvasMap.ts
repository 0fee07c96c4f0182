import type { MapForm } from '../../core/pack/budgetMap.ts';
import { entryAt, parentOf, type Entry } from './entries.ts';
import { actionOf } from './keys.ts';
import { cellAt, cellOf, layOut, type Cell, type Layout } from './layout.ts';
import { contextOf, outline, warm } from './paint.ts';
import { createPrint, drawFlight, type Flight, type Print } from './print.ts';
import { readTheme } from './theme.ts';

export interface CanvasActions {
  readonly onZoom: (folder: Entry) => void;
  /** Undefined: over nothing. Px of the canvas. */
  readonly onHover: (entry: Entry | undefined, at: { readonly x: number; readonly y: number }) => void;
  readonly onSelect: (entry: Entry | undefined) => void;
  readonly onOpen: (file: Entry) => void;
  readonly onToggle: (entry: Entry) => void;
}

export interface CanvasMap {
  show(root: Entry, folder: Entry, forms: readonly MapForm[]): void;
  zoomTo(folder: Entry): void;
  /** By path; '' is none. */
  select(path: string): void;
  match(matches: ((index: number) => boolean) | undefined): void;
}

const zoomMs = 280;
/** Of a frame's 16 ms, what making the next picture may take, ms. */
const printMs = 6;
/** Folders that are laid out already are shown at once when they come again. */
const keptLayouts = 8;
/** A file smaller than this (px) is no target: a click on it goes towards it. */
const targetSize = 14;

/** The treemap on its canvas: zoom, hover, keys. Holds what is drawn; what it means is the caller's. */
export function createCanvasMap(
  canvas: HTMLCanvasElement,
  over: HTMLCanvasElement,
  actions: CanvasActions,
): CanvasMap {
  const [base, top] = [shownContext(canvas, false), shownContext(over, true)];
  let root: Entry | undefined;
  let folder: Entry | undefined;
  let forms: readonly MapForm[] = [];
  /** What can be seen, and what will be as soon as it is made. */
  let shown: Print | undefined;
  let coming: Print | undefined;
  let flight: (Flight & { readonly start: number }) | undefined;
  let theme = readTheme(canvas);
  let hovered: Cell | undefined;
  let selected = '';
  let matches: ((index: number) => boolean) | undefined;
  let size = { width: 0, height: 0 };
  let scheduled = 0;
  let outlined: readonly (Cell | undefined)[] = [];
  const layouts = new Map<string, Layout>();
  const pages = Array.from({ length: 3 }, () => document.createElement('canvas'));

  function draw(): void {
    scheduled ||= requestAnimationFrame(now => {
      scheduled = 0;
      if (size.width > 0) frame(now);
    });
  }

  function frame(now: number): void {
    const arrived = coming?.advance(printMs) ?? true;
    const t = flight === undefined ? 1 : Math.min(1, Math.max(0, now - flight.start) / zoomMs);
    if (coming !== undefined && arrived && t === 1) {
      base.setTransform(1, 0, 0, 1, 0, 0);
      base.drawImage(coming.canvas, 0, 0);
      shown = coming;
      coming = undefined;
      flight = undefined;
    } else if (flight !== undefined) {
      base.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
      base.fillStyle = theme.background;
      base.fillRect(0, 0, size.width, size.height);
      drawFlight(base, flight, 1 - (1 - t) ** 3, arrived);
    }
    drawOutlines();
    busy(coming !== undefined);
    if (coming !== undefined) draw();
  }

  /** Whoever looks from outside, with a screen reader or from a test, waits for the picture to be there. */
  function busy(now: boolean): void {
    const told = String(now);
    if (canvas.getAttribute('aria-busy') !== told) canvas.setAttribute('aria-busy', told);
  }

  /** A canvas that is touched is copied, so it is left alone while nothing on it changes. */
  function drawOutlines(): void {
    const wanted = flight === undefined ? [hovered, selectedCell()] : [];
    if (wanted[0] === outlined[0] && wanted[1] === outlined[1]) return;
    outlined = wanted;
    outline({ context: top, ...size, ratio: devicePixelRatio }, theme, wanted[0], wanted[1]);
  }

  /** Of what keys and pointer are about: the picture that is coming has its cells before it has its pixels. */
  const cells = (): Cell | undefined => (coming ?? shown)?.layout.root;

  function selectedCell(): Cell | undefined {
    const top = cells();
    return selected === '' || top === undefined ? undefined : cellOf(top, selected);
  }

  function layoutOf(target: Entry): Layout {
    const made = layouts.get(target.path) ?? layOut(target, size.width, size.height);
    layouts.delete(target.path);
    layouts.set(target.path, made);
    const [oldest] = layouts.keys();
    if (layouts.size > keptLayouts && oldest !== undefined) layouts.delete(oldest);
    return made;
  }

  /** Makes the picture anew; the one before is seen until it is done. */
  function print(): void {
    if (folder === undefined || size.width === 0) return;
    flight = undefined;
    hovered = undefined;
    const free = pages.find(page => page !== shown?.canvas && page !== coming?.canvas) ?? canvas;
    coming = createPrint(layoutOf(folder), { forms, theme, matches }, free, devicePixelRatio);
    busy(true);
    draw();
  }

  function zoomTo(target: Entry): void {
    if (target === folder || target.children === undefined) return;
    const [from, left] = [shown, folder];
    folder = target;
    print();
    actions.onZoom(target);
    const to = coming;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    // Where a zoom comes upon another one, the picture that is seen is no longer of where it starts.
    if (from === undefined || to === undefined || left === undefined || still) return;
    if (from.layout.root.entry !== left) return;
    const into = cellOf(from.layout.root, target.path);
    if (into === undefined) to.layout.advance(printMs);
    const cell = into ?? cellOf(to.layout.root, left.path);
    if (cell !== undefined)
      flight = { from, to, cell, inwards: into !== undefined, start: performance.now() };
  }

  function zoomOut(): void {
    if (root === undefined || folder === undefined || folder.path === '') return;
    const left = folder;
    zoomTo(parentOf(root, left));
    choose(left);
  }

  function choose(entry: Entry | undefined): void {
    selected = entry?.path ?? '';
    actions.onSelect(entry);
    draw();
  }

  function enter(entry: Entry): void {
    if (entry.index !== undefined) actions.onOpen(entry);
    else {
      zoomTo(entry);
      choose(entry.children?.find(child => child.full > 0));
    }
  }

  const pointed = (event: MouseEvent): Cell | undefined => {
    const top = cells();
    return flight === undefined && top !== undefined ? cellAt(top, event.offsetX, event.offsetY) : undefined;
  };
  /** The folder of the shown one that holds the cell. */
  const outermost = (cell: Cell): Cell => {
    let outer = cell;
    while (outer.parent !== undefined && outer.parent.depth > 0) outer = outer.parent;
    return outer;
  };
  canvas.addEventListener('pointermove', event => {
    const cell = pointed(event);
    actions.onHover(cell?.depth === 0 ? undefined : cell?.entry, { x: event.offsetX, y: event.offsetY });
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
    if (cell === undefined || cell.depth === 0) return;
    const small = cell.x1 - cell.x0 < targetSize || cell.y1 - cell.y0 < targetSize;
    const outer = outermost(cell);
    if (cell.entry.index !== undefined && small && outer !== cell) zoomTo(outer.entry);
    else if (cell.entry.index === undefined) zoomTo(cell.entry);
    else {
      choose(cell.entry);
      if (event.ctrlKey || event.metaKey) actions.onOpen(cell.entry);
      else actions.onToggle(cell.entry);
    }
  });
  let wheeled = -zoomMs;
  canvas.addEventListener('wheel', event => {
    event.preventDefault();
    // One notch or one swipe is one level, however many events it is made of.
    if (event.timeStamp - wheeled < zoomMs) return;
    wheeled = event.timeStamp;
    const cell = pointed(event);
    if (event.deltaY > 0) zoomOut();
    else if (cell !== undefined && cell.depth > 0) zoomTo(outermost(cell).entry);
  });
  canvas.addEventListener('keydown', event => {
    const top = cells();
    if (top === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actionOf(event.key, top, selectedCell());
    switch (action?.kind) {
      case undefined:
        return;
      case 'select':
        choose(action.cell.entry);
        break;
      case 'enter':
        enter(action.cell.entry);
        break;
      case 'leave':
        zoomOut();
        break;
      case 'toggle':
        actions.onToggle(action.cell.entry);
        break;
      case 'none':
    }
    event.preventDefault();
  });
  new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (width === 0 || (width === size.width && height === size.height)) return;
    size = { width, height };
    for (const one of [canvas, over, ...pages]) {
      one.width = Math.round(width * devicePixelRatio);
      one.height = Math.round(height * devicePixelRatio);
    }
    for (const page of pages) warm(contextOf(page), theme.font);
    warm(base, theme.font);
    warm(top, theme.font);
    top.clearRect(0, 0, width, height);
    layouts.clear();
    outlined = [];
    print();
  }).observe(canvas);
  const retheme = () => {
    theme = readTheme(canvas);
    outlined = [];
    print();
  };
  // The editor tells a change of theme by the classes of the body.
  new MutationObserver(retheme).observe(document.body, {
    attributes: true,
    attributeFilter: ['class', 'style'],
  });
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', retheme);

  return {
    show(newRoot, newFolder, newForms) {
      if (root !== newRoot) layouts.clear();
      root = newRoot;
      folder = newFolder;
      forms = newForms;
      print();
    },
    zoomTo,
    select(path) {
      const entry = root && path !== '' ? entryAt(root, path) : undefined;
      selected = entry?.path ?? '';
      draw();
    },
    match(newMatches) {
      matches = newMatches;
      print();
    },
  };
}

function shownContext(canvas: HTMLCanvasElement, alpha: boolean): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { alpha });
  if (context === null) throw new Error('This page cannot draw on a canvas.');
  return context;
}
