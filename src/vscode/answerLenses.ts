import * as vscode from 'vscode';

import type { AnchorState } from '../core/review/anchors.ts';
import { recheckSummary } from '../core/review/historyAnchors.ts';
import type { AnswerDocuments, OpenAnswer } from './answerDocument.ts';
import { anchorLabel, anchorSummary } from './anchorLinks.ts';
import { textOf } from './anchorTracker.ts';
import { targetOf, type AnswerLink } from './answerText.ts';
import { answerScheme, commands } from './ids.ts';

const selector = { scheme: answerScheme };
/** More would not be read; the list of all is one lens away. */
const mostPerLine = 4;
const mostQuotedLines = 12;

/** Links, hovers, definitions and code lenses of the anchors in answer documents. */
export function registerAnswerLenses(context: vscode.ExtensionContext, documents: AnswerDocuments): void {
  const changed = new vscode.EventEmitter<void>();
  context.subscriptions.push(
    changed,
    documents.onDidChange(() => changed.fire()),
    vscode.languages.registerDocumentLinkProvider(selector, {
      provideDocumentLinks: async document =>
        (await shownLinks(document, documents))
          .filter(({ link }) => link.location !== undefined)
          .map(documentLink),
    }),
    // F12 and peek, for those who use the keyboard.
    vscode.languages.registerDefinitionProvider(selector, {
      provideDefinition: async (document, position) =>
        (await linkAt(document, position, documents))?.link.location,
    }),
    vscode.languages.registerHoverProvider(selector, {
      async provideHover(document, position) {
        const found = await linkAt(document, position, documents);
        return found && new vscode.Hover(await hoverText(found.link), found.range);
      },
    }),
    vscode.languages.registerCodeLensProvider(selector, {
      onDidChangeCodeLenses: changed.event,
      async provideCodeLenses(document) {
        const answer = await documents.get(document.uri);
        return answer === undefined ? [] : lenses(document, answer);
      },
    }),
    vscode.commands.registerCommand(commands.goToAnchor, () => goToAnchor(documents)),
  );
}

interface FoundLink {
  readonly link: AnswerLink;
  readonly range: vscode.Range;
}

async function shownLinks(document: vscode.TextDocument, documents: AnswerDocuments): Promise<FoundLink[]> {
  const answer = await documents.get(document.uri);
  return answer === undefined ? [] : linksIn(document, answer);
}

/** The editor may show less than has arrived. */
function linksIn(document: vscode.TextDocument, { text }: OpenAnswer): FoundLink[] {
  const shownLength = document.getText().length;
  return text.links
    .filter(link => link.offset + link.length <= shownLength)
    .map(link => ({
      link,
      range: new vscode.Range(
        document.positionAt(link.offset),
        document.positionAt(link.offset + link.length),
      ),
    }));
}

async function linkAt(
  document: vscode.TextDocument,
  position: vscode.Position,
  documents: AnswerDocuments,
): Promise<FoundLink | undefined> {
  return (await shownLinks(document, documents)).find(({ range }) => range.contains(position));
}

function documentLink({ link, range }: FoundLink): vscode.DocumentLink {
  const shown = new vscode.DocumentLink(range, link.location && targetOf(link.location));
  shown.tooltip = vscode.l10n.t('Open');
  return shown;
}

/** How an anchor stands today, as far as that is known. */
function standing({ shown, anchor, recheck }: AnswerLink): { readonly mark: string; readonly text: string } {
  const then = shown.remark ?? vscode.l10n.t('Verified: the quote stands at these lines');
  switch (recheck?.kind) {
    case undefined:
    case 'never':
      return { mark: shown.mark, text: then };
    case 'holds':
      return { mark: shown.mark, text: `${then}. ${recheck.note}` };
    case 'moved':
      return { mark: '→', text: recheck.note };
    case 'lost':
      return { mark: '⟲', text: `${describeState(anchor.state)}. ${recheck.note}` };
  }
}

function describeState(state: AnchorState): string {
  return vscode.l10n.t('Then: {0}', state);
}

