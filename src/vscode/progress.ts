import * as vscode from 'vscode';

import type { PrepareProgress } from '../core/review/prepare.ts';

export function describeProgress(progress: PrepareProgress): string {
  switch (progress.kind) {
    case 'listing':
      return vscode.l10n.t('Listing files…');
    case 'reading':
      return vscode.l10n.t('Reading and counting {0} of {1} files…', progress.done, progress.total);
    case 'packing':
      return vscode.l10n.t('Packing…');
  }
}

/** Chat keeps every line of progress, so only those are shown that a user would otherwise wait without. */
const quietMs = 1500;

export function pacedProgress(
  show: (progress: PrepareProgress) => void,
): (progress: PrepareProgress) => void {
  let last = Date.now();
  return progress => {
    if (Date.now() - last < quietMs) return;
    last = Date.now();
    show(progress);
  };
}
