import type { Draft } from './draft.ts';
import { lexInline, opensQuote, quoteEnd, type Span } from './inlineSpans.ts';

interface Quoted {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly identifier: boolean;
}

interface Pair {
  readonly draft: Draft;
  readonly quoted: Quoted;
  readonly cost: number;
}

const identifierCost = 6;

/**
 * Gives every mention of a sentence the quote that is meant to stand there: the one right after it, else right
 * before it, else the nearest in the sentence. A quote belongs to one mention, and no other mention stands between
 * the two. A bare identifier counts only where it follows the mention directly.
 */
export function assignQuotes(text: string, drafts: readonly Draft[], spans: readonly Span[]): void {
  if (drafts.length === 0) return;
  const quotes = quotedIn(text, drafts, openBrackets(text, drafts, spans));
  const pairs: Pair[] = [];
  let q = 0;
  drafts.forEach((draft, i) => {
    if (draft.quote !== undefined) return;
    const previousEnd = drafts[i - 1]?.outerTo ?? 0;
    const nextStart = drafts[i + 1]?.outerFrom ?? text.length;
    while (q < quotes.length && (quotes[q]?.to ?? 0) <= previousEnd) q++;
    for (let k = q; k < quotes.length; k++) {
      const quoted = quotes[k];
      if (quoted === undefined || quoted.from >= nextStart) break;
      const cost =
        quoted.from >= draft.outerTo ? costAfter(text, draft, quoted) : costBefore(text, draft, quoted);
      if (cost !== undefined) pairs.push({ draft, quoted, cost });
    }
  });
  pairs.sort((a, b) => a.cost - b.cost);
  const used = new Set<Quoted>();
  for (const { draft, quoted } of pairs) {
    if (draft.quote !== undefined || used.has(quoted)) continue;
    used.add(quoted);
    draft.quote = quoted.text;
    if (quoted.identifier) draft.weakQuote = true;
  }
  nameIdentifiers(drafts, quotes, used);
}

function costAfter(text: string, draft: Draft, quoted: Quoted): number | undefined {
  const gap = text.slice(draft.outerTo, quoted.from);
  const direct = /^[\s:|>=*_[\]{}"“—–-]*(?:\(\s*)?$/.test(gap);
  if (quoted.identifier) return /^[\s:|—–(-]*$/.test(gap) ? identifierCost : undefined;
  if (direct) return 0;
  if (
    /^[\s,:(—–-]*(?:(?:which|that|it|where|there)\s+)?(?:has|says|reads|contains|is|does|with|shows|states|declares|defines|calls|as|quote[ds]?|text)[\s:,(]*$/i.test(
      gap,
    )
  )
    return 0.5;
  if (/^[\s)\],.;:*_]*$/.test(gap)) return 3;
  return 4 + gap.length / 1000;
}

function costBefore(text: string, draft: Draft, quoted: Quoted): number | undefined {
  if (quoted.identifier) return undefined;
  const gap = text.slice(quoted.to, draft.outerFrom);
  if (/^[\s*_,.]*[([—–-]\s*(?:(?:see|in|at|from)\s+)?[*_]*$/.test(gap)) return 1;
  if (/^[\s*_,]*(?:(?:in|at|from|on|see|of)\s+)?(?:the\s+file\s+)?[*_]*$/i.test(gap)) return 2;
  return 5 + gap.length / 1000;
}

const identifier = /^[A-Za-z_$@#.][\w$]*(?:(?:\.|::|#|->|-)[A-Za-z_$][\w$]*)*(?:\(\))?$/;

/** Code spans and quotations that are no citations themselves, in order. */
function quotedIn(text: string, drafts: readonly Draft[], spans: readonly Span[]): Quoted[] {
  const found: Quoted[] = [];
  const inMention = (from: number, to: number): boolean =>
    drafts.some(d => from < d.outerTo && d.outerFrom < to);
  const code = spans.filter(span => span.kind !== 'text');
  for (let after: number, at = nextQuote(text, 0); at >= 0; at = nextQuote(text, after)) {
    after = at + 1;
    if (code.some(span => at > span.from && at < span.to) || !opensQuote(text, at)) continue;
    const end = quoteEnd(text, at, true);
    if (end.kind !== 'at') continue;
    after = end.at + 1;
    if (inMention(at, after)) continue;
    const content = text
      .slice(at + 1, end.at)
      .trim()
      .replace(/^`([^`]*)`$/, '$1');
    if (content !== '') found.push({ from: at, to: after, text: content, identifier: false });
  }
  const quotations = [...found];
  for (const span of spans) {
    if (span.kind !== 'code' || inMention(span.from, span.to)) continue;
    if (quotations.some(q => span.from > q.from && span.to < q.to)) continue;
    const content = text.slice(span.contentFrom, span.contentTo).trim();
    if (content !== '')
      found.push({ from: span.from, to: span.to, text: content, identifier: identifier.test(content) });
  }
  return found.sort((a, b) => a.from - b.from);
}

/** Brackets that hold a citation may hold its quote too: `[a.ts:10 "x = 1"]`. */
function openBrackets(text: string, drafts: readonly Draft[], spans: readonly Span[]): Span[] {
  return spans.flatMap(span => {
    if (span.kind !== 'bracket') return [span];
    if (!drafts.some(d => d.outerFrom > span.from && d.outerTo < span.to)) return [span];
    const within = lexInline(text.slice(span.contentFrom, span.contentTo));
    return within.map(inner => shifted(inner, span.contentFrom));
  });
}

function shifted(span: Span, by: number): Span {
  const { from, to } = span;
  if (!('contentFrom' in span)) return { ...span, from: from + by, to: to + by };
  const content = { contentFrom: span.contentFrom + by, contentTo: span.contentTo + by };
  return { ...span, from: from + by, to: to + by, ...content };
}

function nextQuote(text: string, from: number): number {
  const straight = text.indexOf('"', from);
  const curly = text.indexOf('“', from);
  return straight < 0 || (curly >= 0 && curly < straight) ? curly : straight;
}

/** Mentions without a quote keep the identifiers of their sentence. */
function nameIdentifiers(
  drafts: readonly Draft[],
  quotes: readonly Quoted[],
  used: ReadonlySet<Quoted>,
): void {
  const names = quotes.filter(q => q.identifier && !used.has(q)).map(q => q.text.replace(/\(\)$/, ''));
  if (names.length === 0) return;
  const named = [...new Set(names)].slice(0, 8);
  for (const draft of drafts) if (draft.quote === undefined) draft.named = named;
}

/** Drops what quotes of code seem to cite: a path inside a longer quotation, without lines, is part of the quote. */
export function outsideQuotations(text: string, drafts: Draft[]): Draft[] {
  if (drafts.length === 0 || nextQuote(text, 0) < 0) return drafts;
  const inside = new Set<Draft>();
  for (let after: number, at = nextQuote(text, 0); at >= 0; at = nextQuote(text, after)) {
    after = at + 1;
    if (drafts.some(d => at >= d.outerFrom && at < d.outerTo) || !opensQuote(text, at)) continue;
    const end = quoteEnd(text, at, true);
    if (end.kind !== 'at') continue;
    after = end.at + 1;
    for (const draft of drafts) {
      if (draft.outerFrom <= at || draft.outerTo > end.at || draft.lines !== undefined) continue;
      if (text.slice(at + 1, end.at).trim() !== text.slice(draft.outerFrom, draft.outerTo)) inside.add(draft);
    }
  }
  return inside.size === 0 ? drafts : drafts.filter(draft => !inside.has(draft));
}
