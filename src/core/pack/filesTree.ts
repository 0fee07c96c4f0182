import type { Pausing } from '../pace.ts';
import { comparePaths, findByPath, firstAt, folderOf, inPathOrder } from '../workspace/byPath.ts';
import type { Inventory, LeftOutFile, Skip, SourceFile } from '../workspace/types.ts';
import { reasonOf } from './describeFile.ts';
import { FileRow, FolderRow, type Shown } from './fileRows.ts';
import { addTo, addUp, empty, nothing, standingKind, wantedFiles, type Sums } from './fileSums.ts';
import { wishLookup, type Steering, type Wish } from './steering.ts';
import type { Plan, PlannedFile } from './types.ts';

/** How a file stands in the next prompt. */
export type Standing =
  /** `wish` is what counts for it, said of it or of a folder above. */
  | {
      readonly kind: 'planned';
      readonly planned: PlannedFile;
      readonly source: SourceFile;
      readonly wish?: Wish;
    }
  /** Taken out by a wish; `why`: where it was not the user who said so. */
  | { readonly kind: 'excluded'; readonly source: SourceFile; readonly why?: string }
  /** Not in the preset; its path may be listed. */
  | { readonly kind: 'unchosen'; readonly planned: PlannedFile; readonly source: SourceFile }
  /** Left out by a rule. */
  | { readonly kind: 'ignored'; readonly file: LeftOutFile }
  | { readonly kind: 'skipped'; readonly skip: Skip };

export interface FileNode {
  readonly kind: 'file';
  readonly name: string;
  /** Workspace-relative. */
  readonly path: string;
  readonly parent: FolderNode;
  /** By the plan that the tree shows now. */
  readonly standing: Standing;
}

export interface FolderNode {
  readonly kind: 'folder';
  readonly name: string;
  /** '' for the workspace. */
  readonly path: string;
  readonly parent: FolderNode | undefined;
  /** Of the plan that the tree shows now. */
  readonly sums: Sums;
  /** In no order; see {@link childrenOf}. */
  found(): FilesNode[];
  sorted: readonly FilesNode[] | undefined;
}

export type FilesNode = FileNode | FolderNode;

/**
 * Every file that was found, in its folder. A file's node is made when somebody looks at it, and stays: of 100,000 files
 * a view shows some dozen. It is changed in place where a plan is of the same files.
 */
export interface FilesTree {
  readonly inventory: FilesInput['inventory'];
  readonly root: FolderNode;
  readonly nodes: { get(path: string): FilesNode | undefined };
  /** Of all files. */
  paths(): Iterable<string>;
  /** Shows this plan from now on. */
  stand(plan: Plan, steering: Steering): Pausing<void>;
}

export interface FilesInput {
  readonly inventory: Pick<Inventory, 'files' | 'leftOut' | 'skips'>;
  readonly plan: Plan;
  readonly steering: Steering;
}

const piece = 1000;

/** The tree for a plan; `before` serves again where the files are the same. */
export function* filesTree(input: FilesInput, before?: FilesTree): Pausing<FilesTree> {
  const { files, leftOut, skips } = input.inventory;
  const same =
    before?.inventory.files === files &&
    before.inventory.leftOut === leftOut &&
    before.inventory.skips === skips;
  const tree = same ? before : yield* grown(input.inventory);
  yield* tree.stand(input.plan, input.steering);
  return tree;
}

