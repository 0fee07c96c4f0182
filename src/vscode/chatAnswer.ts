import type * as vscode from 'vscode';

import type { Anchor } from '../core/review/anchors.ts';
import { createSafeMarkdown } from '../core/review/safeMarkdown.ts';
import type { ShownAnchor } from './anchorLinks.ts';
import type { AnswerLink } from './answerText.ts';
import type { ChatAnchors } from './chatAnchors.ts';
import { createTextBatch } from './textBatch.ts';

/** Draws an answer in Chat while it streams. The model's own Markdown is made harmless. */
export interface ChatAnswer {
  /** What the model wrote. */
  text(text: string): void;
  anchor(shown: ShownAnchor, anchor: Anchor): void;
  /** Shows what was held back; call it however the answer ends. */
  end(): void;
  readonly links: readonly AnswerLink[];
}

export function createChatAnswer(stream: vscode.ChatResponseStream, anchors: ChatAnchors): ChatAnswer {
  const safe = createSafeMarkdown();
  const batch = createTextBatch(text => stream.markdown(text));
  const links: AnswerLink[] = [];
  let ended = false;
  return {
    links,
    text: text => batch.push(safe.push(text)),
    anchor(shown, anchor) {
      batch.push(safe.interrupt());
      batch.flush();
      if (shown.location !== undefined) stream.anchor(shown.location, shown.label);
      else stream.markdown(`~~${plain(shown.label)}~~`);
      const remark = shown.remark === undefined ? '' : ` _(${plain(shown.remark)})_`;
      stream.markdown(` ${shown.mark}${remark}`);
      links.push(anchors.add(shown, anchor));
    },
    end() {
      if (!ended) batch.push(safe.end());
      ended = true;
      batch.flush();
    },
  };
}

/** Text of a file or a model inside our own Markdown. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!~<>|$]/g, '\\$&').replace(/\s+/g, ' ');
}
