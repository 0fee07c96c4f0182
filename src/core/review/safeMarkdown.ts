import { fenceOf, prefixOf, type SafeFence } from './safeMarkdownLines.ts';

/**
 * Makes a model's Markdown harmless while it streams: no HTML, no image, no link but to http(s), mail or a path of the
 * workspace, no link definition of its own (it would take over ours), no formula. Fenced code, and plain code
 * spans, stay as they are.
 *
 * It never guesses in the model's favour: where renderers may differ on what is code (fences inside lists and quotes,
 * back-ticks that pair over lines), the text is taken for prose and for code at once, and a word joiner, which neither
 * shows, breaks what must not work. What comes out does not depend on how the text was cut into pieces.
 */
export interface SafeMarkdown {
  /** Feeds what arrived; returns what can be shown. */
  push(text: string): string;
  /** Something of ours, such as an anchor's link, comes next in the same line: returns all that was held back. */
  interrupt(): string;
  /** Returns the rest. */
  end(): string;
}

/** The whole text at once. */
export function safeMarkdown(text: string): string {
  const safe = createSafeMarkdown();
  return safe.push(text) + safe.end();
}

/** Invisible, no space, and no part of any markup. */
const joiner = '\u2060';
/** What is held back at most for a decision, UTF-16 units; then the careful reading is taken. */
const longestHold = 2000;

/** `until-blank`: a list or quote may hold a fence, which a blank line and a line at the margin end; `for-good`: nothing does. */
type Doubt = 'none' | 'until-blank' | 'for-good';

