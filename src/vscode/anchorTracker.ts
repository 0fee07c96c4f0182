import * as vscode from 'vscode';

import type { Anchor } from '../core/review/anchors.ts';
import { recheckAnchor } from '../core/review/historyAnchors.ts';
import type { HistoryAnchor } from '../core/review/history.ts';
import { shiftPlace } from '../core/review/shiftPlace.ts';
import { pacer } from '../core/pace.ts';
import { describeContent, readSource } from '../core/workspace/readSource.ts';
import { locationAt } from './anchorLinks.ts';
import type { AnswerLink } from './answerText.ts';
import { pathOf } from './places.ts';
import { readFrom } from './virtualFolders.ts';

/** Keeps the anchors of open answers at their lines while the cited files are edited. */
export interface AnchorTracker {
  dispose(): void;
  /** Follows these links, too; asked for at each change. */
  follow(links: () => Iterable<AnswerLink>): void;
  /** Links that have moved, or whose recheck says something new. */
  readonly onDidMove: vscode.Event<void>;
  /** Checks these links against today's files, and sets where they lead. Cancellable. */
  recheck(links: readonly AnswerLink[], signal?: AbortSignal): Promise<void>;
}

const longestFile = 10 * 1024 * 1024;
const quietMs = 300;

export function createAnchorTracker(): AnchorTracker {
  const sources: (() => Iterable<AnswerLink>)[] = [];
  function* all(): Generator<AnswerLink> {
    for (const links of sources) yield* links();
  }
  const moved = new vscode.EventEmitter<void>();
  const changedFiles = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function follows(event: vscode.TextDocumentChangeEvent): void {
    if (pathOf(event.document.uri) === undefined || event.contentChanges.length === 0) return;
    const uri = event.document.uri.toString();
    let any = false;
    for (const link of all()) {
      if (link.location?.uri.toString() !== uri) continue;
      const place = shifted(placeOf(link.location), event.contentChanges);
      if (
        place.startLine === placeOf(link.location).startLine &&
        place.endLine === placeOf(link.location).endLine
      )
        continue;
      link.location = locationAt(link.location.uri, place);
      any = true;
    }
    if (any) moved.fire();
  }

  /** Changed by another program: nobody tells which lines, but quotes and hashes find them. */
  function changedOnDisk(uri: vscode.Uri): void {
    if (vscode.workspace.textDocuments.some(d => d.uri.toString() === uri.toString())) return;
    changedFiles.add(uri.toString());
    clearTimeout(timer);
    timer = setTimeout(() => {
      const links = [...all()].filter(l => l.location && changedFiles.has(l.location.uri.toString()));
      changedFiles.clear();
      if (links.length > 0) void recheck(links);
    }, quietMs);
  }

  async function recheck(links: readonly AnswerLink[], signal?: AbortSignal): Promise<void> {
    const texts = new Map<string, string | undefined>();
    const pause = pacer(signal);
    for (const link of links) {
      await pause();
      const uri = link.location?.uri ?? link.shown.location?.uri;
      if (uri === undefined) {
        link.recheck = recheckAnchor(asStored(link.anchor), undefined);
        continue;
      }
      const key = uri.toString();
      if (!texts.has(key)) texts.set(key, await textOf(uri));
      link.recheck = recheckAnchor(asStored(link.anchor), texts.get(key));
      if (link.recheck.kind === 'holds' || link.recheck.kind === 'moved')
        link.location = locationAt(uri, link.recheck.place);
    }
    if (links.length > 0) moved.fire();
  }

  const watcher = vscode.workspace.createFileSystemWatcher('**/*');
  const listeners = [
    vscode.workspace.onDidChangeTextDocument(follows),
    watcher.onDidChange(changedOnDisk),
    watcher.onDidCreate(changedOnDisk),
    watcher,
    moved,
  ];
  return {
    follow: links => void sources.push(links),
    onDidMove: moved.event,
    recheck,
    dispose() {
      clearTimeout(timer);
      for (const listener of listeners) listener.dispose();
    },
  };
}

function placeOf({ range }: vscode.Location) {
  return { startLine: range.start.line + 1, endLine: range.end.line + 1 };
}

function shifted(
  place: ReturnType<typeof placeOf>,
  changes: readonly vscode.TextDocumentContentChangeEvent[],
) {
  // VS Code gives them from the end of the document to its beginning, each in the lines before all of them.
  return [...changes]
    .sort((a, b) => b.range.start.compareTo(a.range.start))
    .reduce(
      (at, { range, text }) =>
        shiftPlace(at, {
          startLine: range.start.line + 1,
          endLine: range.end.line + 1,
          lines: text.split(/\r\n|\r|\n/).length,
          atLineStart: range.start.character === 0 && (range.isEmpty || range.end.character === 0),
          inserts: range.isEmpty,
        }),
      place,
    );
}

/** What the editor shows counts, saved or not. */
export async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  const shown = vscode.workspace.textDocuments.find(d => d.uri.toString() === uri.toString());
  if (shown !== undefined) return shown.getText();
  if (uri.scheme === 'file') {
    const read = readSource({ path: uri.path, absolutePath: uri.fsPath }, { maxBytes: longestFile });
    return read.kind === 'text' ? read.text : undefined;
  }
  try {
    // Not its copy, which is made current only when somebody asks or looks at the gauge.
    const bytes = await readFrom(uri, longestFile);
    const read = bytes && describeContent(uri.path, Buffer.from(bytes));
    return read?.kind === 'text' ? read.text : undefined;
  } catch {
    // As a file that is gone.
    return undefined;
  }
}

function asStored(anchor: Anchor): HistoryAnchor {
  return { offset: 0, length: 0, ...anchor };
}
