import { joinPath } from '../workspace/names.ts';
import type { Inventory } from '../workspace/types.ts';

export type ReferredPath =
  /** Workspace-relative, as an inventory names files. */
  | { readonly kind: 'path'; readonly path: string; readonly absolutePath: string }
  /** Above the folder that the Markdown file lies in, or no path at all. */
  | { readonly kind: 'outside' };

interface Root {
  /** Of the workspace-relative paths of its files: '' or its name and a slash. */
  readonly prefix: string;
  readonly path: string;
}

/**
 * What the places in Markdown files of an inventory lead to. By the words of the path alone: nothing is looked up, and
 * no path leads out of the folder it starts in. A place that starts with `/` starts at the top of that folder, as
 * GitHub has it; what follows `?` or `#` is no part of the path.
 */
export function referredPaths({
  folders,
}: Pick<Inventory, 'folders'>): (markdownPath: string, place: string) => ReferredPath {
  const roots = folders.map(({ name, path }) => ({ prefix: folders.length > 1 ? `${name}/` : '', path }));
  return (markdownPath, place) => {
    const root = roots.find(({ prefix }) => markdownPath.startsWith(prefix));
    const steps = root === undefined ? undefined : stepsOf(markdownPath.slice(root.prefix.length), place);
    if (root === undefined || steps === undefined) return { kind: 'outside' };
    const absolutePath = joinPath(root.path, steps.join('/'));
    return { kind: 'path', path: workspacePath(root, steps.join('/'), absolutePath, roots), absolutePath };
  };
}

function stepsOf(markdownPath: string, place: string): string[] | undefined {
  const decoded = decode(place.replace(/[?#][^]*$/, ''));
  if (decoded === '' || decoded.includes('\0')) return undefined;
  const steps = decoded.startsWith('/') ? [] : markdownPath.split('/').slice(0, -1);
  for (const step of decoded.split('/')) {
    if (step === '' || step === '.') continue;
    if (step !== '..') steps.push(step);
    else if (steps.pop() === undefined) return undefined;
  }
  return steps.length === 0 ? undefined : steps;
}

/** A name that only looks percent-encoded is taken as it is. */
function decode(place: string): string {
  try {
    return decodeURIComponent(place);
  } catch {
    return place;
  }
}

/** A folder that is open inside another owns its files. */
function workspacePath(own: Root, below: string, absolutePath: string, roots: readonly Root[]): string {
  const separator = absolutePath.slice(own.path.length, own.path.length + 1);
  let best = { length: own.path.length, path: own.prefix + below };
  for (const { path, prefix } of roots) {
    if (path.length <= best.length || !absolutePath.startsWith(path + separator)) continue;
    best = {
      length: path.length,
      path: prefix + absolutePath.slice(path.length + 1).replaceAll(separator, '/'),
    };
  }
  return best.path;
}