/** What the answer quotes, and what stands there. Plain code blocks: nothing in them is read as Markdown. */
async function hoverText(link: AnswerLink): Promise<vscode.MarkdownString> {
  const { anchor, location } = link;
  const hover = new vscode.MarkdownString();
  const { mark, text } = standing(link);
  hover
    .appendMarkdown('**')
    .appendText(`${mark} ${anchorLabel(anchor)}`)
    .appendMarkdown('**\n\n')
    .appendText(text);
  if (anchor.quote !== undefined) {
    hover.appendMarkdown(`\n\n${vscode.l10n.t('The answer quotes:')}\n`);
    hover.appendCodeblock(anchor.quote.slice(0, 2000));
  }
  const shown = location && (await textOf(location.uri));
  const lines = shown?.split(/\r\n|\r|\n/);
  if (location !== undefined && lines !== undefined) {
    const { start, end } = location.range;
    const last = Math.min(end.line, start.line + mostQuotedLines - 1);
    hover.appendMarkdown(`\n\n${vscode.l10n.t('Line {0} today:', start.line + 1)}\n`);
    hover.appendCodeblock(
      lines
        .slice(start.line, last + 1)
        .map(line => line.slice(0, 200))
        .join('\n'),
    );
  }
  return hover;
}

function lenses(document: vscode.TextDocument, answer: OpenAnswer): vscode.CodeLens[] {
  const top = new vscode.Range(0, 0, 0, 0);
  const { links } = answer.text;
  const all: vscode.CodeLens[] = [];
  const lens = (range: vscode.Range, command: vscode.Command) =>
    all.push(new vscode.CodeLens(range, command));
  if (links.length > 0) {
    const rechecks = links.flatMap(link => link.recheck ?? []);
    const summary =
      rechecks.length === links.length ? recheckSummary(rechecks) : anchorSummary(links.map(l => l.anchor));
    lens(top, { title: `$(list-selection) ${summary.replace(/\.$/, '')}`, command: commands.goToAnchor });
  }
  if (answer.running === undefined) {
    const on = [answer.uri.toString()];
    lens(top, { title: vscode.l10n.t('Check Again'), command: commands.recheckAnswer, arguments: on });
    lens(top, { title: vscode.l10n.t('Export'), command: commands.exportAnswer, arguments: on });
  }
  const perLine = new Map<number, number>();
  for (const { link, range } of linksIn(document, answer)) {
    const count = (perLine.get(range.start.line) ?? 0) + 1;
    perLine.set(range.start.line, count);
    if (count <= mostPerLine) lens(range, anchorLens(link));
    else if (count === mostPerLine + 1)
      lens(range, { title: vscode.l10n.t('more…'), command: commands.goToAnchor });
  }
  if (answer.running === undefined) {
    const end = document.positionAt(Math.min(answer.text.length, document.getText().length));
    lens(new vscode.Range(end, end), {
      title: `$(comment-discussion) ${vscode.l10n.t('Ask a Follow-Up')}`,
      command: commands.askFollowUp,
      arguments: [answer.uri.toString()],
    });
  }
  return all;
}

function anchorLens(link: AnswerLink): vscode.Command {
  const { mark, text } = standing(link);
  const { path } = link.anchor;
  const line = (link.location?.range.start.line ?? link.anchor.startLine - 1) + 1;
  const title = `${mark} ${path.split('/').at(-1) ?? path}:${line}`;
  if (link.location === undefined) return { title, tooltip: text, command: '' };
  return { title, tooltip: text, command: 'vscode.open', arguments: [targetOf(link.location)] };
}

/** All anchors of the answer in the active editor, as a list. */
async function goToAnchor(documents: AnswerDocuments): Promise<void> {
  const answer = await documents.get(vscode.window.activeTextEditor?.document.uri);
  if (answer === undefined) {
    await vscode.window.showInformationMessage(
      vscode.l10n.t('Open an answer first: this lists the anchors of the answer in the active editor.'),
    );
    return;
  }
  const items = answer.text.links.map(link => {
    const { mark, text } = standing(link);
    return { label: `${mark} ${anchorLabel(link.anchor)}`, detail: text, link };
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Anchors of This Answer'),
    matchOnDetail: true,
  });
  const location = picked?.link.location;
  if (location !== undefined) await vscode.commands.executeCommand('vscode.open', targetOf(location));
}
