import { mapForms, type BudgetMap, type MapForm } from '../core/pack/budgetMap.ts';
import { fileTree, type TreeNode } from '../core/pack/fileTree.ts';
import { columnsOf, printableName } from './printable.ts';
import { number } from './report.ts';

/** Where the map is drawn. `columns`: null where nobody wraps lines, as in a file. */
export interface Screen {
  readonly columns: number | null;
  readonly colour: boolean;
}

export const plainScreen: Screen = { columns: null, colour: false };

const mostBar = 60;
const leastBar = 10;
const mostRows = 26;
/** At the top; the other rows are for what is inside. */
const mostTop = 14;
/** Of one opened folder. */
const mostInside = 6;
const mostName = 48;
const leastName = 12;

const formNames: Readonly<Record<MapForm, string>> = {
  full: 'full',
  outline: 'outline',
  shortened: 'shortened',
  listed: 'by path',
  'left-out': 'no room',
  excluded: 'not chosen',
};

/** As in the budget map; SGR codes. Faint is what is not in the prompt. */
const colours: Readonly<Record<MapForm, number>> = {
  full: 34,
  outline: 32,
  shortened: 35,
  listed: 33,
  'left-out': 2,
  excluded: 2,
};

type Paint = (text: string, sgr: number) => string;

/** The gauge in segments, what they are, and the heaviest folders: the budget map in a terminal. */
export function drawMap(map: BudgetMap, { columns, colour }: Screen): string[] {
  const paint: Paint = (text, sgr) => (colour && text !== '' ? `\x1b[${sgr}m${text}\x1b[0m` : text);
  const root = fileTree(map.files, map.title);
  return [...gauge(map, root, columns, paint), '', ...table(root, columns, paint)];
}

interface Segment {
  readonly mark: string;
  readonly tokens: number;
  readonly sgr: number;
}

/** Each kind has a letter of its own, so that the bar can be read without colours. */
function gauge(map: BudgetMap, root: TreeNode, columns: number | null, paint: Paint): string[] {
  const { limit, parts, marks } = map;
  if (limit === null) return [`${number(root.tokens)} tokens of files; no limit`];
  const rows = [
    { mark: '█', label: 'Files', tokens: root.tokens, sgr: colours.full },
    ...parts.map(part => ({
      mark: part.kind === 'free' ? '░' : '▒',
      label: part.label,
      tokens: part.tokens,
      sgr: 2,
    })),
  ];
  const drawn = [...formSegments(map), ...rows.slice(1)];
  const tail = ` ${number(limit)} tokens`;
  const width = Math.max(leastBar, Math.min(mostBar, (columns ?? Infinity) - tail.length - 3));
  const most = columns === null ? Infinity : Math.max(leastName, columns - 28);
  const labels = Math.min(most, Math.max(...rows.map(s => s.label.length)));
  return [
    `[${bar(drawn, limit, width, paint)}]${tail}`,
    ...marks
      .filter(mark => mark.kind !== 'real' && mark.tokens < limit)
      .map(
        mark =>
          `${' '.repeat(1 + Math.round((mark.tokens / limit) * width))}▲ ${mark.label} ${number(mark.tokens)}`,
      ),
    ...rows.map(
      ({ mark, label, tokens, sgr }) =>
        `  ${paint(mark, sgr)} ${fit(label, labels)}  ${number(tokens).padStart(12)}  ${percent(tokens, limit)}`,
    ),
    ...marks
      .filter(mark => mark.kind !== 'real' && mark.tokens >= limit)
      .map(mark => `    ${fit(mark.label, labels)}  ${number(mark.tokens).padStart(12)}`),
  ];
}

function formSegments({ files }: BudgetMap): Segment[] {
  return mapForms.map(form => ({
    mark: '█',
    tokens: files.reduce((sum, file) => sum + (file.form === form ? file.tokens : 0), 0),
    sgr: colours[form],
  }));
}

/** Rounded at the segments' ends, so that the columns add up whatever the shares. */
function bar(segments: readonly Segment[], limit: number, width: number, paint: Paint): string {
  let end = 0;
  let drawn = 0;
  let text = '';
  for (const { mark, tokens, sgr } of segments) {
    end += tokens;
    const columns = Math.max(0, Math.round((end / limit) * width) - drawn);
    text += paint(mark.repeat(columns), sgr);
    drawn += columns;
  }
  return text;
}

