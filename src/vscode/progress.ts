import * as vscode from 'vscode';

import type { Endpoint } from '../core/endpoint/types.ts';
import type { AskEvent } from '../core/review/ask.ts';
import { describeRebase, type PrepareProgress } from '../core/review/prepare.ts';
import { tokens } from './format.ts';
import { readSettings } from './settings.ts';

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

/** How long nothing has come, and when that ends; ms. */
export function describeSilence(endpoint: Endpoint, ms: number): string {
  const seconds = Math.round(ms / 1000);
  return vscode.l10n.t(
    'Waiting for the first word of {0}: {1}:{2} min of at most {3}…',
    endpoint.config.name ?? endpoint.config.id,
    Math.floor(seconds / 60),
    String(seconds % 60).padStart(2, '0'),
    Math.round(readSettings().timeoutMs / 6000) / 10,
  );
}

/** Why the prompt goes out again, or is another than the one before, and how. */
export function describeResending(
  event: Extract<AskEvent, { kind: 'waiting' | 'refit' | 'rebased' | 'dropped' | 'without-images' }>,
): string {
  if (event.kind === 'rebased') return describeRebase(event.reason);
  if (event.kind === 'dropped') return vscode.l10n.t('The {0} oldest turns are not sent.', event.turns);
  if (event.kind === 'without-images')
    return event.images === 1
      ? vscode.l10n.t('{0} Asking again, once, without its image.', event.why.message)
      : vscode.l10n.t('{0} Asking again, once, without its {1} images.', event.why.message, event.images);
  if (event.kind === 'waiting')
    return vscode.l10n.t(
      '{0} Waiting {1} s, then sending again…',
      event.why.message,
      Math.ceil(event.ms / 1000),
    );
  return event.part === 'answer'
    ? vscode.l10n.t(
        '{0} Asking again for an answer of {1} tokens; every file stays.',
        event.why.message,
        tokens(event.to),
      )
    : vscode.l10n.t(
        '{0} Asking again, once, with a prompt of {1} tokens instead of {2}.',
        event.why.message,
        tokens(event.to),
        tokens(event.from),
      );
}
