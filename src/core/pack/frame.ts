import { splitLines } from '../workspace/lines.ts';
import type { Excerpt } from './excerpt.ts';

/**
 * The text framing of a prompt. A frame line starts with `@@@@`; no line of content ever does, because
 * {@link neutralise} breaks every `@@@@` inside content, so a file cannot end its own frame or open another.
 *
 *     @@@@ file src/a.ts (12 lines)
 *     import { b } from './b';
 *     …
 *     10|  return b;
 *
 * Every segment ends with a newline and starts with `@`, so token counts of segments add up exactly
 * (reference/tokenizer.md, "Additivity"). `@@@@` is one token in o200k and Llama 4.
 */
export const sentinel = '@@@@';

/** A line marker stands before every 10th line: about 2 % of the tokens; every line would cost 13 to 18 %. */
export const markerEvery = 10;

/** What a frame line opens. `file` is the `full` form. */
export type FrameKind =
  | 'pack'
  | 'file'
  | ExcerptKind
  | 'listed'
  | 'left-out'
  | 'totals'
  | 'end'
  | 'question'
  // What follows a pack: see overlay.ts.
  | 'overlay'
  | 'deleted'
  | 'attached'
  // What Markdown files refer to: see images.ts.
  | 'images'
  | 'image'
  // What belongs to a question and is no file of the workspace.
  | 'text';

/** Forms that show some lines of a file, each with its number. */
export type ExcerptKind = 'outline' | 'shortened';

const controlToken = /<(\\*)(?=[|｜][^\s|｜<>]{1,64}[|｜]>)/g;
const escapedControlToken = /<\\(\\*)(?=[|｜][^\s|｜<>]{1,64}[|｜]>)/g;

/**
 * Breaks frame sentinels and chat control tokens (`<|eot|>`) with a visible backslash, reversibly: text that
 * already looks broken gets one backslash more. Servers that render a chat template to one string would
 * otherwise read a control token in a file as the real one.
 */
export function neutralise(text: string): string {
  let safe = text;
  if (safe.includes('<')) safe = safe.replace(controlToken, '<\\$1');
  if (safe.includes('@@@')) safe = safe.replace(/@@@(\\*)(?=@)/g, '@@@\\$1');
  return safe;
}

/** The inverse of {@link neutralise}. */
export function restore(text: string): string {
  let original = text;
  if (original.includes('@@@\\')) original = original.replace(/@@@\\(\\*)(?=@)/g, '@@@$1');
  if (original.includes('<\\')) original = original.replace(escapedControlToken, '<$1');
  return original;
}

// Quoted: what would be invisible, ambiguous or active in a header line (controls, bidi overrides, line
// separators, lone surrogates, which stand for invalid UTF-8 bytes of a name), or would join the token of a line end.
const unsafeInPath = /^[\s"/]|\s$|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\\]|@@@@|<[|｜]/u;

/** A path as a header shows it: plain where that is unambiguous, else a JSON string with `\u` escapes. */
export function framePath(path: string): string {
  if (!unsafeInPath.test(path)) return path;
  return JSON.stringify(path).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}@<]/gu, unicodeEscape);
}

function unicodeEscape(character: string): string {
  let escaped = '';
  for (let i = 0; i < character.length; i++)
    escaped += '\\u' + character.charCodeAt(i).toString(16).padStart(4, '0');
  return escaped;
}

/** The inverse of {@link framePath}; `undefined` for what is neither. */
export function parseFramePath(shown: string): string | undefined {
  if (!shown.startsWith('"')) return shown;
  try {
    const path: unknown = JSON.parse(shown);
    return typeof path === 'string' ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A file's `full` segment. Normalised, and nothing else: line ends become LF, sentinels and control tokens are
 * broken. `text` is decoded, without BOM. Line markers are the file's own 1-based numbers.
 */
export function fileSegment(path: string, text: string): string {
  const { lines, ended } = splitLines(text);
  const size = `${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`;
  const header = `${sentinel} file ${framePath(path)} (${size}${ended ? '' : ', no final newline'})\n`;
  const marked = neutralise(lines.join('\n')).split('\n');
  for (let i = markerEvery - 1; i < lines.length; i += markerEvery) marked[i] = `${i + 1}|${marked[i]}`;
  return lines.length === 0 ? header : `${header}${marked.join('\n')}\n`;
}

/**
 * A file's segment in a form that shows some of its lines. Each stands behind its own number, so gaps are visible
 * and an anchor into it is an anchor into the file:
 *
 *     @@@@ outline src/a.ts (120 lines, 2 shown)
 *     3|export class A {
 *     17|  run(): void {
 *
 * `excerpts` ascend, one for a line at most. Neutralised like a `full` file; line ends within an excerpt become spaces.
 */
export function excerptSegment(
  kind: ExcerptKind,
  path: string,
  totalLines: number,
  excerpts: readonly Excerpt[],
): string {
  const size = `${totalLines} ${totalLines === 1 ? 'line' : 'lines'}, ${excerpts.length} shown`;
  const shown = excerpts.map(({ line, text }) => `${line}|${neutralise(text.replace(/[\r\n]/g, ' '))}\n`);
  return `${sentinel} ${kind} ${framePath(path)} (${size})\n${shown.join('')}`;
}

/** One line of the `listed` segment: its tokens are counted alone, and add up. */
export function listedLine(path: string): string {
  return `${framePath(path)}\n`;
}

/**
 * A text that is no file of the workspace, such as a diff, framed like one; `sentLines` of its lines travel. Its
 * content is neutralised, its title quoted where it is odd.
 *
 *     @@@@ text changes since origin/main (the first 400 of 912 lines)
 */
export function textSegment(title: string, text: string, sentLines = Infinity): string {
  const { lines } = splitLines(text);
  const sent = lines.slice(0, sentLines);
  const size =
    sent.length < lines.length
      ? `the first ${sent.length} of ${lines.length} lines`
      : `${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`;
  const header = `${sentinel} text ${framePath(title)} (${size})\n`;
  return sent.length === 0 ? header : `${header}${neutralise(sent.join('\n'))}\n`;
}
