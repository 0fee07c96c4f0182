import { randomUUID } from 'node:crypto';
import type { Turns } from './turns.ts';

/** Characters of one string literal above which it is decoded in slices of this size. */
const slice = 1 << 19;

/** A string literal of the document that is too long to be put together at once: its slices, in order. */
export class LongText {
  readonly slices: readonly string[];
  constructor(slices: readonly string[]) {
    this.slices = slices;
  }
}

/**
 * `JSON.parse` in turns. A request with a 40 MB prompt is one string literal, and parsing it at once holds the
 * thread for 100 to 500 ms; even joining its slices takes 50 to 150 ms. So literals above 512 K characters are
 * taken out, decoded slice by slice and come back as {@link LongText}; what is left is small.
 *
 * @throws SyntaxError where `JSON.parse` would
 */
export async function parseLargeJson(text: string, turns: Turns): Promise<unknown> {
  if (text.length < 2 * slice) return JSON.parse(text);
  const longTexts = new Map<string, LongText>();
  let skeleton = '';
  let copied = 0;
  let open = text.indexOf('"');
  while (open >= 0) {
    const close = await closingQuote(text, open, turns);
    if (close < 0) break;
    if (close - open > slice) {
      const name = randomUUID();
      longTexts.set(name, new LongText(await decode(text, open + 1, close, turns)));
      skeleton += `${text.slice(copied, open)}"${name}"`;
      copied = close + 1;
    }
    open = text.indexOf('"', close + 1);
  }
  skeleton += text.slice(copied);
  return JSON.parse(skeleton, (_key, value: unknown) =>
    typeof value === 'string' ? (longTexts.get(value) ?? value) : value,
  );
}

async function closingQuote(text: string, open: number, turns: Turns): Promise<number> {
  let close = text.indexOf('"', open + 1);
  for (let seen = 1; close >= 0 && backslashesBefore(text, close) % 2 === 1; seen++) {
    close = text.indexOf('"', close + 1);
    if (seen % 1024 === 0 && turns.due()) await turns.next();
  }
  return close;
}

function backslashesBefore(text: string, end: number): number {
  let start = end;
  while (text[start - 1] === '\\') start--;
  return end - start;
}

async function decode(text: string, start: number, end: number, turns: Turns): Promise<string[]> {
  const parts: string[] = [];
  for (let from = start; from < end;) {
    const to = from + slice < end ? wholeEscapes(text, from + slice) : end;
    parts.push(JSON.parse(`"${text.slice(from, to)}"`) as string);
    from = to;
    if (turns.due()) await turns.next();
  }
  return parts;
}

/** The nearest place at or before `cut` that does not stand inside an escape like `\n` or `\u0041`. */
function wholeEscapes(text: string, cut: number): number {
  for (let at = cut - 1; at >= cut - 5; at--) {
    if (text[at] !== '\\') continue;
    if (backslashesBefore(text, at) % 2 === 1) return cut;
    return at + (text[at + 1] === 'u' ? 6 : 2) > cut ? at : cut;
  }
  return cut;
}
