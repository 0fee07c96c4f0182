import type { MapFile, MapForm } from './budgetMap.ts';

/** A folder or a file, with the sums of what is in it. Tokens. */
export interface TreeNode {
  readonly name: string;
  /** Workspace-relative; '' for the workspace. */
  readonly path: string;
  /** Absent for a file. Folders first, then by name. */
  readonly children?: readonly TreeNode[];
  readonly file?: MapFile;
  readonly files: number;
  /** With every file whole. */
  readonly full: number;
  /** As planned. */
  readonly tokens: number;
  /** How many files have each form. */
  readonly forms: Readonly<Partial<Record<MapForm, number>>>;
}

interface Growing {
  readonly name: string;
  readonly path: string;
  readonly folders: Map<string, Growing>;
  readonly own: MapFile[];
}

/** The folders over a list of files, summed from the leaves; linear in the files and their depth. */
export function fileTree(files: readonly MapFile[], name: string): TreeNode {
  const root: Growing = { name, path: '', folders: new Map(), own: [] };
  for (const file of files) {
    const steps = file.path.split('/');
    steps.pop();
    let folder = root;
    for (const step of steps) {
      let next = folder.folders.get(step);
      if (next === undefined) {
        const path = folder.path === '' ? step : `${folder.path}/${step}`;
        folder.folders.set(step, (next = { name: step, path, folders: new Map(), own: [] }));
      }
      folder = next;
    }
    folder.own.push(file);
  }
  return summed(root);
}

function summed({ name, path, folders, own }: Growing): TreeNode {
  const children = [...[...folders.values()].map(summed).sort(byName), ...own.map(leaf).sort(byName)];
  const forms: Partial<Record<MapForm, number>> = {};
  let files = 0;
  let full = 0;
  let tokens = 0;
  for (const child of children) {
    files += child.files;
    full += child.full;
    tokens += child.tokens;
    for (const [form, count] of Object.entries(child.forms) as [MapForm, number][])
      forms[form] = (forms[form] ?? 0) + count;
  }
  return { name, path, children, files, full, tokens, forms };
}

function leaf(file: MapFile): TreeNode {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return {
    name,
    path: file.path,
    file,
    files: 1,
    full: file.full,
    tokens: file.tokens,
    forms: { [file.form]: 1 },
  };
}

/** To make one takes longer than to load all this, and most packs draw no map. */
let collator: Intl.Collator | undefined;

/** As the explorer does it: 2 before 10. */
function byName(a: TreeNode, b: TreeNode): number {
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(a.name, b.name) || (a.name < b.name ? -1 : 1);
}
