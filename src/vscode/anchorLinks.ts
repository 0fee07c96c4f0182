import { join } from 'node:path';
import * as vscode from 'vscode';

import type { Anchor, AnchorState } from '../core/review/anchors.ts';
import { findByPath } from '../core/workspace/byPath.ts';
import type { Inventory, WorkspaceFolder } from '../core/workspace/types.ts';
import { uriOf } from './places.ts';

/** How an anchor is shown: where it leads, if anywhere, and what is said beside it. */
export interface ShownAnchor {
  readonly label: string;
  /** Absent where there is nothing to open: an anchor that holds nowhere must not look like one that does. */
  readonly location?: vscode.Location;
  /** One character: a codicon would need Markdown of another kind, which Chat draws as a paragraph of its own. */
  readonly mark: string;
  /** Why it is not verified; absent where it is. */
  readonly remark?: string;
}

/** Turns anchors into what Chat and the answer document show; both look the same and say the same. */
export function anchorShower(inventory: Inventory): (anchor: Anchor) => ShownAnchor {
  const fileAt = findByPath(inventory.files);
  return anchor => showAnchor(anchor, fileAt(anchor.path)?.absolutePath);
}

/** The same for anchors that were kept: paths lead into the folders that are open now, and never out of them. */
export function storedAnchorShower(folders: readonly WorkspaceFolder[]): (anchor: Anchor) => ShownAnchor {
  return anchor => {
    const [only] = folders;
    const [first = '', ...rest] = anchor.path.split('/');
    const [folder, inside] =
      folders.length === 1 ? [only, anchor.path] : [folders.find(f => f.name === first), rest.join('/')];
    const safe = inside !== '' && !/(?:^|\/)\.\.(?:\/|$)|^[\\/]|^[A-Za-z]:|\0/.test(inside);
    return showAnchor(anchor, folder === undefined || !safe ? undefined : join(folder.path, inside));
  };
}

function showAnchor(anchor: Anchor, file: string | undefined): ShownAnchor {
  const label = anchorLabel(anchor);
  const location = file === undefined ? {} : { location: locationAt(uriOf(file), anchor) };
  const remark = (anchor.note ?? anchor.state).replace(/\.$/, '');
  switch (anchor.state) {
    case 'verified':
      return { label, ...location, mark: '✓' };
    case 'relocated':
      return { label, ...location, mark: '→', remark };
    case 'unquoted':
    case 'ambiguous':
      return { label, ...location, mark: '?', remark };
    case 'stale':
      return { label, ...location, mark: '⟲', remark };
    case 'out-of-range':
    case 'missing':
      return { label, mark: '⚠', remark };
  }
}

export function anchorLabel({ path, startLine, endLine }: Anchor): string {
  return endLine === startLine ? `${path}:${startLine}` : `${path}:${startLine}-${endLine}`;
}

/** Whole lines. */
export function locationAt(
  uri: vscode.Uri,
  { startLine, endLine }: Pick<Anchor, 'startLine' | 'endLine'>,
): vscode.Location {
  const range = new vscode.Range(startLine - 1, 0, endLine - 1, Number.MAX_SAFE_INTEGER);
  return new vscode.Location(uri, range);
}

/** `5 of 6 anchors verified, 1 missing.`, or that nothing was cited. */
export function anchorSummary(anchors: readonly Anchor[]): string {
  if (anchors.length === 0) return vscode.l10n.t('The answer cites no file.');
  const count = (state: AnchorState): number => anchors.filter(a => a.state === state).length;
  const others = otherStates.filter(state => count(state) > 0).map(state => `, ${count(state)} ${state}`);
  return `${vscode.l10n.t('{0} of {1} anchors verified', count('verified'), anchors.length)}${others.join('')}.`;
}

const otherStates: readonly AnchorState[] = [
  'relocated',
  'unquoted',
  'ambiguous',
  'stale',
  'out-of-range',
  'missing',
];
