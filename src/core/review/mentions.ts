import { readBare } from './bareMentions.ts';
import { plainTarget, readLink, readWhole } from './delimitedMentions.ts';
import { delimited, type Draft } from './draft.ts';
import { lexInline, type Span } from './inlineSpans.ts';
import { readLoneRange } from './lineRanges.ts';
import type { PathIndex } from './pathIndex.ts';

export interface SentenceReading {
  readonly drafts: Draft[];
  readonly spans: readonly Span[];
}

/** The mentions of one sentence, in order; quotes are not yet looked for. */
export function readMentions(text: string, index: PathIndex): SentenceReading {
  const spans = lexInline(text);
  const drafts: Draft[] = [];
  let done = 0;
  for (const span of spans) {
    if (span.to <= done) continue;
    const from = Math.max(span.from, done);
    const told = drafts.at(-1);
    const lines = told === undefined ? undefined : linesInOwnTicks(text, span, told);
    if (told !== undefined && lines !== undefined) {
      drafts[drafts.length - 1] = { ...told, lines, outerTo: span.to };
      done = span.to;
      continue;
    }
    const found =
      span.kind === 'text'
        ? readBare(text, from, span.to, text, index, false)
        : span.from < done
          ? []
          : readSpan(text, span, index, drafts.at(-1));
    drafts.push(...found);
    done = Math.max(span.to, found.at(-1)?.outerTo ?? 0);
  }
  return { drafts, spans };
}

function readSpan(text: string, span: Span, index: PathIndex, previous?: Draft): Draft[] {
  switch (span.kind) {
    case 'text':
      return [];
    case 'url': {
      const url = text.slice(span.from, span.to);
      if (!/^(?:file|vscode):\/\//i.test(url)) return [];
      const reading = readWhole(plainTarget(url), index);
      return reading === undefined ? [] : delimited(text, reading, span.from, span.to, span.from, span.to);
    }
    case 'link':
      return readLink(text, span, index);
    case 'code':
    case 'bracket': {
      const content = text.slice(span.contentFrom, span.contentTo);
      const further = previous === undefined ? undefined : furtherRange(text, span, content, previous);
      if (further !== undefined) return [further];
      const whole = readWhole(content, index);
      if (whole !== undefined) {
        const lead = content.length - content.trimStart().length;
        const from = span.contentFrom + lead;
        return delimited(text, whole, from, from + content.trim().length, span.from, span.to);
      }
      const inner = readBare(text, span.contentFrom, span.contentTo, content, index, true, span.contentFrom);
      if (span.kind === 'bracket')
        return isList(text, span, inner) ? wrapped(inner, span) : readBracketText(text, span, index);
      if (isList(text, span, inner)) return wrapped(inner, span);
      // `src/a.ts:12 const x = 1`: a citation and its quote in one code span.
      const first = inner[0];
      const leads = first !== undefined && inner.length === 1 && first.lines !== undefined;
      if (!leads || text.slice(span.contentFrom, first.outerFrom).trim() !== '') return [];
      const rest = text.slice(first.outerTo, span.contentTo).replace(/^[\s:|—–-]+/, '');
      return [{ ...first, outerFrom: span.from, outerTo: span.to, quote: rest.trim() }];
    }
  }
}

/** `L10-L12` of "`a.ts` `L10-L12`". */
function linesInOwnTicks(text: string, span: Span, previous: Draft): Draft['lines'] {
  if (span.kind !== 'code' || previous.lines !== undefined) return undefined;
  if (!/^,?[ \t]*$/.test(text.slice(previous.outerTo, span.from))) return undefined;
  return readLoneRange(text.slice(span.contentFrom, span.contentTo));
}

/** `:20` of "`a.ts:10`, `:20` and `:30`". */
function furtherRange(text: string, span: Span, content: string, previous: Draft): Draft | undefined {
  if (
    previous.lines === undefined ||
    !/^\s*[,;&]?\s*(?:and\s+|or\s+)?$/.test(text.slice(previous.outerTo, span.from))
  )
    return undefined;
  const lines = readLoneRange(content);
  if (lines === undefined) return undefined;
  const { path, candidates } = previous;
  const { from, to } = span;
  return {
    path,
    ...(candidates === undefined ? {} : { candidates }),
    lines,
    from,
    to,
    outerFrom: from,
    outerTo: to,
  };
}

/** Text in brackets that is no citation as a whole is text like any other. */
function readBracketText(
  text: string,
  span: Span & { contentFrom: number; contentTo: number },
  index: PathIndex,
): Draft[] {
  const content = text.slice(0, span.contentTo);
  const drafts: Draft[] = [];
  for (const inner of lexInline(text.slice(span.contentFrom, span.contentTo))) {
    const from = inner.from + span.contentFrom;
    const to = inner.to + span.contentFrom;
    if (inner.kind === 'text') drafts.push(...readBare(text, from, to, content, index, false));
    else if (inner.kind === 'code') {
      const shifted = {
        ...inner,
        from,
        to,
        contentFrom: inner.contentFrom + span.contentFrom,
        contentTo: inner.contentTo + span.contentFrom,
      };
      drafts.push(...readSpan(content, shifted, index));
    }
  }
  return drafts;
}

/** Do the mentions fill the span but for separators? */
function isList(
  text: string,
  span: { contentFrom: number; contentTo: number },
  inner: readonly Draft[],
): boolean {
  if (inner.length === 0) return false;
  let rest = '';
  let at = span.contentFrom;
  for (const draft of inner) {
    rest += text.slice(at, draft.outerFrom);
    at = draft.outerTo;
  }
  rest += text.slice(at, span.contentTo);
  return /^(?:[\s,;&+]|\band\b|\bsee\b|\bor\b)*$/.test(rest);
}

function wrapped(inner: readonly Draft[], span: { from: number; to: number }): Draft[] {
  return inner.map((draft, i) => ({
    ...draft,
    outerFrom: i === 0 ? span.from : draft.outerFrom,
    outerTo: i === inner.length - 1 ? span.to : draft.outerTo,
  }));
}
