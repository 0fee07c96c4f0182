import { isAbsolute, relative, resolve, sep } from 'node:path';

import { findByPath } from '../workspace/byPath.ts';
import { uniqueNames } from '../workspace/listFiles.ts';
import { describeLeftOut, describeSkip, type WorkspaceFolder } from '../workspace/types.ts';
import type { AttachedFile, Prepared } from './prepareTypes.ts';
import type { AttachedText } from './texts.ts';

/** What a user, or another agent, hands over with a question. Lines are 1-based, inclusive. */
export type Attachment =
  | { readonly kind: 'file'; readonly file: string; readonly startLine?: number; readonly endLine?: number }
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'text'; readonly title: string; readonly text: string }
  /** Something the host cannot hand over, named for the user. */
  | { readonly kind: 'unknown'; readonly title: string };

/** A file of the workspace, or some of its lines, under both its names. */
export type Place = AttachedFile & { readonly path: string };

/** What of it an ask takes. */
export interface Attached {
  readonly places: readonly Place[];
  /** Workspace-relative, `/`-separated, without a `/` at the end; `.` for a whole workspace of one folder. */
  readonly folders: readonly string[];
  readonly texts: readonly AttachedText[];
  /** One sentence for each that is not taken. */
  readonly notes: readonly string[];
}

/** UTF-16 units; a longer text is refused rather than counted for seconds. */
const longestText = 2_000_000;
const mostAttachments = 100;

/**
 * Sorts attachments out by where they stand. `file` and `folder` are absolute, or relative to the only folder. Whether
 * a file can be packed shows in the inventory: see {@link attachmentNotes}.
 */
export function sortAttachments(given: readonly Attachment[], folders: readonly WorkspaceFolder[]): Attached {
  const places: Place[] = [];
  const below: string[] = [];
  const texts: AttachedText[] = [];
  const notes: string[] = [];
  for (const one of given.slice(0, mostAttachments)) {
    switch (one.kind) {
      case 'file': {
        const path = workspacePath(one.file, folders);
        if (path === undefined || path === '')
          notes.push(`${one.file} is outside the workspace, so it is not attached.`);
        else places.push(placeOf(path, absolute(one.file, folders), one));
        break;
      }
      case 'folder': {
        const path = workspacePath(one.folder, folders);
        if (path === undefined) notes.push(`${one.folder} is outside the workspace, so it is not attached.`);
        else below.push(path === '' ? '.' : path);
        break;
      }
      case 'text':
        if (one.text.includes('\0')) notes.push(`${one.title} is no text, so it is not attached.`);
        else if (one.text.length > longestText)
          notes.push(`${one.title} is too long (${one.text.length} characters), so it is not attached.`);
        else if (one.text.trim() !== '') texts.push({ title: one.title, text: one.text });
        break;
      case 'unknown':
        notes.push(`${one.title} is of a kind that Longview cannot read, so it is not attached.`);
    }
  }
  if (given.length > mostAttachments)
    notes.push(`Only the first ${mostAttachments} of ${given.length} attachments are taken.`);
  return { places, folders: below, texts, notes };
}

function placeOf(
  path: string,
  absolutePath: string,
  { startLine, endLine = startLine }: { startLine?: number; endLine?: number },
): Place {
  const lines = startLine === undefined || endLine === undefined ? {} : { startLine, endLine };
  return { path, absolutePath, ...lines };
}

/** A relative path is one of the only folder. */
function absolute(file: string, folders: readonly WorkspaceFolder[]): string {
  return resolve(folders.length === 1 ? (folders[0]?.path ?? '/') : '/', file);
}

/** Workspace-relative as the inventory names it; `undefined` outside of all folders. The innermost folder owns a file. */
export function workspacePath(file: string, folders: readonly WorkspaceFolder[]): string | undefined {
  const names = uniqueNames(folders.map(folder => folder.name));
  const only = folders.length === 1 ? folders[0] : undefined;
  if (!isAbsolute(file) && only === undefined) return undefined;
  const path = absolute(file, folders);
  let best: { readonly length: number; readonly path: string } | undefined;
  folders.forEach((folder, i) => {
    const root = resolve(folder.path);
    const inside = relative(root, path);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return;
    const plain = inside.split(sep).join('/');
    const prefixed = folders.length === 1 ? plain : `${names[i] ?? folder.name}/${plain}`.replace(/\/$/, '');
    if (best === undefined || root.length > best.length) best = { length: root.length, path: prefixed };
  });
  return best?.path;
}

/** `src/a.ts:10-20`, as anchors are written. */
export function placeLabel({
  path,
  startLine,
  endLine,
}: Pick<Place, 'path' | 'startLine' | 'endLine'>): string {
  if (startLine === undefined) return path;
  return endLine === undefined || endLine === startLine
    ? `${path}:${startLine}`
    : `${path}:${startLine}-${endLine}`;
}

/** Why what was pointed at is not in the prompt in full, one sentence each. */
export function attachmentNotes(
  places: readonly Place[],
  { inventory, addition }: Pick<Prepared, 'inventory' | 'addition'>,
): string[] {
  const fileAt = findByPath(inventory.files);
  const notes: string[] = [];
  for (const { path, startLine } of places) {
    const lines = fileAt(path)?.lines;
    if (lines !== undefined) {
      if (addition.noRoom.includes(path)) notes.push(`${path} does not fit into the prompt.`);
      else if (startLine !== undefined && startLine > Math.max(1, lines))
        notes.push(`${path} has only ${lines} lines on disk; save it to attach the selection.`);
      continue;
    }
    const skip = inventory.skips.find(s => s.path === path);
    const left = inventory.leftOut.find(f => f.path === path);
    if (skip !== undefined) notes.push(`${path} is not in the prompt: ${describeSkip(skip.reason)}.`);
    else if (left !== undefined)
      notes.push(`${path} is not in the prompt: ${describeLeftOut(left.leftOutBy)}.`);
    else notes.push(`${path} is not in the prompt: it does not exist, or git ignores it.`);
  }
  return notes;
}
