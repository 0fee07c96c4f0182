/** A fence that is open: content up to a line of at least as many of the same characters. */
export interface Fence {
  readonly character: string;
  readonly length: number;
}

/** How much of a block can be a quote, in UTF-16 units; more would hold an anchor back for too long. */
export const longestBlockQuote = 1500;

const opener = /^[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(`{3,}|~{3,})([^\n]*)/;
const mayOpen = /^[ \t>]*(?:(?:[-*+]|\d{1,3}[.)]?)[ \t]*)?(?:`{1,2}|~{1,2})?$/;
/** A longer line opens no fence, so that an endless one is not waited for. */
const longestHead = 300;

/** `undefined`: the line is not complete and may still open a fence. */
export function fenceAt(line: string, complete: boolean): Fence | 'none' | undefined {
  if (line.length >= longestHead) return 'none';
  if (!complete && mayOpen.test(line)) return undefined;
  const match = opener.exec(line);
  const run = match?.[1];
  if (run === undefined) return 'none';
  if (!complete) return undefined;
  if (run.startsWith('`') && match?.[2]?.includes('`')) return 'none';
  return { character: run.charAt(0), length: run.length };
}

export function closesFence(line: string, fence: Fence): boolean {
  const bare = line.replace(/^[ \t>]*/, '').trimEnd();
  return bare.length >= fence.length && [...bare].every(c => c === fence.character);
}

/** The text of consecutive `>` lines. */
export function unquoteLines(lines: string): string {
  return lines
    .split('\n')
    .map(line => line.replace(/^[ \t]*(?:>[ \t]?)+/, ''))
    .join('\n')
    .trim();
}

/** A block's content as a quote: whole lines only where it was cut, and without the citation it may begin with. */
export function blockQuote(content: string, cut: boolean, path: string): string | undefined {
  let lines = content.split('\n');
  if (cut) lines = lines.slice(0, -1);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const head = lines.findIndex(line => line.trim() !== '');
  const first = lines[head];
  if (first !== undefined && /^\s*(?:\/\/|#|--|;|%|<!--|\/\*)/.test(first) && first.includes(name))
    lines = lines.slice(head + 1);
  const quote = lines.join('\n').replace(/^(?:[ \t]*\n)+|\s+$/g, '');
  return quote === '' ? undefined : quote;
}

const quoteOnly = /^[ \t>]*(?:[-*+][ \t]+)?(?:`([^`]+)`|``(.+)``|"(.+)"|“(.+)”)[.,;:]?\s*$/;

/** The quote a line consists of, nothing else standing on it. */
export function loneQuote(line: string): string | undefined {
  const match = quoteOnly.exec(line);
  return (match?.[1] ?? match?.[2] ?? match?.[3] ?? match?.[4])?.trim();
}

/** Can this beginning of a line still become a line that is only a quote? */
export function mayBeLoneQuote(lineStart: string): boolean {
  return /^[ \t>]*(?:[-*+]?|[-*+][ \t]+)(?:$|[`"“])/.test(lineStart);
}

/**
 * The `>` lines that begin at `start`: where they end, whole lines of at most {@link longestBlockQuote}, and whether
 * one of them cites something itself. `undefined`: more of them may come.
 */
export function blockquoteAt(
  text: string,
  start: number,
  complete: boolean,
  cites: (line: string) => boolean,
): { readonly end: number; readonly cites: boolean } | undefined {
  let end = start;
  let citing = false;
  while (/^[ \t]*>/.test(text.slice(end, end + 40))) {
    const lineEnd = text.indexOf('\n', end);
    const to = lineEnd < 0 ? text.length : lineEnd;
    if (to - start > longestBlockQuote) return { end, cites: citing };
    if (lineEnd < 0 && !complete) return undefined;
    const next = lineEnd < 0 ? to : to + 1;
    citing ||= cites(text.slice(end, next));
    end = next;
  }
  const open = !complete && text.length - end < 40 && /^[ \t]*$/.test(text.slice(end));
  return open ? undefined : { end, cites: citing };
}