function* grown(inventory: FilesInput['inventory']): Pausing<FilesTree> {
  const { files, leftOut, skips } = inventory;
  const lists = [files, leftOut, skips].map(list => inPathOrder<{ readonly path: string }>(list));
  const sourceAt = findByPath(files);
  const ignoredAt = findByPath(leftOut);
  const skipAt = findByPath(skips);
  const folders: FolderRow[] = [];
  const folderRows = new Map<string, FolderRow>();
  const fileRows = new Map<string, FileRow>();
  let plannedAt: (path: string) => PlannedFile | undefined = () => undefined;
  let wishOf: (path: string) => Wish | undefined = () => undefined;
  let sums: Sums[] = [];
  let spare: Sums[] | undefined;
  const shown: Shown = {
    standingAt(path) {
      const source = sourceAt(path);
      if (source !== undefined) return standingOf(source, plannedAt(path), wishOf(path));
      const file = ignoredAt(path);
      if (file !== undefined) return { kind: 'ignored', file };
      const skip = skipAt(path);
      if (skip === undefined) throw new Error('A file that nobody found.');
      return { kind: 'skipped', skip };
    },
    sumsOf: ({ index }) => sums[index] ?? nothing(),
    inside: folder => [...folder.folders, ...filesIn(folder)],
  };

  function folderAt(path: string): FolderRow {
    const known = folderRows.get(path);
    if (known !== undefined) return known;
    const parent = path === '' ? undefined : folderAt(folderOf(path));
    const folder = new FolderRow(path, parent, folders.length, shown);
    folders.push(folder);
    folderRows.set(path, folder);
    parent?.folders.push(folder);
    return folder;
  }

  function fileAt(path: string): FileRow {
    const known = fileRows.get(path);
    if (known !== undefined) return known;
    const row = new FileRow(path, folderAt(folderOf(path)), shown);
    fileRows.set(path, row);
    return row;
  }

  /** What is below another folder is leapt over. */
  function* filesIn({ path: folder }: FolderRow): Generator<FileRow> {
    const prefix = folder === '' ? '' : `${folder}/`;
    for (const list of lists) {
      for (let i = firstAt(list, prefix); ;) {
        const path = list[i]?.path;
        if (path?.startsWith(prefix) !== true) break;
        const slash = path.indexOf('/', prefix.length);
        if (slash === -1) {
          yield fileAt(path);
          i++;
        } else i = firstAt(list, `${path.slice(0, slash)}${afterSlash}`);
      }
    }
  }

  const root = folderAt('');
  let looked = 0;
  for (const list of lists) {
    let last = '';
    for (const { path } of list) {
      if (++looked % piece === 0) yield;
      // Files of one folder stand together.
      const folder = folderOf(path);
      if (folder !== last) folderAt(folder);
      last = folder;
    }
  }
  return {
    inventory,
    root,
    nodes: {
      get(path) {
        const folder = folderRows.get(path);
        if (folder !== undefined) return folder;
        const isFound = sourceAt(path) ?? ignoredAt(path) ?? skipAt(path);
        return isFound === undefined ? undefined : fileAt(path);
      },
    },
    *paths() {
      for (const list of lists) for (const { path } of list) yield path;
    },
    *stand(plan, steering) {
      const wishes = wishLookup(steering);
      // Those of the plan before the last are written over: new ones at each click have to be collected.
      const added = spare ?? [];
      spare = undefined;
      for (let i = 0; i < folders.length; i++) {
        const own = added[i];
        if (own === undefined) added.push(nothing());
        else empty(own);
        if (i % piece === 0) yield;
      }
      const ofFolder = (path: string) => added[folderRows.get(path)?.index ?? 0] ?? nothing();
      yield* addUp(inventory, plan, wishes, ofFolder);
      for (let i = folders.length - 1; i >= 0; i--) {
        const above = folders[i]?.parent?.index;
        const [own, to] = [added[i], above === undefined ? undefined : added[above]];
        if (own !== undefined && to !== undefined) addTo(to, own);
        if (i % piece === 0) yield;
      }
      // At once: nobody sees half of it.
      [plannedAt, wishOf, sums, spare] = [findByPath(plan.files), wishes, added, sums];
    },
  };
}

/** The character after the one that parts folders. */
const afterSlash = '0';

function standingOf(source: SourceFile, planned: PlannedFile | undefined, wish: Wish | undefined): Standing {
  const kind = standingKind(planned, wish);
  if (kind === 'excluded' || planned === undefined) {
    const reason = planned?.unwanted === true ? reasonOf(planned) : undefined;
    return { kind: 'excluded', source, ...(reason !== undefined && { why: reason }) };
  }
  if (kind === 'unchosen') return { kind, planned, source };
  return { kind, planned, source, ...(wish !== undefined && { wish }) };
}

/** Of a checkbox; `none` where there is nothing to decide. */
export type Tick = 'on' | 'off' | 'partly' | 'none';

export function tickOf(node: FilesNode): Tick {
  if (node.kind === 'file') {
    const { kind } = node.standing;
    return kind === 'planned' ? 'on' : kind === 'excluded' || kind === 'unchosen' ? 'off' : 'none';
  }
  const { sums } = node;
  const wanted = wantedFiles(sums);
  if (wanted === 0) return sums.excluded === 0 ? 'none' : 'off';
  return sums.excluded === 0 ? 'on' : 'partly';
}

/** More children than this keep the order of their paths: sorting by a language's rules would take too long. */
const mostSorted = 3000;
const collator = new Intl.Collator('en', { numeric: true });

/** Folders first, then by name, as the explorer does it; sorted when somebody looks. */
export function childrenOf(folder: FolderNode): readonly FilesNode[] {
  return (folder.sorted ??= sortedChildren(folder.found()));
}

function sortedChildren(children: FilesNode[]): readonly FilesNode[] {
  const byKind = (a: FilesNode, b: FilesNode) => Number(a.kind === 'file') - Number(b.kind === 'file');
  return children.length > mostSorted
    ? children.sort(comparePaths).sort(byKind)
    : children.sort((a, b) => byKind(a, b) || collator.compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
}
