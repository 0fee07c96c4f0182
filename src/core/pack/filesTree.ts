import type { Pausing } from '../pace.ts';
import type { Inventory, LeftOutFile, Skip, SourceFile } from '../workspace/types.ts';
import { wishLookup, type Steering, type Wish } from './steering.ts';
import type { Form, Plan, PlannedFile } from './types.ts';

/** How a file stands in the next prompt. */
export type Standing =
  /** `wish` is what counts for it, said of it or of a folder above. */
  | {
      readonly kind: 'planned';
      readonly planned: PlannedFile;
      readonly source: SourceFile;
      readonly wish?: Wish;
    }
  /** Taken out by a wish. */
  /** `why`: where it was not the user who said so. */
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
  standing: Standing;
  /** Number of the last plan that named it. */
  planned: number;
}

export interface FolderNode {
  readonly kind: 'folder';
  readonly name: string;
  /** '' for the workspace. */
  readonly path: string;
  readonly parent?: FolderNode;
  /** As found: see {@link childrenOf}. */
  readonly children: FilesNode[];
  isSorted: boolean;
  sums: Sums;
}

export type FilesNode = FileNode | FolderNode;

/** Of all files below a folder. */
export interface Sums {
  /** As planned. */
  tokens: number;
  readonly forms: Record<Form, number>;
  excluded: number;
  ignored: number;
  skipped: number;
}

/** Every file that was found, in its folder. It is changed in place: a click must not make 20,000 nodes anew. */
export interface FilesTree {
  readonly inventory: FilesInput['inventory'];
  readonly root: FolderNode;
  readonly nodes: ReadonlyMap<string, FilesNode>;
}

export interface FilesInput {
  readonly inventory: Pick<Inventory, 'files' | 'leftOut' | 'skips'>;
  readonly plan: Plan;
  readonly steering: Steering;
}

const piece = 1000;
/** Plans that trees have been made for. */
let plans = 0;

/** The tree for a plan; `before` serves again where the files are the same. */
export function* filesTree(input: FilesInput, before?: FilesTree): Pausing<FilesTree> {
  const { files, leftOut, skips } = input.inventory;
  const same =
    before?.inventory.files === files &&
    before.inventory.leftOut === leftOut &&
    before.inventory.skips === skips;
  const tree = same ? before : yield* grown(input.inventory);
  yield* stand(tree, input);
  return tree;
}

function* grown(inventory: FilesInput['inventory']): Pausing<FilesTree> {
  const root: FolderNode = {
    kind: 'folder',
    name: '',
    path: '',
    children: [],
    isSorted: false,
    sums: nothing(),
  };
  const nodes = new Map<string, FilesNode>([['', root]]);
  const folderAt = (path: string): FolderNode => {
    const known = nodes.get(path);
    if (known?.kind === 'folder') return known;
    const slash = path.lastIndexOf('/');
    const parent = folderAt(path.slice(0, Math.max(0, slash)));
    const folder: FolderNode = {
      ...{ kind: 'folder', name: path.slice(slash + 1), path, parent },
      ...{ children: [], isSorted: false, sums: nothing() },
    };
    parent.children.push(folder);
    nodes.set(path, folder);
    return folder;
  };
  const add = (path: string, standing: Standing) => {
    const slash = path.lastIndexOf('/');
    const parent = folderAt(path.slice(0, Math.max(0, slash)));
    const node: FileNode = { kind: 'file', name: path.slice(slash + 1), path, parent, standing, planned: 0 };
    parent.children.push(node);
    // A file that git tracks may be a folder today: its skip has that folder's path.
    nodes.set(nodes.has(path) ? `${path}\0` : path, node);
  };
  for (const source of inventory.files) {
    add(source.path, { kind: 'excluded', source });
    if (nodes.size % piece === 0) yield;
  }
  for (const file of inventory.leftOut) {
    add(file.path, { kind: 'ignored', file });
    if (nodes.size % piece === 0) yield;
  }
  for (const skip of inventory.skips) {
    add(skip.path, { kind: 'skipped', skip });
    if (nodes.size % piece === 0) yield;
  }
  return { inventory, root, nodes };
}

