import { nameOf } from '../workspace/byPath.ts';
import type { Sums } from './fileSums.ts';
import type { FileNode, FilesNode, FolderNode, Standing } from './filesTree.ts';

/** What nodes ask: there may be 100,000 of them, so they know no more than their place. */
export interface Shown {
  standingAt(path: string): Standing;
  sumsOf(folder: FolderRow): Sums;
  inside(folder: FolderRow): FilesNode[];
}

class Row {
  /** Workspace-relative. */
  readonly path: string;
  protected readonly shown: Shown;

  constructor(path: string, shown: Shown) {
    this.path = path;
    this.shown = shown;
  }

  get name(): string {
    return nameOf(this.path);
  }
}

export class FileRow extends Row implements FileNode {
  readonly kind = 'file';
  readonly parent: FolderNode;

  constructor(path: string, parent: FolderNode, shown: Shown) {
    super(path, shown);
    this.parent = parent;
  }

  get standing(): Standing {
    return this.shown.standingAt(this.path);
  }
}

export class FolderRow extends Row implements FolderNode {
  readonly kind = 'folder';
  readonly parent: FolderRow | undefined;
  /** Among all folders, in the order they were found: each after the one it is in. */
  readonly index: number;
  readonly folders: FolderRow[] = [];
  sorted: readonly FilesNode[] | undefined = undefined;

  constructor(path: string, parent: FolderRow | undefined, index: number, shown: Shown) {
    super(path, shown);
    this.parent = parent;
    this.index = index;
  }

  get sums(): Sums {
    return this.shown.sumsOf(this);
  }

  found(): FilesNode[] {
    return this.shown.inside(this);
  }
}
