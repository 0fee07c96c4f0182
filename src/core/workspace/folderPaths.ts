import { relative, sep } from 'node:path';

import { joinPath } from './names.ts';
import type { WorkspaceFolder } from './types.ts';

/** What an absolute path is in the workspace: below the innermost folder. Undefined outside of all. */
export function workspacePath(absolutePath: string, folders: readonly WorkspaceFolder[]): string | undefined {
  const innermost = innermostFolder(absolutePath, folders);
  if (innermost === undefined) return undefined;
  const below = relative(innermost.path, absolutePath).split(sep).join('/');
  return folders.length > 1 ? `${innermost.name}/${below}`.replace(/\/$/, '') : below;
}

export function innermostFolder(
  absolutePath: string,
  folders: readonly WorkspaceFolder[],
): WorkspaceFolder | undefined {
  const holding = folders.filter(
    ({ path }) => absolutePath === path || absolutePath.startsWith(path.endsWith(sep) ? path : path + sep),
  );
  return holding.reduce<WorkspaceFolder | undefined>(
    (best, folder) => (best === undefined || folder.path.length > best.path.length ? folder : best),
    undefined,
  );
}

/** The folder a workspace path stands in, and the path there. `folders` are an inventory's: their names are unique. */
export function inFolder(
  path: string,
  folders: readonly WorkspaceFolder[],
): { readonly folder: WorkspaceFolder; readonly below: string } | undefined {
  const [only] = folders;
  if (folders.length === 1 && only !== undefined) return { folder: only, below: path };
  const slash = path.indexOf('/');
  const name = slash === -1 ? path : path.slice(0, slash);
  const folder = folders.find(f => f.name === name);
  return folder && { folder, below: slash === -1 ? '' : path.slice(slash + 1) };
}

/** The inverse of {@link workspacePath}. */
export function absolutePathOf(path: string, folders: readonly WorkspaceFolder[]): string | undefined {
  const found = inFolder(path, folders);
  return found && joinPath(found.folder.path, found.below);
}
