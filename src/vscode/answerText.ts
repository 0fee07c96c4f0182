import { posix } from 'node:path';
import * as vscode from 'vscode';

import type { ShownAnchor } from './anchorLinks.ts';

/** Where an anchor stands in an {@link AnswerText}. */
export interface AnswerLink {
  /** UTF-16 offset and length of the label in the text. */
  readonly offset: number;
  readonly length: number;
  readonly shown: ShownAnchor;
}

/**
 * The Markdown of an answer that opens as a document. Anchors are reference links, `[src/a.ts:12]`, with their
 * definitions at the end: the text stays as readable as it is in Chat, and the Markdown preview has links that work.
 */
export interface AnswerText {
  /** All that arrived, then the link definitions. */
  readonly markdown: string;
  readonly links: readonly AnswerLink[];
  append(text: string): void;
  anchor(shown: ShownAnchor): void;
}

export function createAnswerText(question: string): AnswerText {
  let body = `# ${question.replace(/\s+/g, ' ')}\n\n`;
  const links: AnswerLink[] = [];
  const definitions = new Map<string, string>();
  return {
    get markdown() {
      return definitions.size === 0 ? body : `${body}\n${[...definitions.values()].join('\n')}\n`;
    },
    links,
    append(text) {
      body += text;
    },
    anchor(shown) {
      const label = escapeLabel(shown.label);
      if (shown.location === undefined) {
        body += `~~${label}~~`;
      } else {
        const target = previewTarget(shown.location);
        links.push({ offset: body.length + 1, length: label.length, shown });
        // A second anchor of one label, say from another question's pack, must not lead where the first does.
        const known = definitions.get(label);
        const definition = `[${label}]: <${target}>`;
        if (known === undefined) definitions.set(label, definition);
        body += known === undefined || known === definition ? `[${label}]` : `[${label}](<${target}>)`;
      }
      body += ` ${shown.mark}`;
      if (shown.remark !== undefined) body += ` (${shown.remark})`;
    },
  };
}

/** Names may hold what Markdown reads as markup, such as `[id].tsx`. */
function escapeLabel(label: string): string {
  return label.replace(/[\\`*_[\]<>~|]/g, '\\$&').replace(/[\r\n]+/g, ' ');
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
