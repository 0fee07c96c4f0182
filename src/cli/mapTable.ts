import { mapForms, type BudgetMap, type MapForm } from '../core/pack/budgetMap.ts';
import { fileTree, type TreeNode } from '../core/pack/fileTree.ts';
import { printableName } from './printable.ts';
import { number } from './report.ts';

const barWidth = 60;
const mostRows = 25;

const formNames: Readonly<Record<MapForm, string>> = {
  full: 'full',
  outline: 'outline',
  shortened: 'shortened',
  listed: 'by path',
  'left-out': 'no room',
  excluded: 'left out by you',
};

/** The gauge in segments, what they are, and the heaviest folders: the budget map in a terminal. */
export function drawMap(map: BudgetMap): string[] {
  const root = fileTree(map.files, map.title);
  return [...gauge(map, root), '', ...table(root)];
}

/** Each segment has a letter of its own, so that the bar can be read without colours. */
function gauge({ limit, parts, marks }: BudgetMap, root: TreeNode): string[] {
  if (limit === null) return [`${number(root.tokens)} tokens of files; no limit`];
  const segments = [
    { mark: '█', label: 'Files', tokens: root.tokens },
    ...parts.map(part => ({
      mark: part.kind === 'free' ? '░' : '▒',
      label: part.label,
      tokens: part.tokens,
    })),
  ];
  const width = Math.max(...segments.map(s => s.label.length));
  return [
    `[${bar(segments, limit)}] ${number(limit)} tokens`,
    ...segments.map(
      ({ mark, label, tokens }) =>
        `  ${mark} ${label.padEnd(width)}  ${number(tokens).padStart(12)}  ${percent(tokens, limit)}`,
    ),
    ...marks
      .filter(mark => mark.kind !== 'real')
      .map(mark => `    ${mark.label.padEnd(width)}  ${number(mark.tokens).padStart(12)}`),
  ];
}

/** Rounded at the segments' ends, so that the columns add up whatever the shares. */
function bar(segments: readonly { readonly mark: string; readonly tokens: number }[], limit: number): string {
  let end = 0;
  let drawn = 0;
  let text = '';
  for (const { mark, tokens } of segments) {
    end += tokens;
    const columns = Math.round((end / limit) * barWidth) - drawn;
    text += mark.repeat(Math.max(0, columns));
    drawn += Math.max(0, columns);
  }
  return text;
}

function table(root: TreeNode): string[] {
  const folders = heaviest(root);
  const names = folders.map(folder =>
    printableName(folder.children === undefined ? folder.path : `${folder.path}/`),
  );
  const width = Math.min(48, Math.max(6, ...names.map(name => name.length)));
  const more = (root.children?.length ?? 0) > mostRows;
  return [
    `${'Folder'.padEnd(width)}  ${'Files'.padStart(7)}  ${'Whole'.padStart(12)}  ${'Sent'.padStart(12)}  ${'Share'.padStart(7)}  Forms`,
    ...folders.map(
      (node, i) =>
        `${fit(names[i] ?? '', width)}  ${number(node.files).padStart(7)}  ${number(node.full).padStart(12)}  ${number(node.tokens).padStart(12)}  ${percent(node.full, root.full)}  ${forms(node)}`,
    ),
    ...(more
      ? [`and ${number((root.children?.length ?? 0) - mostRows)} more; --html FILE draws them all`]
      : []),
  ];
}

/** The top, and what is in the folders that hold much of it, as long as rows last. */
function heaviest(root: TreeNode): TreeNode[] {
  const shown = [...(root.children ?? [])].sort(byWeight).slice(0, mostRows);
  const opened = new Set<TreeNode>();
  for (;;) {
    const room = mostRows - shown.length;
    const opens = (node: TreeNode) =>
      !opened.has(node) &&
      node.full > root.full / 5 &&
      foldersIn(node).length > 0 &&
      foldersIn(node).length <= room;
    const at = shown.findIndex(opens);
    const folder = shown[at];
    if (folder === undefined) return shown;
    opened.add(folder);
    shown.splice(at + 1, 0, ...foldersIn(folder).sort(byWeight));
  }
}

function foldersIn({ children = [] }: TreeNode): TreeNode[] {
  return children.filter(child => child.children !== undefined);
}

function byWeight(a: TreeNode, b: TreeNode): number {
  return b.full - a.full || (a.path < b.path ? -1 : 1);
}

function forms({ forms: counts }: TreeNode): string {
  return mapForms
    .flatMap(form => (counts[form] === undefined ? [] : [`${number(counts[form])} ${formNames[form]}`]))
    .join(', ');
}

/** The end of a path tells more than its beginning. */
function fit(name: string, width: number): string {
  return name.length <= width ? name.padEnd(width) : `…${name.slice(name.length - width + 1)}`;
}

function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (part / whole) * 100;
  return `${share.toFixed(1)} %`.padStart(7);
}
