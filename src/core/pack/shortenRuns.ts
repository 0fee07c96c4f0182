import { grouped } from '../grouped.ts';
import { splitLines } from '../workspace/lines.ts';
import type { Excerpt } from './excerpt.ts';
import type { ShortenedText } from './shorten.ts';

/** Longer than anything people write in one piece; a SHA-512 in hex has 128. Characters. */
const longRun = 240;
/** What is left of a run, at its beginning, so that one sees what it was. Characters. */
const keptOfRun = 48;
/** A line of more than this is not written by hand: minified code, a drawing, a dump. Characters. */
const longLine = 2_000;
const keptHead = 400;
const keptTail = 160;
/** What people wrote may have long lines (a paragraph in Markdown is one): these are never cut in the middle. */
const prose = /\.(?:md|mdx|markdown|rst|adoc|txt|tex|po|srt)$/i;

const encoded = charactersOf(/[A-Za-z0-9+/=_-]/);
const drawing = charactersOf(/[MmLlHhVvCcSsQqTtAaZz0-9eE.,+ \t-]/);

/** By ASCII code: 1 where it is one of them. */
function charactersOf(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0));
}

/** Cuts long runs of base64 and of drawing commands, and the middle of very long lines; each cut says how long it was. */
export function cutRuns(path: string, text: string): ShortenedText | null {
  if (!hasLongLine(text)) return null;
  const isDrawing = /\.(?:svg|drawio|ai|eps)$/i.test(path);
  let cut = 0;
  const excerpts: Excerpt[] = splitLines(text).lines.map((line, i) => {
    let short = line;
    if (line.length >= longRun) {
      short = withoutRuns(short, encoded);
      if (isDrawing) short = withoutRuns(short, drawing);
      if (short.length > longLine && !prose.test(path)) short = shortLine(short);
      cut += line.length - short.length;
    }
    return { line: i + 1, text: short };
  });
  if (cut === 0) return null;
  return {
    excerpts,
    reason: `${grouped(cut)} characters of encoded data or minified lines cut`,
  };
}

/** Without splitting, and without a look at most lines: nearly every file has no long one. */
function hasLongLine(text: string): boolean {
  for (let from = 0; text.length - from >= longRun;) {
    // The last line end that would do; where there is none, the line is long.
    const to = text.lastIndexOf('\n', from + longRun - 1);
    if (to < from) return true;
    from = to + 1;
  }
  return false;
}

/** The head, how much is missing, and the tail; never half a surrogate pair. */
export function shortLine(line: string, head = keptHead, tail = keptTail): string {
  if (line.length <= head + tail + 40) return line;
  const start = whole(line.slice(0, head));
  const end = line.slice(line.length - tail).replace(/^[\udc00-\udfff]/, '');
  return `${start}${missing(line.length - start.length - end.length)}${end}`;
}

/** A pattern `[…]{240,}` would try again at every character of a shorter run. */
function withoutRuns(line: string, characters: Uint8Array): string {
  let kept = '';
  let from = 0;
  for (let at = 0; at < line.length;) {
    const start = at;
    while (at < line.length && characters[line.charCodeAt(at)] === 1) at++;
    if (at - start >= longRun) {
      kept += line.slice(from, start) + shortRun(line.slice(start, at));
      from = at;
    }
    if (at === start) at++;
  }
  return from === 0 ? line : kept + line.slice(from);
}

function shortRun(run: string): string {
  return run.slice(0, keptOfRun) + missing(run.length - keptOfRun);
}

function missing(characters: number): string {
  return `…[${grouped(characters)} characters]…`;
}

function whole(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}
