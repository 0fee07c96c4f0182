import type { BudgetMap, MapForm, MapUpdate, WhatIf } from '../../core/pack/budgetMap.ts';
import { createCanvasMap, type CanvasMap } from './canvasMap.ts';
import { drawControls, type Controls } from './controls.ts';
import { drawPath, fillTip, type Summary } from './details.ts';
import { byId, exact, filesText } from './dom.ts';
import { entryAt, foldersOf, indicesOf, type Entry } from './entries.ts';
import { drawGauge, drawLegend, formNames } from './gauge.ts';
import { connect } from './host.ts';
import { readKept, type Kept } from './kept.ts';
import { drawTable } from './table.ts';

const host = connect();
const table = byId('table');
const stage = byId('stage');
const live = byId('live');
const tip = byId('tip');

let map: BudgetMap | undefined;
let plan: WhatIf | undefined;
let root: Entry | undefined;
let kept: Kept = readKept(host.restore());

const canvas: CanvasMap = createCanvasMap(
  byId('canvas') as HTMLCanvasElement,
  byId('outlines') as HTMLCanvasElement,
  {
    onZoom: entry => {
      keep({ folder: entry.path, selected: '' });
      showTip(undefined, { x: 0, y: 0 });
      drawFolder(entry);
      live.textContent = `Shown: ${describe(entry)}`;
    },
    onHover: showTip,
    onSelect: entry => {
      keep({ selected: entry?.path ?? '' });
      live.textContent = entry === undefined ? '' : describe(entry);
    },
    onOpen: entry => {
      host.send({ kind: 'open', path: entry.path });
    },
    onToggle: entry => {
      if (host.steers) toggle(entry, formOf(entry) === 'excluded');
      else live.textContent = `${describe(entry)}. This page can change nothing.`;
    },
  },
);
const controls: Controls = drawControls(byId('controls'), {
  onLanguage: language => {
    keep({ language });
    redraw();
  },
  onSearch: text => {
    keep({ search: text });
    find();
  },
  onLimit: limit => {
    keep({ limit });
    if (limit !== null) host.send({ kind: 'what-if', limit });
    else {
      plan = undefined;
      redraw();
    }
  },
  onTable: asTable => {
    keep({ asTable });
    redraw();
  },
});

host.listen((update: MapUpdate) => {
  switch (update.kind) {
    case 'map': {
      ({ map } = update);
      plan = undefined;
      // What was kept may be of another workspace, or of files that are gone.
      if (!map.files.some(file => file.language === kept.language)) keep({ language: '' });
      if (kept.limit === map.limit) keep({ limit: null });
      controls.fill(map, kept);
      if (kept.limit !== null) host.send({ kind: 'what-if', limit: kept.limit });
      redraw();
      break;
    }
    case 'what-if':
      // An answer to a slider that has moved on is not shown.
      if (update.plan.limit !== kept.limit) return;
      ({ plan } = update);
      redraw();
      break;
    case 'message':
      byId('message').textContent = update.text;
      document.body.classList.toggle('empty', map === undefined);
  }
});
host.send({ kind: 'ready' });

let filtered: { readonly map: BudgetMap; readonly language: string } | undefined;

function redraw(): void {
  if (map === undefined) return;
  document.body.classList.remove('empty');
  byId('message').textContent = '';
  summaries = new WeakMap();
  const { files } = map;
  if (root === undefined || filtered?.map !== map || filtered.language !== kept.language) {
    filtered = { map, language: kept.language };
    const shown = files.flatMap((f, i) => (kept.language === '' || f.language === kept.language ? [i] : []));
    root = foldersOf(files, shown, map.title);
  }
  drawGauge(byId('gauge'), byId('headline'), map, plan);
  drawLegend(byId('legend'), map, plan);
  const folder = shownFolder(root);
  canvas.show(
    root,
    folder,
    files.map((file, i) => plan?.forms[i] ?? file.form),
  );
  canvas.select(kept.selected);
  find();
  stage.hidden = kept.asTable;
  table.hidden = !kept.asTable;
  byId('help').hidden = kept.asTable;
  drawFolder(folder);
}

