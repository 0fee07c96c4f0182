import type { BudgetMap, MapForm, WhatIf } from '../../core/pack/budgetMap.ts';
import { element, exact } from './dom.ts';
import { icon } from './icons.ts';
import { indicesOf, type Entry } from './entries.ts';
import { formNames } from './gauge.ts';

export interface TableActions {
  readonly open: (path: string) => void;
  readonly zoom: (entry: Entry) => void;
  readonly toggle?: (entry: Entry, include: boolean) => void;
}

interface Row {
  readonly entry: Entry;
  readonly full: number;
  readonly tokens: number;
  readonly files: number;
  readonly form: MapForm | 'mixed';
}

/** More rows than this make a table nobody reads; the map's folders lead to the rest. */
const mostRows = 500;

/** What the map shows of one folder, as a table: for those who read it, or have it read to them. */
export function drawTable(
  into: HTMLElement,
  map: BudgetMap,
  plan: WhatIf | undefined,
  folder: Entry,
  actions: TableActions,
): void {
  const rows = (folder.children ?? [])
    .map(entry => summary(entry, map, plan))
    .sort((a, b) => b.full - a.full || (a.entry.name < b.entry.name ? -1 : 1));
  const total = Math.max(
    1,
    rows.reduce((sum, row) => sum + row.full, 0),
  );
  const head = [
    'Name',
    'Files',
    'Whole',
    'Sent',
    'Share',
    'Form',
    ...(actions.toggle ? ['In the prompt'] : []),
  ];
  const table = element(
    'table',
    {},
    element('caption', {}, `What ${folder.path === '' ? folder.name : folder.path} holds, in tokens`),
    element('thead', {}, element('tr', {}, ...head.map(name => element('th', { scope: 'col' }, name)))),
    element('tbody', {}, ...rows.slice(0, mostRows).map(row => drawRow(row, total, actions))),
  );
  const more = rows.length - mostRows;
  into.replaceChildren(table, ...(more > 0 ? [element('p', {}, `and ${exact(more)} smaller ones`)] : []));
}

function drawRow(
  { entry, full, tokens, files, form }: Row,
  total: number,
  actions: TableActions,
): HTMLElement {
  const isFolder = entry.children !== undefined;
  const name = element(
    'button',
    { class: 'link', type: 'button' },
    icon(isFolder ? 'folder' : 'file'),
    isFolder ? `${entry.name}/` : entry.name,
  );
  name.addEventListener('click', () => {
    if (isFolder) actions.zoom(entry);
    else actions.open(entry.path);
  });
  const swatch = element('span', { class: `swatch ${form}`, 'aria-hidden': 'true' });
  const cells: (Node | string)[] = [
    exact(files),
    exact(full),
    exact(tokens),
    `${((full / total) * 100).toFixed(1)} %`,
    form === 'mixed' ? 'mixed' : element('span', {}, swatch, formNames[form]),
  ];
  const { toggle } = actions;
  if (toggle !== undefined) {
    const box = element('input', {
      type: 'checkbox',
      'aria-label': `${entry.path} in the prompt`,
    });
    box.checked = form !== 'excluded';
    box.addEventListener('change', () => {
      toggle(entry, box.checked);
    });
    cells.push(box);
  }
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    ...cells.map((cell, i) => element('td', i < 4 ? { class: 'number' } : {}, cell)),
  );
}

function summary(entry: Entry, map: BudgetMap, plan: WhatIf | undefined): Row {
  let full = 0;
  let tokens = 0;
  let files = 0;
  let form: MapForm | 'mixed' | undefined;
  for (const index of indicesOf(entry)) {
    const file = map.files[index];
    if (file === undefined) continue;
    files++;
    full += file.full;
    tokens += plan?.tokens[index] ?? file.tokens;
    const own = plan?.forms[index] ?? file.form;
    form = form === undefined || form === own ? own : 'mixed';
  }
  return { entry, full, tokens, files, form: form ?? 'left-out' };
}
