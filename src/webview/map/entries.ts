import type { MapFile } from '../../core/pack/budgetMap.ts';

/** A folder or file of the map. `index` is the file's place in the map's list. */
export interface Entry {
  readonly name: string;
  /** '' for the workspace itself. */
  readonly path: string;
  /** Tokens of its files, whole. */
  readonly full: number;
  /** Largest first. Absent for a file. */
  readonly children?: readonly Entry[];
  readonly index?: number;
}

interface Growing {
  name: string;
  path: string;
  full: number;
  children?: Growing[];
  index?: number;
}

/** The folders that `files` (their indices) make, with their sums. */
export function foldersOf(files: readonly MapFile[], shown: readonly number[], title: string): Entry {
  const root = { name: title, path: '', full: 0, children: [] as Growing[] };
  const folders = new Map<string, { children: Growing[] }>([['', root]]);
  const folderAt = (path: string): { children: Growing[] } => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf('/');
    const made = { name: path.slice(slash + 1), path, full: 0, children: [] as Growing[] };
    folders.set(path, made);
    folderAt(slash === -1 ? '' : path.slice(0, slash)).children.push(made);
    return made;
  };
  for (const index of shown) {
    const { path = '', full = 0 } = files[index] ?? {};
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    folderAt(slash === -1 ? '' : path.slice(0, slash)).children.push({ name, path, full, index });
  }
  settle(root);
  return root;
}

/** Sums, order, and `java/org/example`, each with nothing else in it, as one folder to a reader. */
function settle(entry: Growing): void {
  if (entry.children === undefined) return;
  let inner = entry;
  const names = [entry.name];
  while (entry.path !== '' && inner.children?.length === 1 && inner.children[0]?.children !== undefined) {
    inner = inner.children[0];
    names.push(inner.name);
  }
  entry.name = names.join('/');
  entry.path = inner.path;
  entry.children = inner.children ?? [];
  for (const child of entry.children) {
    settle(child);
    entry.full += child.full;
  }
  entry.children.sort((a, b) => b.full - a.full || (a.path < b.path ? -1 : 1));
}

/** The entry at a path below `root`; a folder inside of a joined chain is the chain. */
export function entryAt(root: Entry, path: string): Entry | undefined {
  if (path === root.path) return root;
  let entry: Entry | undefined = root;
  while (entry !== undefined && entry.path !== path) {
    entry = entry.children?.find(
      c => c.path === path || path.startsWith(`${c.path}/`) || (c.children && c.path.startsWith(`${path}/`)),
    );
    if (entry?.path.startsWith(`${path}/`) === true) break;
  }
  return entry;
}

/** The folder that holds `entry`; the workspace holds itself. */
export function parentOf(root: Entry, entry: Entry): Entry {
  let parent = root;
  for (;;) {
    const next = parent.children?.find(c => entry.path.startsWith(`${c.path}/`));
    if (next === undefined) return parent;
    parent = next;
  }
}

/** The files below an entry, as indices into the map's list. */
export function indicesOf(entry: Entry): number[] {
  const found: number[] = [];
  const stack = [entry];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.index !== undefined) found.push(next.index);
    else if (next.children !== undefined) for (const child of next.children) stack.push(child);
  }
  return found;
}