export function createSafeMarkdown(): SafeMarkdown {
  let buffer = '';
  let at = 0;
  let out = '';
  let lineStart = true;
  let fence: SafeFence | undefined;
  let doubt: Doubt = 'none';
  let afterBlank = true;
  /** In this paragraph back-ticks may pair in more than one way. */
  let unsure = false;
  /** The same in this line only. */
  let unsureLine = false;
  /** The current word is an address. marked's own takes a backslash in, so that it escapes nothing. */
  let address = false;
  let wordEnd = '';
  /** A lone carriage return at the end may be half of a line end. */
  let halfLineEnd = '';

  function push(text: string): string {
    const all = halfLineEnd + text;
    halfLineEnd = all.endsWith('\r') ? '\r' : '';
    buffer = buffer.slice(at) + all.slice(0, all.length - halfLineEnd.length).replace(/\r\n?/g, '\n');
    at = 0;
    return drain(false);
  }

  function drain(complete: boolean): string {
    out = '';
    while (at < buffer.length && (lineStart ? startLine(complete) : inLine(complete)));
    const made = out;
    out = '';
    return made;
  }

  function emit(text: string, consumed = text.length): true {
    out += text;
    at += consumed;
    const space = text.search(/\s\S*$/);
    const word = space < 0 ? wordEnd + text : text.slice(space + 1);
    address = (space < 0 && address) || /:\/\/|www\./i.test(word);
    wordEnd = word.slice(-4);
    return true;
  }

  /** Decides what kind of line begins; false when that needs more text. */
  function startLine(complete: boolean): boolean {
    if (fence !== undefined) return startFencedLine(fence, complete);
    const end = buffer.indexOf('\n', at);
    const line = buffer.slice(at, end < 0 ? Math.min(buffer.length, at + longestHold) : end);
    const whole = end >= 0 || complete;
    if (line.trim() === '') {
      if (!whole && line.length < longestHold) return false;
      if (end >= 0) {
        afterBlank = true;
        unsure = false;
        return emit(buffer.slice(at, end + 1));
      }
    }
    const prefix = prefixOf(line);
    if (!prefix.decided && !whole && line.length < longestHold) return false;
    if (doubt === 'until-blank' && afterBlank && /^\S/.test(line)) doubt = 'none';
    if (prefix.fence) {
      if (!whole && line.length < longestHold) return false;
      const opened = whole && doubt === 'none' ? fenceOf(line) : undefined;
      if (opened !== undefined) {
        fence = opened;
        unsure = false;
        return emit(buffer.slice(at, end < 0 ? buffer.length : end + 1));
      }
      if (prefix.marked || prefix.indent >= 4) doubt = doubt === 'none' ? 'until-blank' : doubt;
      else if (!/`{3}.*`/.test(line)) doubt = 'for-good';
    }
    // A link definition is read before code spans are, and indented code has none.
    if (prefix.bracket || prefix.indent >= 4) unsure = true;
    afterBlank = false;
    lineStart = false;
    return true;
  }

  function startFencedLine(open: SafeFence, complete: boolean): boolean {
    const end = buffer.indexOf('\n', at);
    const line = buffer.slice(at, end < 0 ? Math.min(buffer.length, at + longestHold) : end);
    const whole = end >= 0 || complete;
    if (!whole && line.length < longestHold && /^[ \t]*[`~]*[ \t]*$/.test(line)) return false;
    const kind = open.lineIs(line);
    if (kind === 'content') {
      lineStart = false;
      return true;
    }
    fence = undefined;
    afterBlank = false;
    if (kind === 'doubtful') {
      doubt = 'for-good';
      lineStart = false;
      return true;
    }
    return emit(buffer.slice(at, end < 0 ? buffer.length : end + 1));
  }

  function inLine(complete: boolean): boolean {
    if (fence !== undefined) {
      const end = buffer.indexOf('\n', at);
      lineStart = end >= 0;
      return emit(buffer.slice(at, end < 0 ? buffer.length : end + 1));
    }
    const special = /[\n`~\\!<\]$]/g;
    special.lastIndex = at;
    const found = special.exec(buffer)?.index ?? buffer.length;
    if (found > at) return emit(buffer.slice(at, found));
    const c = buffer.charAt(at);
    if (c === '\n') {
      lineStart = true;
      unsureLine = false;
      return emit(c);
    }
    if (c === '~') {
      // Struck-out text wins over code in marked, and code over it in CommonMark.
      unsure = true;
      return emit(c);
    }
    // Renderers differ on whether an address takes a back-tick in.
    if (c === '`' && address) unsure = true;
    const careful = unsure || unsureLine || doubt !== 'none';
    if (c === '`') return careful ? emit(c) : codeSpan(complete);
    if (c === '$') return emit(careful ? c : '\\$', 1);
    const next = buffer[at + 1];
    if (next === undefined && !complete) return false;
    const broken = (before: string, after: string) =>
      emit(careful ? before + joiner + after : `${before}\\${after}`, before.length + after.length);
    switch (c) {
      case '\\':
        if (next === '`') unsure = true;
        return careful || address || next === undefined || !/[!-/:-@[-`{-~]/.test(next)
          ? emit(c)
          : emit(c + next);
      case '!':
        return next === '[' ? broken('!', '[') : emit(c);
      case '<':
        if (next === undefined || !/[A-Za-z/!?]/.test(next)) return emit(c);
        return careful || address ? emit(`<${joiner}`, 1) : emit('\\<', 1);
      default:
        if (next === ':') return broken(']', ':');
        return next === '(' ? linkTarget(complete, broken) : emit(c);
    }
  }

  function codeSpan(complete: boolean): boolean {
    let to = at;
    while (buffer[to] === '`') to++;
    const ticks = to - at;
    const end = buffer.indexOf('\n', at);
    const until = Math.min(end < 0 ? buffer.length : end, at + longestHold);
    for (let close = to; close < until;) {
      close = buffer.indexOf('`', close);
      if (close < 0 || close >= until) break;
      let after = close;
      while (buffer[after] === '`') after++;
      // More back-ticks may follow.
      if (after === buffer.length && !complete) return false;
      if (after - close === ticks) return closedSpan(buffer.slice(at, after), ticks);
      close = after;
    }
    if (end < 0 && !complete && until === buffer.length) return false;
    unsure = true;
    return emit('`'.repeat(ticks));
  }

  /** In a table, a bar ends the cell and with it the span; marked looks for emphasis inside longer back-ticks. */
  function closedSpan(span: string, ticks: number): true {
    if (!span.includes('|') && ticks === 1) return emit(span);
    if (ticks === 1) unsureLine = true;
    else unsure = true;
    return /!\[|<[A-Za-z/!?]|\][(:]/.test(span) ? emit('`'.repeat(ticks)) : emit(span);
  }

  /** `](`: only a target that is plainly harmless keeps its link. */
  function linkTarget(complete: boolean, broken: (before: string, after: string) => true): boolean {
    const rest = buffer.slice(at + 2, at + 2 + longestHold);
    const length = rest.search(/[\s)]/);
    if (length < 0 && !complete && rest.length < longestHold) return false;
    const target = length < 0 ? rest : rest.slice(0, length);
    const harmless = /^(?:https?:\/\/|mailto:)/i.test(target) || /^(?![/\\]{2})[^:&\\<]+$/.test(target);
    return harmless ? emit('](') : broken(']', '(');
  }

  function interrupt(): string {
    let rest = drain(true);
    if (halfLineEnd !== '') {
      buffer = '\n';
      at = 0;
      halfLineEnd = '';
      rest += drain(true);
    }
    buffer = '';
    at = 0;
    lineStart = false;
    // Ours begins with "[": what would make an image or another link of it.
    return rest.replace(/[!\]\\]$/, last => (/\\$/.test(rest.slice(0, -1)) ? last : `\\${last}`));
  }

  return {
    push,
    interrupt,
    end() {
      if (halfLineEnd !== '') buffer = `${buffer.slice(at)}\n`;
      else buffer = buffer.slice(at);
      halfLineEnd = '';
      at = 0;
      return drain(true);
    },
  };
}
