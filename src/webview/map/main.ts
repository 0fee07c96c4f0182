import type { BudgetMap, MapForm, MapUpdate, WhatIf } from '../../core/pack/budgetMap.ts';
import { createCanvasMap, type CanvasMap } from './canvasMap.ts';
import { drawControls, type Controls } from './controls.ts';
import { byId, compact, element, exact } from './dom.ts';
import { drawGauge, drawLegend, formNames } from './gauge.ts';
import { connect } from './host.ts';
import { entryAt, foldersOf, type Entry } from './layout.ts';
import { drawTable, indicesOf } from './table.ts';

/** What survives hiding the view, or reloading the window. */
interface Kept {
  readonly folder: string;
  readonly language: string;
  readonly limit: number | null;
  readonly asTable: boolean;
}

const host = connect();
const gauge = byId('gauge');
const legend = byId('legend');
const path = byId('path');
const table = byId('table');
const stage = byId('stage');
const live = byId('live');
const tip = byId('tip');

let map: BudgetMap | undefined;
let plan: WhatIf | undefined;
let root: Entry | undefined;
let kept: Kept = { folder: '', language: '', limit: null, asTable: false, ...readKept(host.restore()) };

const canvas: CanvasMap = createCanvasMap(byId('canvas') as HTMLCanvasElement, {
  onZoom: entry => {
    keep({ folder: entry.path });
    drawPath();
    if (kept.asTable) drawRows();
  },
  onHover: (entry, at) => {
    showTip(entry, at);
  },
  onSelect: entry => {
    live.textContent = entry === undefined ? '' : describe(entry);
  },
  onOpen: entry => {
    host.send({ kind: 'open', path: entry.path });
  },
  onToggle: entry => {
    if (host.steers) toggle(entry, formOf(entry) === 'excluded');
  },
});
const controls: Controls = drawControls(byId('controls'), {
  onLanguage: language => {
    keep({ language });
    redraw();
  },
  onSearch: text => {
    const wanted = text.trim().toLowerCase();
    const files = map?.files ?? [];
    canvas.match(wanted === '' ? undefined : i => files[i]?.path.toLowerCase().includes(wanted) ?? false);
  },
  onLimit: limit => {
    keep({ limit });
    if (limit === null) {
      plan = undefined;
      redraw();
    } else {
      host.send({ kind: 'what-if', limit });
    }
  },
  onTable: asTable => {
    keep({ asTable });
    redraw();
  },
});

host.listen((update: MapUpdate) => {
  switch (update.kind) {
    case 'map':
      map = update.map;
      plan = undefined;
      controls.fill(map, kept);
      if (kept.limit !== null && kept.limit !== map.limit) host.send({ kind: 'what-if', limit: kept.limit });
      redraw();
      break;
    case 'what-if':
      // An answer to a slider that has moved on is not shown.
      if (update.plan.limit !== kept.limit) return;
      plan = update.plan;
      redraw();
      break;
    case 'message':
      byId('message').textContent = update.text;
      document.body.classList.toggle('empty', map === undefined);
  }
});
host.send({ kind: 'ready' });

function redraw(): void {
  if (map === undefined) return;
  document.body.classList.remove('empty');
  byId('message').textContent = '';
  const { files } = map;
  const shown = files.flatMap((file, i) =>
    kept.language === '' || file.language === kept.language ? [i] : [],
  );
  root = foldersOf(files, shown, map.title);
  drawGauge(gauge, map, plan);
  drawLegend(legend, map, plan);
  const folder = entryAt(root, kept.folder) ?? root;
  canvas.show(
    root,
    folder,
    files,
    files.map((file, i) => plan?.forms[i] ?? file.form),
  );
  stage.hidden = kept.asTable;
  table.hidden = !kept.asTable;
  drawPath();
  if (kept.asTable) drawRows();
}

function drawRows(): void {
  if (map === undefined || root === undefined) return;
  drawTable(table, map, plan, entryAt(root, kept.folder) ?? root, {
    open: file => {
      host.send({ kind: 'open', path: file });
    },
    zoom: entry => {
      canvas.zoomTo(entry);
    },
    ...(host.steers && { toggle }),
  });
}

/** The folders from the workspace down to the shown one; each leads back to itself. */
function drawPath(): void {
  if (root === undefined) return;
  const steps = kept.folder === '' ? [] : kept.folder.split('/');
  const crumbs = ['', ...steps.map((_, i) => steps.slice(0, i + 1).join('/'))];
  path.replaceChildren(
    ...crumbs.flatMap((crumb, i) => {
      const last = i === crumbs.length - 1;
      const name = crumb === '' ? (map?.title ?? '') : (steps[i - 1] ?? '');
      const button = element(
        'button',
        { class: 'link', type: 'button', ...(last && { 'aria-current': 'true' }) },
        name,
      );
      button.addEventListener('click', () => {
        const entry = root && entryAt(root, crumb);
        if (entry !== undefined) canvas.zoomTo(entry);
      });
      return i === 0 ? [button] : [element('span', { 'aria-hidden': 'true' }, '/'), button];
    }),
  );
}

function formOf(entry: Entry): MapForm | undefined {
  const [first = -1] = indicesOf(entry);
  return plan?.forms[first] ?? map?.files[first]?.form;
}

/** A folder is one wish, unless a filter hides some of it: then it is the files that are shown. */
function toggle(entry: Entry, include: boolean): void {
  const paths =
    kept.language === '' ? [entry.path] : [...indicesOf(entry)].flatMap(i => map?.files[i]?.path ?? []);
  host.send({ kind: 'toggle', paths, include });
}

function describe(entry: Entry): string {
  let full = 0;
  let tokens = 0;
  let files = 0;
  for (const i of indicesOf(entry)) {
    files++;
    full += map?.files[i]?.full ?? 0;
    tokens += plan?.tokens[i] ?? map?.files[i]?.tokens ?? 0;
  }
  if (entry.index === undefined)
    return `${entry.path === '' ? entry.name : entry.path}: ${exact(files)} files, ${exact(full)} tokens, ${exact(tokens)} of them in the prompt`;
  const file = map?.files[entry.index];
  const form = formOf(entry) ?? 'left-out';
  const why = plan === undefined && file?.reason !== undefined ? `: ${file.reason}` : '';
  return `${entry.path}: ${exact(full)} tokens, ${formNames[form]}${why}`;
}

function showTip(entry: Entry | undefined, at: { readonly x: number; readonly y: number }): void {
  tip.hidden = entry === undefined;
  if (entry === undefined) return;
  tip.textContent = describe(entry);
  const right = at.x > stage.clientWidth / 2;
  tip.style.left = right ? '' : `${at.x + 14}px`;
  tip.style.right = right ? `${stage.clientWidth - at.x + 8}px` : '';
  tip.style.top = `${Math.min(at.y + 16, stage.clientHeight - 48)}px`;
}

function keep(change: Partial<Kept>): void {
  kept = { ...kept, ...change };
  host.keep(kept);
}

function readKept(state: unknown): Partial<Kept> {
  if (typeof state !== 'object' || state === null) return {};
  const { folder, language, limit, asTable } = state as Record<string, unknown>;
  return {
    ...(typeof folder === 'string' && { folder }),
    ...(typeof language === 'string' && { language }),
    ...(typeof limit === 'number' && { limit }),
    ...(typeof asTable === 'boolean' && { asTable }),
  };
}

/** For the bench and for tests, which see the page from outside. */
Object.assign(globalThis, { longviewMap: { canvas, compact } });
