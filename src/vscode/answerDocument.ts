import * as vscode from 'vscode';

import { historyNote } from './answerNotes.ts';
import type { AnchorTracker } from './anchorTracker.ts';
import { storedAnchorShower } from './anchorLinks.ts';
import { createAnswerText, type AnswerText } from './answerText.ts';
import type { History, HistoryEntry } from '../core/review/history.ts';
import { belowBlock } from '../core/review/belowBlock.ts';
import { conversationOf } from '../core/review/historyConversation.ts';
import { splitAnswer } from '../core/review/historyMarkdown.ts';
import { titleOf } from '../core/review/historyFile.ts';
import type { Turn } from '../core/review/prompt.ts';
import { answerScheme } from './ids.ts';
import { openFolders } from './workspace.ts';

/** A conversation as a read-only Markdown document, growing or from the history. */
export interface OpenAnswer {
  /** Of the ask that it was opened for. */
  readonly id: string;
  readonly uri: vscode.Uri;
  readonly text: AnswerText;
  /** What a follow-up tells the endpoint again. */
  readonly turns: Turn[];
  /** Set while an answer streams into it; aborted when the user closes its tab. */
  running: AbortController | undefined;
  /** Call after each change of `text`. */
  readonly draw: () => void;
}

export interface AnswerDocuments {
  /** The document of an ask that begins now. */
  create(id: string, question: string): OpenAnswer;
  show(answer: OpenAnswer): Promise<void>;
  /** Opens an ask from the history. */
  reopen(id: string, question: string): Promise<void>;
  /** The conversation that the URI shows; undefined where it shows none of ours. */
  get(uri: vscode.Uri | undefined): Promise<OpenAnswer | undefined>;
  readonly onDidChange: vscode.Event<vscode.Uri>;
}

/** A stream of small changes is drawn at most this often, and a long text, which is sent whole each time, less. */
const drawEveryMs = (length: number): number => Math.max(100, Math.min(1000, length / 400));

/**
 * A file system, and no content provider: only tabs of file systems are there again after a restart, and VS Code wakes
 * us for them (`onFileSystem:`).
 */
export function registerAnswerDocuments(
  context: vscode.ExtensionContext,
  history: History,
  tracker: AnchorTracker,
): AnswerDocuments {
  const answers = new Map<string, OpenAnswer>();
  const loading = new Map<string, Promise<OpenAnswer>>();
  const versions = new Map<string, number>();
  const files = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const changed = new vscode.EventEmitter<vscode.Uri>();

  const fire = (uri: vscode.Uri) => {
    versions.set(idOf(uri), (versions.get(idOf(uri)) ?? Date.now()) + 1);
    files.fire([{ type: vscode.FileChangeType.Changed, uri }]);
    changed.fire(uri);
  };

  function make(id: string, uri: vscode.Uri): OpenAnswer {
    const text = createAnswerText();
    let timer: NodeJS.Timeout | undefined;
    const draw = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        fire(uri);
      }, drawEveryMs(text.length));
    };
    const answer: OpenAnswer = { id, uri, text, turns: [], running: undefined, draw };
    answers.set(id, answer);
    return answer;
  }

  async function load(uri: vscode.Uri): Promise<OpenAnswer> {
    const id = idOf(uri);
    const known = answers.get(id) ?? loading.get(id);
    if (known !== undefined) return known;
    const made = read(id, uri).finally(() => loading.delete(id));
    loading.set(id, made);
    return made;
  }

  async function read(id: string, uri: vscode.Uri): Promise<OpenAnswer> {
    const stored = await conversationOf(history, id).catch((error: unknown) => String(error));
    if (stored === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    const answer = make(id, uri);
    if (typeof stored === 'string') {
      answer.text.question(vscode.l10n.t('This answer cannot be read'));
      answer.text.note(vscode.l10n.t('{0} Its file is kept; delete it in the History view.', stored));
      return answer;
    }
    if (stored.earlier > 0)
      answer.text.note(vscode.l10n.t('{0} earlier turns of this conversation are not here.', stored.earlier));
    for (const entry of stored.entries) fill(answer, entry);
    // An editor that was open all the while may show the answer as it streamed.
    if (vscode.workspace.textDocuments.some(d => d.uri.toString() === uri.toString())) answer.draw();
    return answer;
  }

  context.subscriptions.push(
    files,
    changed,
    vscode.workspace.registerFileSystemProvider(answerScheme, provider(files.event, load, versions), {
      isReadonly: true,
      isCaseSensitive: true,
    }),
    tracker.onDidMove(() => {
      for (const { draw } of answers.values()) draw();
    }),
    // The tab, not the document: a document also "closes" when its language mode changes.
    vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
      for (const { input } of closed) {
        if (!(input instanceof vscode.TabInputText) || input.uri.scheme !== answerScheme) continue;
        if (!isOpen(input.uri)) answers.get(idOf(input.uri))?.running?.abort();
      }
    }),
    // What is closed for good is read from the history when it is wanted again.
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme !== answerScheme || isOpen(uri)) return;
      if (answers.get(idOf(uri))?.running === undefined) answers.delete(idOf(uri));
    }),
  );
  tracker.follow(function* () {
    for (const { text } of answers.values()) yield* text.links;
  });

  const show = async (uri: vscode.Uri) => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
  };
  return {
    create(id, question) {
      return make(id, uriOf(id, question));
    },
    show: answer => show(answer.uri),
    async reopen(id, question) {
      const uri = answers.get(id)?.uri ?? uriOf(id, question);
      const answer = await load(uri);
      await show(uri);
      await tracker.recheck(answer.text.links);
    },
    get: async uri => (uri?.scheme === answerScheme ? load(uri).catch(() => undefined) : undefined),
    onDidChange: changed.event,
  };
}

