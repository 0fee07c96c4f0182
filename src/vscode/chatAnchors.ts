import * as vscode from 'vscode';

import { describeError } from '../core/errors.ts';
import type { Anchor } from '../core/review/anchors.ts';
import { storedAnchorShower, type ShownAnchor } from './anchorLinks.ts';
import type { AnchorTracker } from './anchorTracker.ts';
import type { AnswerLink } from './answerText.ts';
import { pathOf } from './places.ts';
import type { Services } from './services.ts';
import { openFolders } from './workspace.ts';

/**
 * Anchors in Chat follow edits, too. Chat draws a location once and never again, so that a click selects the lines
 * that were cited; we notice that, and go on to where those lines stand now.
 */
export interface ChatAnchors {
  /** An anchor that Chat draws now. */
  add(shown: ShownAnchor, anchor: Anchor): AnswerLink;
}

/** The oldest are forgotten: nobody scrolls up so far. */
const mostLinks = 5000;
/** Answers from before this window was opened, whose Chat may still be shown. */
const mostEarlier = 30;

export function registerChatAnchors(
  context: vscode.ExtensionContext,
  services: Services,
  tracker: AnchorTracker,
): ChatAnchors {
  const opened = new Date().toISOString();
  const links: AnswerLink[] = [];
  let earlier: Promise<void> | undefined;
  tracker.follow(() => links);

  const linkTo = (shown: ShownAnchor, anchor: Anchor): AnswerLink => {
    return { offset: 0, length: 0, shown, anchor, location: shown.location };
  };

  function add(shown: ShownAnchor, anchor: Anchor): AnswerLink {
    const link = linkTo(shown, anchor);
    links.push(link);
    links.splice(0, links.length - mostLinks);
    return link;
  }

  async function loadEarlier(): Promise<void> {
    const { store } = services.history;
    const show = storedAnchorShower(openFolders());
    const { entries } = await store.list();
    const asked = entries.filter(({ surface, at }) => surface === 'chat' && at < opened);
    const before: AnswerLink[] = [];
    for (const { id } of asked.slice(0, mostEarlier).toReversed()) {
      const read = await store.read(id);
      if (read.kind === 'entry')
        before.push(...read.entry.anchors.map(anchor => linkTo(show(anchor), anchor)));
    }
    // Before those of this session: of two that lead apart, the newer one counts.
    links.unshift(...before.slice(-Math.max(1, mostLinks - links.length)));
  }

  async function look(editor: vscode.TextEditor): Promise<void> {
    const { document, selection } = editor;
    if (!isClick(editor)) return;
    earlier ??= loadEarlier().catch((error: unknown) => services.log.warn(describeError(error)));
    await earlier;
    const selects = (place: vscode.Location | undefined): place is vscode.Location =>
      place?.uri.toString() === document.uri.toString() &&
      document.validateRange(place.range).isEqual(selection);
    const cited = links.filter(({ shown }) => selects(shown.location));
    // What another program has written is looked for now: word of it may come later than the click.
    await tracker.recheck(cited.filter(({ location }) => selects(location)));
    const places = cited.map(({ location }) => location);
    const target = places.findLast(place => place !== undefined);
    // Where one answer's lines have moved and another's stand there still, nobody can tell which was clicked.
    if (target === undefined || places.some(selects) || !editor.selection.isEqual(selection)) return;
    const { start, end } = document.validateRange(target.range);
    // Backwards: a later click that selects the very same lines is a change then, and told.
    editor.selection = new vscode.Selection(end, start);
    editor.revealRange(new vscode.Range(start, end), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    vscode.window.setStatusBarMessage(
      `$(book) ${vscode.l10n.t('Line {0} of the answer is line {1} today', selection.start.line + 1, start.line + 1)}`,
      8000,
    );
  }

  const watch = (editor: vscode.TextEditor) => {
    look(editor).catch((error: unknown) => services.log.error(String(error)));
  };
  context.subscriptions.push(
    vscode.window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
      const { Keyboard, Mouse } = vscode.TextEditorSelectionChangeKind;
      // Whoever selects the lines by hand stays where they are.
      if (kind !== Keyboard && kind !== Mouse) watch(textEditor);
    }),
    // An editor that opens may have its selection before it is told of.
    vscode.window.onDidChangeActiveTextEditor(editor => {
      if (editor !== undefined) watch(editor);
    }),
  );
  // Chat is there again after a restart before we are.
  if (vscode.window.activeTextEditor !== undefined) watch(vscode.window.activeTextEditor);
  return { add };
}

/** Whole lines, forwards, as a click on a location selects them. */
function isClick({ document, selections, selection }: vscode.TextEditor): boolean {
  const { start, end, isEmpty, isReversed } = selection;
  return (
    pathOf(document.uri) !== undefined &&
    selections.length === 1 &&
    !isEmpty &&
    !isReversed &&
    start.character === 0 &&
    end.character === document.lineAt(end.line).text.length
  );
}