/** Gives every file its standing, and every folder its sums. */
function* stand({ nodes }: FilesTree, { plan, steering }: FilesInput): Pausing<void> {
  const wishOf = wishLookup(steering);
  const turn = ++plans;
  let looked = 0;
  for (const planned of plan.files) {
    if (++looked % piece === 0) yield;
    const found = nodes.get(planned.path);
    const node = found?.kind === 'folder' ? nodes.get(`${planned.path}\0`) : found;
    if (node?.kind !== 'file') continue;
    node.standing = standingOf(node, planned, wishOf(node.path));
    node.planned = turn;
  }
  const folders: FolderNode[] = [];
  for (const node of nodes.values()) {
    if (++looked % piece === 0) yield;
    // A folder stands before what is in it.
    if (node.kind === 'folder') {
      node.sums = nothing();
      folders.push(node);
      continue;
    }
    if (node.planned !== turn) node.standing = standingOf(node, undefined, wishOf(node.path));
    count(node.standing, node.parent.sums);
  }
  // A folder stands after the one it is in.
  for (const { parent, sums } of folders.reverse()) {
    if (++looked % piece === 0) yield;
    if (parent !== undefined) addTo(parent.sums, sums);
  }
}

function standingOf(
  { standing }: FileNode,
  planned: PlannedFile | undefined,
  wish: Wish | undefined,
): Standing {
  if (standing.kind === 'ignored' || standing.kind === 'skipped') return standing;
  const { source } = standing;
  // A wish said a moment ago counts, whatever the plan of before it had.
  if (wish === 'exclude' || planned === undefined) {
    const { unwanted = false, reason } = planned ?? {};
    if (standing.kind === 'excluded' && standing.why === (unwanted ? reason : undefined)) return standing;
    return { kind: 'excluded', source, ...(unwanted && reason !== undefined && { why: reason }) };
  }
  if (wish === undefined && planned.choice?.in === false) return { kind: 'unchosen', planned, source };
  // A plan gives the same object where nothing changed.
  if (standing.kind === 'planned' && standing.planned === planned && standing.wish === wish) return standing;
  return { kind: 'planned', planned, source, ...(wish !== undefined && { wish }) };
}

function nothing(): Sums {
  const forms = { full: 0, outline: 0, shortened: 0, listed: 0, 'left-out': 0 };
  return { tokens: 0, forms, excluded: 0, ignored: 0, skipped: 0 };
}

function count(standing: Standing, sums: Sums): void {
  switch (standing.kind) {
    case 'planned':
      sums.forms[standing.planned.form]++;
      sums.tokens += standing.planned.tokens;
      return;
    case 'unchosen':
      sums.tokens += standing.planned.tokens;
      sums.excluded++;
      return;
    case 'excluded':
      sums.excluded++;
      return;
    case 'ignored':
      sums.ignored++;
      return;
    case 'skipped':
      sums.skipped++;
  }
}

function addTo(sums: Sums, more: Sums): void {
  sums.tokens += more.tokens;
  sums.excluded += more.excluded;
  sums.ignored += more.ignored;
  sums.skipped += more.skipped;
  sums.forms.full += more.forms.full;
  sums.forms.outline += more.forms.outline;
  sums.forms.shortened += more.forms.shortened;
  sums.forms.listed += more.forms.listed;
  sums.forms['left-out'] += more.forms['left-out'];
}

/** Files that the user wants, whatever form there is room for. */
export function wantedFiles({ forms }: Sums): number {
  return forms.full + forms.outline + forms.shortened + forms.listed + forms['left-out'];
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
  if (folder.isSorted) return folder.children;
  const { children } = folder;
  const byKind = (a: FilesNode, b: FilesNode) => Number(a.kind === 'file') - Number(b.kind === 'file');
  if (children.length > mostSorted) children.sort(byKind);
  else
    children.sort((a, b) => byKind(a, b) || collator.compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
  folder.isSorted = true;
  return children;
}
