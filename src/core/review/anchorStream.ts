import type { AnchorMention } from './anchorTypes.ts';
import { blockQuote, closesFence, fenceAt, loneQuote, longestBlockQuote, mayBeLoneQuote } from './blocks.ts';
import { blockquoteAt, unquoteLines, type Fence } from './blocks.ts';
import { mayBeQuotedBelow, mentionOf, quoteAbove } from './blockQuotes.ts';
import type { Draft } from './draft.ts';
import { citedByComment, citedByFence, labelledLines, mayBeLabelledLines } from './fenceCitation.ts';
import { shownUpTo } from './hold.ts';
import { pathIndexOf } from './pathIndex.ts';
import { longestSentence, sentenceEnd } from './sentence.ts';
import { readSentence } from './sentenceReader.ts';

/**
 * `text` is the raw Markdown; an anchor's includes the back-ticks or brackets that a link replaces. It is empty where
 * a code block cites its own place: that anchor follows the block, on a line of its own.
 */
export type StreamPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'anchor'; readonly mention: AnchorMention; readonly text: string };

export interface AnchorStream {
  /** Feeds what arrived; returns what can be shown. Never half an anchor, and no anchor before its quote is known. */
  push(delta: string): StreamPart[];
  /** Returns the rest. */
  end(): StreamPart[];
}

/** Mentions whose last one may be quoted by a block below its line. */
interface Waiting {
  drafts: readonly Draft[];
  /** Where the sentence starts, in the buffer. */
  start: number;
  blank: boolean;
  readonly inBlockquote: boolean;
}

interface OpenFence extends Fence {
  content: string;
  cut: boolean;
  /** What its own first line, or a comment below that, cites, and where that line starts in the whole text. */
  own: { readonly drafts: readonly Draft[]; readonly start: number } | undefined;
}

/**
 * Splits a streamed answer into text and anchors. Every decision depends on the text alone, never on how it is cut
 * into deltas. An anchor is held until its sentence is over (2,000 UTF-16 units at most), and where its line ends
 * with it, until the code block or blockquote below is (1,500 more); work is linear in the text.
 */
