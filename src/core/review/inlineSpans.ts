/** One piece of a sentence as Markdown sees it; positions are offsets in the sentence. */
export type Span =
  | { readonly kind: 'text' | 'url'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'code' | 'bracket';
      readonly from: number;
      readonly to: number;
      /** What stands between the back-ticks or brackets. */
      readonly contentFrom: number;
      readonly contentTo: number;
    }
  | {
      readonly kind: 'link';
      readonly from: number;
      readonly to: number;
      readonly contentFrom: number;
      readonly contentTo: number;
      readonly target: string;
    };

const special = /`+|!?\[|【|\b[A-Za-z][A-Za-z0-9+.-]{1,15}:\/\/[^\s)>\]"'`*]+|\bwww\.[^\s)>\]"'`*]+/g;
const longestLabel = 400;
const longestTarget = 800;

/** Cuts a sentence at code spans, links, brackets and URLs; the spans cover it without gaps. */
export function lexInline(text: string): Span[] {
  const spans: Span[] = [];
  let done = 0;
  const pattern = new RegExp(special);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const span = spanAt(text, match.index, match[0]);
    if (span === undefined) {
      if (match[0].endsWith('[')) pattern.lastIndex = match.index + match[0].length;
      continue;
    }
    if (span.from > done) spans.push({ kind: 'text', from: done, to: span.from });
    spans.push(span);
    done = span.to;
    pattern.lastIndex = span.to;
  }
  if (done < text.length) spans.push({ kind: 'text', from: done, to: text.length });
  return spans;
}

function spanAt(text: string, at: number, opener: string): Span | undefined {
  if (opener.startsWith('`')) {
    const close = closingTicks(text, at, opener.length);
    if (close < 0) return undefined;
    const to = close + opener.length;
    return { kind: 'code', from: at, to, contentFrom: at + opener.length, contentTo: close };
  }
  if (opener === '【') {
    const close = text.indexOf('】', at);
    if (close < 0 || close - at > longestLabel) return undefined;
    return { kind: 'bracket', from: at, to: close + 1, contentFrom: at + 1, contentTo: close };
  }
  if (!opener.endsWith('[')) {
    const url = opener.replace(/[.,;:!?]+$/, '');
    return { kind: 'url', from: at, to: at + url.length };
  }
  return bracketAt(text, at, opener === '![');
}

function bracketAt(text: string, at: number, image: boolean): Span | undefined {
  const open = image ? at + 1 : at;
  if (/[\p{L}\p{N}_/\\\])-]/u.test(text.charAt(open - 1)) && !image) return undefined;
  const close = closing(text, open, '[', ']', longestLabel);
  if (close < 0) return undefined;
  const content = { contentFrom: open + 1, contentTo: close };
  if (text[close + 1] === '(') {
    const end = closing(text, close + 1, '(', ')', longestTarget);
    if (end >= 0) {
      const target = text.slice(close + 2, end);
      // An image shows a file; it does not cite it.
      if (image) return { kind: 'url', from: at, to: end + 1 };
      return { kind: 'link', from: at, to: end + 1, ...content, target };
    }
  }
  // `[id]/page.tsx` is a path, not a bracket.
  if (/^(?:[\\/]|[._-]?[\p{L}\p{N}_])/u.test(text.slice(close + 1, close + 3))) return undefined;
  return { kind: 'bracket', from: open, to: close + 1, ...content };
}

/** Where the run of exactly `length` back-ticks that closes the one at `from` begins, or -1. */
export function closingTicks(text: string, from: number, length: number, until = text.length): number {
  let at = from + length;
  for (;;) {
    at = text.indexOf('`', at);
    if (at < 0 || at >= until) return -1;
    let end = at;
    while (text[end] === '`') end++;
    if (end - at === length) return at;
    at = end;
  }
}

function closing(text: string, from: number, open: string, close: string, longest: number): number {
  let depth = 0;
  const until = Math.min(text.length, from + longest);
  for (let i = from; i < until; i++) {
    if (text[i] === open) depth++;
    else if (text[i] === close && --depth === 0) return i;
  }
  return -1;
}

const longestQuote = 600;

export type QuoteEnd = { readonly kind: 'at'; readonly at: number } | { readonly kind: 'none' | 'unknown' };

/** Does a double quote at `at` open a quotation? */
export function opensQuote(text: string, at: number): boolean {
  return text[at] === '“' || at === 0 || /[\s([{—–:>|*_=,-]/.test(text.charAt(at - 1));
}

/**
 * Where the quotation that opens at `at` closes. Quoted code often contains quotes itself, so a quote glued to a word
 * or to another quote after it opens one within: `"f("x", 1);"` is one quotation.
 * `unknown`: the text ends too early to tell, and more may come (`complete` is false).
 */
export function quoteEnd(text: string, at: number, complete: boolean): QuoteEnd {
  const curly = text[at] === '“';
  let within = false;
  let first = -1;
  for (let i = at + 1; i <= at + longestQuote; i++) {
    const c = text[i];
    if (c === undefined && !complete) return { kind: 'unknown' };
    if (c === undefined || c === '\n') break;
    if (c === '”' && curly) return { kind: 'at', at: i };
    if (c !== '"' || curly) continue;
    let end = i + 1;
    while (end < text.length && end - i < 80 && !/[\s"]/.test(text.charAt(end))) end++;
    if (end === text.length && !complete) return { kind: 'unknown' };
    const opens = text[end] === '"' || /[\p{L}\p{N}_]/u.test(text.charAt(i + 1));
    if (!opens && !within) return { kind: 'at', at: i };
    if (!opens && first < 0) first = i;
    within = !within;
  }
  return first < 0 ? { kind: 'none' } : { kind: 'at', at: first };
}