function shownFolder(top: Entry): Entry {
  const found = entryAt(top, kept.folder);
  return found?.children === undefined ? top : found;
}

/** What is said of the shown folder: where it is, what it holds, and its rows where a table is shown. */
function drawFolder(folder: Entry): void {
  if (map === undefined || root === undefined) return;
  const top = root;
  drawPath(byId('path'), map.title, folder, summary(folder), path => {
    const entry = entryAt(top, path);
    if (entry !== undefined) canvas.zoomTo(entry);
  });
  if (!kept.asTable) return;
  drawTable(table, map, plan, folder, {
    open: path => {
      host.send({ kind: 'open', path });
    },
    zoom: entry => {
      canvas.zoomTo(entry);
    },
    ...(host.steers && { toggle }),
  });
}

function find(): void {
  const wanted = kept.search.trim().toLowerCase();
  const found =
    map?.files.map(
      ({ path, language }) =>
        (kept.language === '' || language === kept.language) && path.toLowerCase().includes(wanted),
    ) ?? [];
  canvas.match(wanted === '' ? undefined : i => found[i] ?? false);
  const matching = found.filter(Boolean).length;
  byId('found').textContent =
    wanted === '' ? '' : `${filesText(matching)} ${matching === 1 ? 'matches' : 'match'}`;
}

function formOf(entry: Entry): MapForm | undefined {
  const [first = -1] = indicesOf(entry);
  return plan?.forms[first] ?? map?.files[first]?.form;
}

/** A folder is one wish, unless a filter hides some of it: then it is the files that are shown. */
function toggle(entry: Entry, include: boolean): void {
  const paths =
    kept.language === '' ? [entry.path] : indicesOf(entry).flatMap(i => map?.files[i]?.path ?? []);
  host.send({ kind: 'toggle', paths, include });
  live.textContent = `${entry.path}: ${include ? 'put back' : 'taken out'}`;
}

/** Of what is shown now; a folder's takes long enough not to be made for each move of the pointer. */
let summaries = new WeakMap<Entry, Summary>();

function summary(entry: Entry): Summary {
  let made = summaries.get(entry);
  if (made === undefined) summaries.set(entry, (made = summarise(entry)));
  return made;
}

function summarise(entry: Entry): Summary {
  let tokens = 0;
  let files = 0;
  for (const i of indicesOf(entry)) {
    files++;
    tokens += plan?.tokens[i] ?? map?.files[i]?.tokens ?? 0;
  }
  const { index } = entry;
  if (index === undefined) return { files, full: entry.full, tokens };
  const form = formOf(entry) ?? 'left-out';
  const reason = plan === undefined ? map?.files[index]?.reason : undefined;
  return { files, full: entry.full, tokens, form, ...(reason !== undefined && { reason }) };
}

function describe(entry: Entry): string {
  const { files, full, tokens, form, reason } = summary(entry);
  const name = entry.path === '' ? entry.name : entry.path;
  return form === undefined
    ? `${name}: ${filesText(files)}, ${exact(full)} tokens, ${exact(tokens)} of them in the prompt`
    : `${name}: ${exact(full)} tokens, ${formNames[form]}${reason === undefined ? '' : `: ${reason}`}`;
}

let tipped: Entry | undefined;

function showTip(entry: Entry | undefined, at: { readonly x: number; readonly y: number }): void {
  tip.hidden = entry === undefined;
  if (entry === undefined) return;
  if (entry !== tipped) fillTip(tip, entry, summary(entry));
  tipped = entry;
  const { clientWidth: width, clientHeight: height } = stage;
  // As transforms, so that nothing is laid out while the pointer moves.
  const x = at.x > width / 2 ? `calc(${at.x - 10}px - 100%)` : `${at.x + 14}px`;
  const y = at.y > height / 2 ? `calc(${at.y - 10}px - 100%)` : `${at.y + 16}px`;
  tip.style.transform = `translate(${x}, ${y})`;
}

function keep(change: Partial<Kept>): void {
  kept = { ...kept, ...change };
  host.keep(kept);
}
