import { hierarchy, treemap, treemapSquarify, type HierarchyRectangularNode } from 'd3-hierarchy';

import type { MapFile } from '../../core/pack/budgetMap.ts';

/** A folder or file of the map. `index` is the file's place in the map's list. */
export interface Entry {
  readonly name: string;
  /** '' for the workspace itself. */
  readonly path: string;
  readonly children?: Entry[];
  readonly index?: number;
}

export type Cell = HierarchyRectangularNode<Entry>;

/** The folders that `files` (their indices) make; only files with tokens have an area. */
export function foldersOf(files: readonly MapFile[], shown: readonly number[], title: string): Entry {
  const root = { name: title, path: '', children: [] as Entry[] };
  const folders = new Map<string, { children: Entry[] }>([['', root]]);
  const folderAt = (path: string): { children: Entry[] } => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf('/');
    const made = { name: path.slice(slash + 1), path, children: [] as Entry[] };
    folders.set(path, made);
    folderAt(slash === -1 ? '' : path.slice(0, slash)).children.push(made);
    return made;
  };
  for (const index of shown) {
    const path = files[index]?.path ?? '';
    const slash = path.lastIndexOf('/');
    folderAt(slash === -1 ? '' : path.slice(0, slash)).children.push({
      name: path.slice(slash + 1),
      path,
      index,
    });
  }
  for (const child of root.children) joinChains(child);
  return root;
}

/** `java/org/example`, each with nothing else in it, is one folder to a reader. */
function joinChains(entry: Entry): void {
  let inner = entry;
  const names = [entry.name];
  while (inner.children?.length === 1 && inner.children[0]?.children !== undefined) {
    inner = inner.children[0];
    names.push(inner.name);
  }
  if (inner !== entry)
    Object.assign(entry, { name: names.join('/'), path: inner.path, children: inner.children });
  for (const child of entry.children ?? []) joinChains(child);
}

/** Room for a folder's name above what is in it, px. */
export const headerHeight = 18;
/** Folders this deep below the shown one have a header of their own, if they are this large (px). */
export const headerDepth = 2;
const headerFrom = { width: 60, height: 60 };

/** Called while the folder's own rectangle is known already, and what is in it is not. */
export function hasHeader({ depth, children, x0, x1, y0, y1 }: Cell): boolean {
  if (depth === 0 || depth > headerDepth || children === undefined) return false;
  return x1 - x0 >= headerFrom.width && y1 - y0 >= headerFrom.height;
}

/** Rectangles for everything below `root`, by the tokens of whole files, largest first, squarish. */
export function layOut(root: Entry, files: readonly MapFile[], width: number, height: number): Cell {
  const tree = hierarchy(root)
    .sum(entry => (entry.index === undefined ? 0 : (files[entry.index]?.full ?? 0)))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0) || (a.data.path < b.data.path ? -1 : 1));
  return treemap<Entry>()
    .tile(treemapSquarify)
    .size([width, height])
    .paddingInner(node => (node.depth === 0 ? 4 : node.depth < headerDepth ? 2 : 0))
    .paddingTop(node => (hasHeader(node) ? headerHeight : 0))
    .round(false)(tree);
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

/** The entry at a path below `root`. */
export function entryAt(root: Entry, path: string): Entry | undefined {
  if (path === root.path) return root;
  let entry: Entry | undefined = root;
  while (entry !== undefined && entry.path !== path) {
    entry = entry.children?.find(
      c => c.path === path || path.startsWith(`${c.path}/`) || (c.children && c.path.startsWith(`${path}/`)),
    );
    // A folder inside a joined chain is shown as the chain.
    if (entry?.path.startsWith(`${path}/`) === true) break;
  }
  return entry;
}