interface Column {
  readonly title: string;
  readonly width: number;
  /** In which place it is kept where not all have room. */
  readonly keep: number;
  readonly cell: (node: TreeNode) => string;
}

function table(root: TreeNode, columns: number | null, paint: Paint): string[] {
  const folders = heaviest(root);
  const names = folders.map(folder =>
    printableName(folder.children === undefined ? folder.path : `${folder.path}/`),
  );
  const wanted = Math.min(mostName, Math.max(6, ...names.map(columnsOf)));
  const shown = fitting(root, wanted, columns);
  const used = shown.reduce((sum, column) => sum + column.width + 2, 0);
  const width = columns === null ? wanted : Math.max(leastName, Math.min(wanted, columns - used));
  const room = columns === null ? Infinity : columns - width - used - 2;
  const withForms = room >= 20;
  const row = (name: string, cells: readonly string[], forms: string) =>
    [
      name,
      ...cells.map((text, i) => text.padStart(shown[i]?.width ?? 0)),
      ...(withForms ? [forms] : []),
    ].join('  ');
  const more = (root.children?.length ?? 0) > mostTop;
  return [
    row(
      'Folder'.padEnd(width),
      shown.map(c => c.title),
      'Forms',
    ).trimEnd(),
    ...folders.map((node, i) =>
      row(
        fit(names[i] ?? '', width),
        shown.map(c => c.cell(node)),
        formsOf(node, room, paint),
      ),
    ),
    ...(more
      ? [`and ${number((root.children?.length ?? 0) - mostTop)} more; --html FILE draws them all`]
      : []),
  ];
}

/** What a narrow terminal has room for beside the names: the last ones go first. */
function fitting(root: TreeNode, name: number, columns: number | null): Column[] {
  const all: Column[] = [
    { title: 'Files', width: 7, keep: 4, cell: node => number(node.files) },
    { title: 'Whole', width: 12, keep: 1, cell: node => number(node.full) },
    { title: 'Sent', width: 12, keep: 2, cell: node => number(node.tokens) },
    { title: 'Share', width: 7, keep: 3, cell: node => percent(node.full, root.full) },
  ];
  if (columns === null) return all;
  const least = Math.max(leastName, Math.min(name, 24));
  const widthOf = (kept: readonly Column[]) => kept.reduce((sum, column) => sum + column.width + 2, least);
  let count = all.length;
  while (count > 1 && widthOf(all.filter(column => column.keep <= count)) > columns) count--;
  return all.filter(column => column.keep <= count);
}

/** The top, and what is in the folders that hold much of it, as long as rows last. */
function heaviest(root: TreeNode): TreeNode[] {
  const shown = [...(root.children ?? [])].sort(byWeight).slice(0, mostTop);
  const opened = new Set<TreeNode>();
  for (;;) {
    const room = mostRows - shown.length;
    const [folder] = shown
      .filter(node => !opened.has(node) && node.full > root.full / 5 && foldersIn(node).length > 0)
      .sort(byWeight);
    if (folder === undefined || room === 0) return shown;
    opened.add(folder);
    const inside = foldersIn(folder).sort(byWeight);
    shown.splice(shown.indexOf(folder) + 1, 0, ...inside.slice(0, Math.min(room, mostInside)));
  }
}

function foldersIn({ children = [] }: TreeNode): TreeNode[] {
  return children.filter(child => child.children !== undefined);
}

function byWeight(a: TreeNode, b: TreeNode): number {
  return b.full - a.full || (a.path < b.path ? -1 : 1);
}

function formsOf({ forms }: TreeNode, room: number, paint: Paint): string {
  let left = room;
  const texts: string[] = [];
  for (const form of mapForms) {
    const count = forms[form];
    if (count === undefined) continue;
    const text = `${number(count)} ${formNames[form]}`;
    left -= text.length + 2;
    if (left < 0) return [...texts, '…'].join(', ');
    texts.push(paint(text, colours[form]));
  }
  return texts.join(', ');
}

/** As wide as `width`, columns. The end of a path tells more than its beginning. */
function fit(name: string, width: number): string {
  if (columnsOf(name) <= width) return name + ' '.repeat(width - columnsOf(name));
  const letters = [...name];
  while (columnsOf(letters.join('')) > width - 1) letters.shift();
  const cut = `…${letters.join('')}`;
  return cut + ' '.repeat(Math.max(0, width - columnsOf(cut)));
}

function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (part / whole) * 100;
  return `${share.toFixed(1)} %`.padStart(7);
}