export function createAnchorStream(files: readonly string[]): AnchorStream {
  const index = pathIndexOf(files);
  let buffer = '';
  /** The offset of `buffer[0]` in the whole text. */
  let base = 0;
  /** Up to here the buffer is understood; a sentence or line starts here. */
  let at = 0;
  let emitted = 0;
  /** No sentence end before this. */
  let searched = 0;
  let lineStart = true;
  let fence: OpenFence | undefined;
  let waiting: Waiting | undefined;
  /** `>` lines directly above, or a block directly above that no mention has taken. */
  let quotedLines = '';
  let quotedLinesCite = false;
  let blockAbove: string | undefined;
  let blockForLine: string | undefined;
  let parts: StreamPart[] = [];

  function push(delta: string): StreamPart[] {
    if (delta === '') return [];
    compact();
    buffer += delta;
    return advance(false);
  }

  function end(): StreamPart[] {
    const rest = advance(true);
    compact();
    return rest;
  }

  function compact(): void {
    const keep = Math.min(at, emitted, waiting?.start ?? at);
    if (keep === 0) return;
    buffer = buffer.slice(keep);
    base += keep;
    at -= keep;
    emitted -= keep;
    searched = Math.max(0, searched - keep);
    if (waiting !== undefined) waiting.start -= keep;
  }

  function advance(complete: boolean): StreamPart[] {
    parts = [];
    while (at < buffer.length && step(complete));
    if (complete) {
      if (waiting !== undefined) resolve(waiting, fence === undefined ? undefined : fenceContent(fence));
      emitText(buffer.length);
      if (fence !== undefined) emitOwn(fence);
    } else if (waiting === undefined) {
      if (fence !== undefined) emitText(buffer.length);
      else if (at < buffer.length) {
        const from = Math.max(at, emitted);
        emitText(at + shownUpTo(buffer.slice(at, at + longestSentence), from - at, index));
      }
    }
    return parts;
  }

  /** Takes one sentence or line; false when that needs more text. */
  function step(complete: boolean): boolean {
    if (fence !== undefined) return stepFence(fence, complete);
    if (lineStart) {
      const lineEnd = buffer.indexOf('\n', at);
      const lineDone = lineEnd >= 0 || complete;
      const line = buffer.slice(at, lineEnd < 0 ? buffer.length : lineEnd);
      const opened = fenceAt(line, lineDone);
      if (opened === undefined) return false;
      if (opened !== 'none') {
        endQuotedLines();
        blockAbove = undefined;
        fence = { ...opened, content: '', cut: false, own: undefined };
        cite(fence, citedByFence(line, index), at);
        at = lineEnd < 0 ? buffer.length : lineEnd + 1;
        return true;
      }
      const taken = waiting === undefined ? 'no' : stepWaiting(waiting, line, lineEnd, complete);
      if (taken === 'more') return false;
      if (taken === 'line') return true;
      startLine(line);
    }
    return stepSentence(complete);
  }

  function stepFence(open: OpenFence, complete: boolean): boolean {
    const lineEnd = buffer.indexOf('\n', Math.max(at, searched));
    if (lineEnd < 0 && !complete) {
      searched = buffer.length;
      // A line without end must not hold the anchor above for ever.
      if (waiting !== undefined && open.content.length + buffer.length - at > longestBlockQuote) {
        addToFence(open, buffer.slice(at));
        settleFence(open);
      }
      return false;
    }
    const next = lineEnd < 0 ? buffer.length : lineEnd + 1;
    const line = buffer.slice(at, next);
    at = next;
    searched = at;
    if (!closesFence(line, open)) {
      if (open.own === undefined && open.content.trim() === '')
        cite(open, citedByComment(line, index), next - line.length);
      addToFence(open, line);
      if (open.cut) settleFence(open);
      return true;
    }
    fence = undefined;
    if (waiting !== undefined) resolve(waiting, fenceContent(open));
    else {
      blockAbove = open.cut || open.own !== undefined ? undefined : open.content;
      emitText(at);
    }
    emitOwn(open);
    return true;
  }

  /** The block's own citation, unless it only repeats the mention above that the block is a quote for. */
  function cite(open: OpenFence, drafts: readonly Draft[], lineAt: number): void {
    const [first] = drafts;
    if (first === undefined) return;
    const above = waiting?.drafts.at(-1);
    const repeats =
      above?.path === first.path &&
      (first.lines === undefined ||
        (above.lines?.startLine === first.lines.startLine && above.lines.endLine === first.lines.endLine));
    if (repeats) return;
    if (waiting !== undefined) resolve(waiting);
    open.own = { drafts, start: base + lineAt };
  }

  function emitOwn(open: OpenFence): void {
    if (open.own === undefined) return;
    const { drafts, start } = open.own;
    const [only] = drafts;
    if (only !== undefined && drafts.length === 1) {
      const quote = blockQuote(open.content, open.cut, only.path);
      if (quote !== undefined) only.quote = quote;
    }
    for (const draft of drafts) parts.push({ kind: 'anchor', mention: mentionOf(draft, start), text: '' });
  }

  function addToFence(open: OpenFence, text: string): void {
    if (open.cut) return;
    open.content += text;
    if (open.content.length <= longestBlockQuote) return;
    open.content = open.content.slice(0, longestBlockQuote);
    open.cut = true;
  }

  function settleFence(open: OpenFence): void {
    if (waiting !== undefined) resolve(waiting, fenceContent(open));
  }

  function fenceContent(open: OpenFence): { content: string; cut: boolean } {
    return { content: open.content, cut: open.cut };
  }

  /** Decides, at the start of a line below mentions, whether the line quotes the last of them. */
  function stepWaiting(
    held: Waiting,
    line: string,
    lineEnd: number,
    complete: boolean,
  ): 'no' | 'line' | 'more' {
    const done = lineEnd >= 0 || complete;
    if (/^[ \t\r]*$/.test(line) && line.length < 300) {
      if (!done) return 'more';
      if (held.blank || lineEnd < 0) {
        resolve(held);
        return 'no';
      }
      held.blank = true;
      at = lineEnd + 1;
      return 'line';
    }
    const labelled = stepLabel(held, line, lineEnd, done);
    if (labelled !== 'no') return labelled;
    if (/^[ \t]*>/.test(line) && !held.inBlockquote) return stepBlockquote(held, complete);
    if (!held.blank && line.length < longestBlockQuote && mayBeLoneQuote(line)) {
      if (!done) return 'more';
      const quote = loneQuote(line);
      if (quote !== undefined && readSentence(line, index).length === 0) {
        at = lineEnd < 0 ? buffer.length : lineEnd + 1;
        resolve(held, { content: quote, cut: false });
        return 'line';
      }
    }
    resolve(held);
    return 'no';
  }

  /** `Lines: 40-44` directly below a file without lines. */
  function stepLabel(held: Waiting, line: string, lineEnd: number, done: boolean): 'no' | 'line' | 'more' {
    const last = held.drafts.at(-1);
    if (held.blank || last === undefined || last.lines !== undefined) return 'no';
    if (!done) return mayBeLabelledLines(line) ? 'more' : 'no';
    const lines = labelledLines(line);
    if (lines === undefined) return 'no';
    held.drafts = [...held.drafts.slice(0, -1), { ...last, lines }];
    at = lineEnd < 0 ? buffer.length : lineEnd + 1;
    return 'line';
  }

  function stepBlockquote(held: Waiting, complete: boolean): 'no' | 'line' | 'more' {
    const found = blockquoteAt(buffer, at, complete, line => readSentence(line, index).length > 0);
    if (found === undefined) return 'more';
    if (found.cites || found.end === at) {
      resolve(held);
      return 'no';
    }
    const content = unquoteLines(buffer.slice(at, found.end));
    at = found.end;
    resolve(held, { content, cut: false });
    return 'line';
  }

  function startLine(line: string): void {
    const blank = /^[ \t\r]*$/.test(line);
    if (!/^[ \t]*>/.test(line)) endQuotedLines();
    if (blank || blockAbove === undefined) return;
    blockForLine = blockAbove;
    blockAbove = undefined;
  }

  function endQuotedLines(): void {
    if (quotedLines !== '' && !quotedLinesCite) blockAbove = unquoteLines(quotedLines);
    quotedLines = '';
    quotedLinesCite = false;
  }

  function stepSentence(complete: boolean): boolean {
    const found = sentenceEnd(buffer, at, Math.max(at, searched), complete);
    if (found.kind === 'more') {
      searched = found.resume;
      return false;
    }
    const start = at;
    const text = buffer.slice(start, found.at);
    const drafts = readSentence(text, index);
    const wholeLine = lineStart;
    at = found.at;
    searched = at;
    lineStart = found.endsLine;
    if (/^[ \t]*>/.test(text) || (quotedLines !== '' && !wholeLine)) {
      if (quotedLines.length < longestBlockQuote) quotedLines += text;
      if (drafts.length > 0) quotedLinesCite = true;
    }
    const last = drafts.at(-1);
    if (last !== undefined && wholeLine && found.endsLine && blockForLine !== undefined)
      quoteAbove(text, drafts, blockForLine);
    if (found.endsLine) blockForLine = undefined;
    const held = { drafts, start, blank: false, inBlockquote: /^[ \t]*>/.test(text) };
    if (last !== undefined && found.endsLine && mayBeQuotedBelow(text, last)) {
      waiting = held;
      const first = drafts[0];
      emitText(start + (first?.outerFrom ?? 0));
    } else emitDrafts(held);
    return true;
  }

  function resolve(held: Waiting, block?: { content: string; cut: boolean }): void {
    waiting = undefined;
    const last = held.drafts.at(-1);
    if (block !== undefined && last !== undefined) {
      const quote = blockQuote(block.content, block.cut, last.path);
      if (quote !== undefined) last.quote = quote;
    }
    emitDrafts(held);
  }

  function emitDrafts(held: Waiting): void {
    for (const draft of held.drafts) {
      emitText(held.start + draft.outerFrom);
      const from = emitted;
      emitted = Math.max(emitted, held.start + draft.outerTo);
      const text = buffer.slice(from, emitted);
      parts.push({ kind: 'anchor', mention: mentionOf(draft, base + held.start), text });
    }
    emitText(at);
  }

  function emitText(upTo: number): void {
    if (upTo <= emitted) return;
    parts.push({ kind: 'text', text: buffer.slice(emitted, upTo) });
    emitted = upTo;
  }

  return { push, end };
}
