import type { Sums } from './fileSums.ts';
import type { FileNode, FilesNode, FolderNode, Standing } from './filesTree.ts';

/** What nodes ask: there may be 100,000 of them, so they know no more than their place. */
export interface Shown {
  standingAt(path: string): Standing;
  sumsOf(folder: FolderRow): Sums;
  inside(folder: FolderRow): FilesNode[];
}

export class FileRow implements FileNode {
  readonly kind = 'file';
  readonly path: string;
  readonly parent: FolderNode;
  readonly #shown: Shown;

  constructor(path: string, parent: FolderNode, shown: Shown) {
    this.path = path;
    this.parent = parent;
    this.#shown = shown;
  }

  get name(): string {
    return nameOf(this.path);
  }

  get standing(): Standing {
    return this.#shown.standingAt(this.path);
  }
}

export class FolderRow implements FolderNode {
  readonly kind = 'folder';
  readonly path: string;
  readonly parent: FolderRow | undefined;
  /** Among all folders, in the order they were found: each after the one it is in. */
  readonly index: number;
  readonly folders: FolderRow[] = [];
  sorted: readonly FilesNode[] | undefined = undefined;
  readonly #shown: Shown;

  constructor(path: string, parent: FolderRow | undefined, index: number, shown: Shown) {
    this.path = path;
    this.parent = parent;
    this.index = index;
    this.#shown = shown;
  }

  get name(): string {
    return nameOf(this.path);
  }

  get sums(): Sums {
    return this.#shown.sumsOf(this);
  }

  found(): FilesNode[] {
    return this.#shown.inside(this);
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
