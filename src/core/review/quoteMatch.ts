import { restore } from '../pack/frame.ts';
import { compactLines, lineAt, plainLine, type PreparedText, type Reading } from './compactText.ts';

/** 1-based lines, inclusive. */
export interface Place {
  readonly startLine: number;
  readonly endLine: number;
}

export type QuoteFinding =
  | { readonly kind: 'trivial' | 'absent' }
  /** At least one place, in the order of the file. */
  | { readonly kind: 'found'; readonly places: readonly Place[] };

const mostPlaces = 2000;
/** A quote with an ellipsis may leave out this many lines. */
const longestGap = 60;

/**
 * Where a quote stands in a file. White space, comment leaders, curly quotes, the pack's line markers and its
 * broken sentinels may differ; `...` leaves something out. The strictest reading that is found anywhere counts.
 */
export function findQuote(prepared: PreparedText, quote: string): QuoteFinding {
  if (isTrivial(quote)) return { kind: 'trivial' };
  for (const variant of variants(quote)) {
    for (const reading of ['tight', 'bare', 'code'] as const) {
      const places = placesOf(prepared, variant, reading);
      if (places.length === 0) continue;
      const common = places.length > 10 && variant.replace(/\s+/g, '').length < 12;
      return common ? { kind: 'trivial' } : { kind: 'found', places };
    }
  }
  return { kind: 'absent' };
}

function placesOf(prepared: PreparedText, quote: string, reading: Reading): Place[] {
  const whole = compactLines(quote, reading);
  // A quote may leave comments of the file out; its own must stand there.
  if (reading === 'code' && whole !== compactLines(quote, 'tight')) return [];
  const found = occurrences(prepared, whole, reading);
  if (found.length > 0 || reading === 'code') return found;
  const parts = quote.split(ellipsis);
  if (parts.length < 2 || parts.every(isTrivial)) return [];
  const compacted = parts.map(part => compactLines(part, reading)).filter(part => part !== '');
  return inOrder(prepared, compacted, reading, longestGap * compacted.length);
}

/** `...` that leaves something out, with the comment it may stand in; `...args` is code. */
const ellipsis =
  /\s*(?:\[\s*(?:\.{3}|…)\s*\]|(?:\/\/|#|\/\*)\s*(?:\.{3}|…)(?:\s*\*\/)?|\.{3,}(?![\p{L}\p{N}_$([{])|…)\s*/u;

function occurrences(prepared: PreparedText, quote: string, reading: Reading): Place[] {
  const places: Place[] = [];
  if (quote === '') return places;
  const text = prepared.as(reading);
  for (let at = text.text.indexOf(quote); at >= 0; at = text.text.indexOf(quote, at + 1)) {
    if (!standsAlone(prepared, at, quote, reading)) continue;
    const place = { startLine: lineAt(text, at), endLine: lineAt(text, at + quote.length - 1) };
    if (places.at(-1)?.startLine !== place.startLine) places.push(place);
    if (places.length >= mostPlaces) break;
  }
  return places;
}

/** Parts in order, each after the one before, over at most `longest` lines; the tightest reading of each place. */
function inOrder(
  prepared: PreparedText,
  parts: readonly string[],
  reading: Reading,
  longest: number,
): Place[] {
  const text = prepared.as(reading);
  const [first = '', ...rest] = parts;
  const places: Place[] = [];
  let tried = 0;
  for (
    let at = text.text.indexOf(first);
    at >= 0 && tried < 200;
    at = text.text.indexOf(first, at + 1), tried++
  ) {
    if (!standsAlone(prepared, at, first, reading)) continue;
    const startLine = lineAt(text, at);
    let end = at + first.length;
    let complete = true;
    for (const part of rest) {
      const next = text.text.indexOf(part, end);
      complete = next >= 0 && lineAt(text, next) - startLine <= longest;
      if (!complete) break;
      end = next + part.length;
    }
    if (!complete) continue;
    const endLine = lineAt(text, end - 1);
    if (places.at(-1)?.endLine === endLine) places.pop();
    places.push({ startLine, endLine });
  }
  return places;
}

/** A short quote must not begin or end inside a word: `ax = 1` does not quote `max = 1`. */
function standsAlone(prepared: PreparedText, at: number, quote: string, reading: Reading): boolean {
  if (quote.length >= 20) return true;
  const word = /[\p{L}\p{N}_$]/u;
  const last = quote.length - 1;
  if (word.test(quote.charAt(0)) && word.test(neighbour(prepared, at, -1, reading))) return false;
  return !word.test(quote.charAt(last)) || !word.test(neighbour(prepared, at + last, 1, reading));
}

/** The character beside a compact text's character, in its line; '' at the line's end. */
function neighbour(prepared: PreparedText, offset: number, step: number, reading: Reading): string {
  const text = prepared.as(reading);
  const line = lineAt(text, offset);
  let left = offset - (text.starts[line - 1] ?? 0);
  const source = plainLine(prepared.lines[line - 1] ?? '', reading);
  for (let column = 0; column < source.length; column++)
    if (!/[\s\u200b\ufeff]/.test(source.charAt(column)) && left-- === 0) return source.charAt(column + step);
  return '';
}

function variants(quote: string): readonly string[] {
  const unmarked = quote.replace(/(^|\n|\s)\d*0\|/g, '$1');
  const unnumbered = quote.replace(/^[ \t]*\d+[ \t]*(?:[|:\t]|(?=\n|$))[ \t]?/gm, '');
  const all = [quote, restore(quote), unmarked, restore(unmarked), unnumbered, restore(unnumbered)];
  all.push(quote.replace(/\\([\\`*_{}[\]()#+.!|<>"'-])/g, '$1'));
  if (/&(?:lt|gt|amp|quot|#39);/.test(quote))
    all.push(
      quote
        .replace(/&lt;/g, '<')
        .replace(/&gt;/g, '>')
        .replace(/&quot;/g, '"')
        .replace(/&#39;/g, "'")
        .replace(/&amp;/g, '&'),
    );
  return [...new Set(all)];
}

const common = new Set(
  `return null nil none true false undefined else if elif then fi for while do done break continue const let var import
  export default function func fn def end begin class pass self this super try catch except finally throw raise new
  public private protected static final void int string bool boolean async await package use using from in of is not
  and or switch case match struct enum interface type impl pub mut i j k x y e err error`.split(/\s+/),
);

/** Too short or too common to prove that a line is the one meant: `}`, `return`, `else {`, `i++`. */
export function isTrivial(quote: string): boolean {
  const compact = quote.replace(/\s+/g, '');
  if (compact.length < 5) return true;
  const words = quote.match(/[\p{L}\p{N}_$]+/gu) ?? [];
  const telling = words.filter(word => !common.has(word.toLowerCase())).join('').length;
  return telling < 4 && compact.length < 16 && (telling < 3 || compact.length < 8);
}