function fill({ text, turns }: OpenAnswer, entry: HistoryEntry): void {
  const show = storedAnchorShower(openFolders());
  text.question(entry.question);
  let answered = '';
  for (const part of splitAnswer(entry.answer, entry.anchors)) {
    answered += part.text;
    if (part.kind === 'text') text.append(part.text);
    else {
      if (part.text === '') text.append(belowBlock(answered));
      text.anchor(show(part.anchor), part.anchor);
      if (part.text === '') text.append('\n');
    }
  }
  text.note(historyNote(entry));
  if (entry.answer !== '') turns.push({ question: entry.question, answer: entry.answer });
}

function isOpen(uri: vscode.Uri): boolean {
  return vscode.window.tabGroups.all
    .flatMap(group => group.tabs)
    .some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString());
}

/** `/<id>/<question>.md`: the tab shows the question, the folder names the entry. */
function uriOf(id: string, question: string): vscode.Uri {
  const name = titleOf(question)
    .replace(/[\\/:*?"<>|\p{Cc}]+/gu, ' ')
    .replace(/[. ]+$/, '')
    .trim()
    .slice(0, 60);
  return vscode.Uri.from({ scheme: answerScheme, path: `/${id}/${name === '' ? 'Answer' : name}.md` });
}

function idOf(uri: vscode.Uri): string {
  return uri.path.split('/')[1] ?? '';
}

function provider(
  onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]>,
  load: (uri: vscode.Uri) => Promise<OpenAnswer>,
  versions: ReadonlyMap<string, number>,
): vscode.FileSystemProvider {
  const readonly = (uri: vscode.Uri) => {
    throw vscode.FileSystemError.NoPermissions(uri);
  };
  const found = async (uri: vscode.Uri): Promise<Uint8Array> => {
    if (!/^\/[\w-]{1,80}\/[^/]+\.md$/.test(uri.path)) throw vscode.FileSystemError.FileNotFound(uri);
    return new TextEncoder().encode((await load(uri)).text.markdown);
  };
  return {
    onDidChangeFile,
    watch: () => new vscode.Disposable(() => undefined),
    async stat(uri) {
      const size = (await found(uri)).length;
      return { type: vscode.FileType.File, ctime: 0, mtime: versions.get(idOf(uri)) ?? 0, size };
    },
    readFile: found,
    readDirectory: () => [],
    createDirectory: readonly,
    writeFile: readonly,
    delete: readonly,
    rename: readonly,
  };
}
