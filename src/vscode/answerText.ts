import { posix } from 'node:path';
import * as vscode from 'vscode';

import type { Anchor } from '../core/review/anchors.ts';
import type { Recheck } from '../core/review/historyAnchors.ts';
import { plainMarkdown } from '../core/review/historyMarkdown.ts';
import { createSafeMarkdown } from '../core/review/safeMarkdown.ts';
import type { ShownAnchor } from './anchorLinks.ts';

/** An anchor in an {@link AnswerText}. */
export interface AnswerLink {
  /** UTF-16 offset and length of the label in the text. */
  readonly offset: number;
  readonly length: number;
  readonly shown: ShownAnchor;
  /** As it was verified. */
  anchor: Anchor;
  /** Where it leads today; absent where it leads nowhere. Follows edits. */
  location: vscode.Location | undefined;
  /** Set when it has been checked against today's file. */
  recheck?: Recheck;
  /** What its definition is called. */
  readonly reference?: string;
}

/**
 * The Markdown of an answer that opens as a document. Anchors are reference links, `[src/a.ts:12]`, with their
 * definitions at the end: the text stays as readable as it is in Chat, the Markdown preview has links that work, and
 * they can follow edits while the text above stays where it is. The model's own Markdown is made harmless.
 */
export interface AnswerText {
  /** All that arrived, then the link definitions. */
  readonly markdown: string;
  /** Without the definitions, UTF-16 units. */
  readonly length: number;
  readonly links: readonly AnswerLink[];
  /** Begins the answer to a question. */
  question(question: string): void;
  /** What the model wrote. */
  append(text: string): void;
  anchor(shown: ShownAnchor, anchor: Anchor): void;
  /** Our own Markdown, below the answer. */
  note(markdown: string): void;
}

export function createAnswerText(): AnswerText {
  let body = '';
  let safe = createSafeMarkdown();
  const links: AnswerLink[] = [];
  const references = new Map<string, AnswerLink>();
  const endPart = () => {
    body += safe.end();
    safe = createSafeMarkdown();
  };
  return {
    get markdown() {
      const definitions = [...references].map(
        ([name, { location }]) => `[${name}]: <${location === undefined ? '' : previewTarget(location)}>`,
      );
      return definitions.length === 0 ? body : `${body}\n\n${definitions.join('\n')}\n`;
    },
    get length() {
      return body.length;
    },
    links,
    question(question) {
      endPart();
      body += `${body === '' ? '#' : '\n##'} ${plainMarkdown(question.trim()).slice(0, 2000)}\n\n`;
    },
    append(text) {
      body += safe.push(text);
    },
    anchor(shown, anchor) {
      body += safe.interrupt();
      const label = plainMarkdown(shown.label);
      if (shown.location === undefined) {
        links.push({ offset: body.length + 2, length: label.length, shown, anchor, location: undefined });
        body += `~~${label}~~`;
      } else {
        const link = {
          offset: body.length + 1,
          length: label.length,
          shown,
          anchor,
          location: shown.location,
        };
        // Labels are told apart without regard to case. A second anchor of one label may lead elsewhere one day.
        const known = references.get(label.toLowerCase());
        const same =
          known?.anchor.quote === anchor.quote && known?.shown.location?.uri.path === shown.location.uri.path;
        const reference = known === undefined || same ? label.toLowerCase() : `anchor-${links.length + 1}`;
        const named = { ...link, reference };
        links.push(named);
        if (!references.has(reference)) references.set(reference, named);
        body += reference === label.toLowerCase() ? `[${label}]` : `[${label}][${reference}]`;
      }
      body += ` ${shown.mark}`;
      if (shown.remark !== undefined) body += ` (${plainMarkdown(shown.remark)})`;
    },
    note(markdown) {
      endPart();
      body += `\n\n---\n${markdown}\n`;
    },
  };
}

/**
 * The preview refuses `file:` links; a path from `/` is read from the first folder of the workspace there, wherever
 * the document itself is (vscode-markdown-languageservice, `getWorkspaceFolder`).
 */
function previewTarget(location: vscode.Location): string {
  const { path, fragment } = targetOf(location);
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.path ?? '/';
  const encoded = posix.relative(root, path).split('/').map(encodeURIComponent).join('/');
  return `/${encoded}#${fragment}`;
}

/** VS Code's opener reads `#L12,1-L15,1` as a selection: lines 12 to 14, whole. */
export function targetOf({ uri, range }: vscode.Location): vscode.Uri {
  return uri.with({ fragment: `L${range.start.line + 1},1-L${range.end.line + 2},1` });
}
