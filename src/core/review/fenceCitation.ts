import { delimited, type Draft } from './draft.ts';
import { readWhole } from './delimitedMentions.ts';
import type { PathIndex } from './pathIndex.ts';

const ticks = /^[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(?:`{3,}|~{3,})/;
/** ```` ```10:12:src/a.ts ````, as some editors' assistants write. */
const linesFirst = /^(?:[\w+#-]+[ \t]+)?(?<start>\d{1,7}):(?<end>\d{1,7}):(?<path>\S.*)$/;
const attribute =
  /\b(?:title|file|filename|filepath|path|name)[ \t]*[=:][ \t]*(?:"([^"]+)"|'([^']+)'|([^\s"'}]+))/i;
const afterLanguage =
  /^(?:[\w+#-]+(?:[ \t]+|:(?=[^\d\\/]))(?:\{[^}]*\}[ \t]*)?)(?:(?:\/\/|#|<!--)[ \t]*)?(.+)$/;

/** What the line that opens a code block says about where its code stands; positions are offsets in the line. */
export function citedByFence(line: string, index: PathIndex): Draft[] {
  const from = ticks.exec(line)?.[0].length ?? 0;
  const info = line.slice(from).trim();
  if (!/[./\\]/.test(info) && !index.hasPlainName(info.toLowerCase())) return [];
  const numbered = linesFirst.exec(info)?.groups;
  if (numbered?.['path'] !== undefined) {
    const [draft, ...more] = readAt(line, numbered['path'], index);
    if (draft === undefined || more.length > 0 || draft.lines !== undefined) return [];
    const [a, b] = [Number(numbered['start']), Number(numbered['end'])];
    return [{ ...draft, lines: { startLine: Math.min(a, b), endLine: Math.max(a, b) } }];
  }
  const named = attribute.exec(info);
  const candidates = [named?.[1] ?? named?.[2] ?? named?.[3], info, afterLanguage.exec(info)?.[1]];
  return firstOf(line, candidates, index);
}

/** Opening and closing apart, and each without a way back: one pattern for both takes minutes over a line of blanks. */
const commentOpening =
  /^[ \t]*(?:\/\/+!?|#+|--(?!-)|;+|%+|<!--+|\/\*+|\{\/\*|\(\*|"""|'''|REM\b)[ \t]*(?:(?:file|filename|path|source|from|in|see)\b[ \t]*:?[ \t]*)?/i;
const commentClosing = /(?:--+>|\*\/\}?|\*\)|"""|''')$/;

/** What a code block's first line says about it, where that line is a comment and holds nothing but a citation. */
export function citedByComment(line: string, index: PathIndex): Draft[] {
  const opening = commentOpening.exec(line)?.[0];
  if (opening === undefined) return [];
  const written = line.slice(opening.length).trimEnd().replace(commentClosing, '').trimEnd();
  return firstOf(line, [written, written.replace(/[:.…]+$/, '')], index);
}

function firstOf(line: string, candidates: readonly (string | undefined)[], index: PathIndex): Draft[] {
  for (const candidate of candidates) {
    const drafts = candidate === undefined ? [] : readAt(line, candidate, index);
    if (drafts.length > 0) return drafts;
  }
  return [];
}

function readAt(line: string, written: string, index: PathIndex): Draft[] {
  const plain = written.trim().replace(/^`([^`]*)`$/, '$1');
  const reading = readWhole(plain, index);
  if (reading === undefined) return [];
  const from = line.lastIndexOf(plain);
  const to = from + plain.length;
  return delimited(line.slice(0, to), reading, from, to, from, to);
}

const label =
  /^[ \t>]*(?:[-*+][ \t]+)?[*_]*lines?[*_]*:[*_]*[ \t]*`?L?(\d{1,7})(?:[ \t]*(?:[-–—]|to)[ \t]*L?(\d{1,7}))?`?[*_.,;]*\s*$/i;
const labelBegun = /^[ \t>]*(?:[-*+]?[ \t]*)[*_]*(?:l(?:i(?:n(?:e(?:s?[*_:].{0,24}|s)?)?)?)?)?$/i;

/** `**Lines:** 40-44` below `**File:** src/a.ts`. */
export function labelledLines(line: string): { startLine: number; endLine: number } | undefined {
  const match = label.exec(line);
  if (match === null) return undefined;
  const a = Number(match[1]);
  const b = Number(match[2] ?? a);
  return { startLine: Math.min(a, b), endLine: Math.max(a, b) };
}

/** Characters that such a label has at most. */
const longestLabel = 80;

/** Can this beginning of a line still become such a label? */
export function mayBeLabelledLines(lineStart: string): boolean {
  return lineStart.length <= longestLabel && labelBegun.test(lineStart);
}
