import * as vscode from 'vscode';
import { mkdirSync } from 'node:fs';

import { priceOf } from '../core/endpoint/cost.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { ask, type AskEvent, type AskRequest } from '../core/review/ask.ts';
import { historyFolder } from '../core/review/historyFolder.ts';
import { createHistory, type History, type Surface } from '../core/review/history.ts';
import { recordAsk } from '../core/review/historyRecord.ts';
import type { AnswerLink } from './answerText.ts';
import { uriOf } from './places.ts';
import type { Services } from './services.ts';
import { spend } from './spending.ts';

/** The asks of this workspace, and word of every change to them, also by another window. */
export interface HistoryService {
  dispose(): void;
  readonly store: History;
  readonly folder: string;
  readonly onDidChange: vscode.Event<void>;
  readonly changed: () => void;
}

/** Changes come in bursts while an answer streams. */
const tellEveryMs = 400;

export function createHistoryService(context: vscode.ExtensionContext): HistoryService {
  // Without a folder there is no workspace storage, and nothing can be asked either.
  const folder = historyFolder((context.storageUri ?? context.globalStorageUri).fsPath);
  try {
    // VS Code hears nothing of a folder that is made later.
    mkdirSync(folder, { recursive: true });
  } catch {
    // What is asked will say that it could not be kept.
  }
  const emitter = new vscode.EventEmitter<void>();
  let timer: NodeJS.Timeout | undefined;
  const changed = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      emitter.fire();
    }, tellEveryMs);
  };
  const pattern = new vscode.RelativePattern(uriOf(folder), '*.ask');
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  const listeners = [
    watcher.onDidCreate(changed),
    watcher.onDidChange(changed),
    watcher.onDidDelete(changed),
  ];
  return {
    store: createHistory(folder),
    folder,
    onDidChange: emitter.event,
    changed,
    dispose() {
      clearTimeout(timer);
      for (const item of [...listeners, watcher, emitter]) item.dispose();
    },
  };
}

/** Asks and keeps what comes of it: the one way in which Chat, documents and tools ask. */
export function askRecorded(
  request: AskRequest & { readonly surface: Surface; readonly id?: string },
  services: Services,
): AsyncGenerator<AskEvent> {
  const { history, log, store } = services;
  return recordAsk(addingUp(ask(request, services), request.endpoint, services), request, {
    history: history.store,
    onFailure: error => log.error(`The history could not be written: ${String(error)}`),
    price: endpoint => priceOf(endpoint, store),
    onWrite: () => history.changed(),
  });
}

/** What a reply cost is in the day's sum before anybody hears that it is there. */
async function* addingUp(
  events: AsyncIterable<AskEvent>,
  endpoint: Endpoint,
  services: Pick<Services, 'log' | 'store' | 'spending'>,
): AsyncGenerator<AskEvent> {
  for await (const event of events) {
    if (event.kind === 'done')
      await spend(endpoint, event.answer.usage, services).catch((error: unknown) =>
        services.log.error(`What was spent could not be kept: ${String(error)}`),
      );
    yield event;
  }
}

/**
 * The history knows the content of the cited lines, so that they are found again after any edit. `links` end with
 * those of the ask.
 */
export async function adoptPrints(
  links: readonly AnswerLink[],
  id: string,
  { history, log }: Services,
): Promise<void> {
  try {
    const read = await history.store.read(id);
    if (read.kind !== 'entry') return;
    const last = links.slice(Math.max(0, links.length - read.entry.anchors.length));
    read.entry.anchors.forEach((anchor, i) => {
      const link = last[i];
      if (link?.anchor.path === anchor.path) link.anchor = anchor;
    });
  } catch (error) {
    log.warn(`The history could not be read: ${String(error)}`);
  }
}
