/** Which commit a folder is at, read from git's own files: nothing is run, so that any folder may be asked. */
import { gitFolderOf, readIgnoreFile } from './gitFolder.ts';
import { isAbsolute } from 'node:path';
import { joinPath } from './names.ts';

const commit = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** The checked-out commit, hex; undefined where the folder is no git work tree, or has no commit yet. */
export function gitCommit(folder: string): string | undefined {
  const inner = gitFolderOf(folder);
  if (inner === undefined) return undefined;
  const head = readIgnoreFile(joinPath(inner, 'HEAD'))?.trim() ?? '';
  if (commit.test(head)) return head;
  const ref = /^ref: (refs\/[^\s\\]+)$/.exec(head)?.[1];
  if (ref === undefined || ref.split('/').includes('..')) return undefined;
  // A worktree keeps its branches in the folder that it shares with the others.
  const shared = readIgnoreFile(joinPath(inner, 'commondir'))?.trim() ?? '';
  if (/^[\\/]{2}/.test(shared)) return undefined;
  const common = isAbsolute(shared) ? shared : joinPath(inner, shared);
  for (const place of [inner, common]) {
    const loose = readIgnoreFile(joinPath(place, ref))?.trim();
    if (loose !== undefined && commit.test(loose)) return loose;
  }
  const line = (readIgnoreFile(joinPath(common, 'packed-refs')) ?? '')
    .split('\n')
    .find(l => l.endsWith(` ${ref}`));
  const packed = line?.split(' ')[0] ?? '';
  return commit.test(packed) ? packed : undefined;
}
