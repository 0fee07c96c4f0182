import * as vscode from 'vscode';

import { placeLabel, workspacePath, type Attachment } from '../core/review/attachments.ts';
import { codeSpan } from '../core/review/codeSpan.ts';
import { pathOf } from './places.ts';
import { openFolders } from './workspace.ts';

/** A question of Chat with what was attached to it. */
export interface Referring {
  /** With `#file` and the like replaced by what they name. */
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

/** What Chat adds by itself: the file that happens to be open is in the pack anyway, and nobody pointed at it. */
const unasked = /^vscode\.implicit\.(file|viewport)/;

export async function readReferences({
  prompt,
  references,
}: Pick<vscode.ChatRequest, 'prompt' | 'references'>): Promise<Referring> {
  let text = prompt;
  const attachments: Attachment[] = [];
  // Sorted from the last in the prompt to the first, so that ranges stay true while text is replaced.
  for (const reference of references) {
    if (unasked.test(reference.id)) continue;
    const found = await readValue(reference);
    attachments.unshift(...found);
    const [first] = found;
    if (reference.range === undefined || first === undefined) continue;
    const [start, end] = reference.range;
    text = text.slice(0, start) + codeSpan(labelOf(first)) + text.slice(end);
  }
  return { text: text.trim(), attachments };
}

async function readValue({ id, value, modelDescription }: vscode.ChatPromptReference): Promise<Attachment[]> {
  if (value instanceof vscode.Uri) return [await readUri(value)];
  if (value instanceof vscode.Location) return readLocation(value);
  if (typeof value === 'string') return [{ kind: 'text', title: modelDescription ?? id, text: value }];
  return [{ kind: 'unknown', title: modelDescription ?? id }];
}

async function readUri(uri: vscode.Uri): Promise<Attachment> {
  const shown = openDocument(uri);
  const path = pathOf(uri);
  if (path === undefined) {
    return shown === undefined
      ? { kind: 'unknown', title: uri.toString() }
      : { kind: 'text', title: shown.fileName, text: shown.getText() };
  }
  try {
    const { type } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.Directory) !== 0) return { kind: 'folder', folder: path };
  } catch {
    // Gone or unreadable: the inventory says so, and why.
  }
  return { kind: 'file', file: path };
}

/** Selected lines; those of an editor that is not saved come as text too, since the pack holds what is on disk. */
function readLocation({ uri, range }: vscode.Location): Attachment[] {
  const shown = openDocument(uri);
  const selected = (title: string): Attachment[] =>
    shown === undefined ? [] : [{ kind: 'text', title, text: shown.getText(wholeLines(range)) }];
  const path = pathOf(uri);
  if (path === undefined) {
    const found = selected(shown?.fileName ?? uri.toString());
    return found.length === 0 ? [{ kind: 'unknown', title: uri.toString() }] : found;
  }
  const endsBefore = range.end.character === 0 && range.end.line > range.start.line;
  const startLine = range.start.line + 1;
  const endLine = range.end.line + (endsBefore ? 0 : 1);
  const file: Attachment = { kind: 'file', file: path, startLine, endLine };
  return shown?.isDirty === true
    ? [file, ...selected(vscode.l10n.t('{0}, not saved', labelOf(file)))]
    : [file];
}

function wholeLines({ start, end }: vscode.Range): vscode.Range {
  return new vscode.Range(start.line, 0, end.line, Number.MAX_SAFE_INTEGER);
}

function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(document => document.uri.toString() === uri.toString());
}

function labelOf(attachment: Attachment): string {
  switch (attachment.kind) {
    case 'file': {
      const { file, ...lines } = attachment;
      return placeLabel({ ...lines, path: workspacePath(file, openFolders()) ?? file });
    }
    case 'folder':
      return `${workspacePath(attachment.folder, openFolders()) ?? attachment.folder}/`;
    case 'text':
    case 'unknown':
      return attachment.title;
  }
}
