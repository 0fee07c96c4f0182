import { splitLines } from '../workspace/lines.ts';
import type { Excerpt } from './excerpt.ts';
import type { OutlineParser } from './outlineParser.ts';
import { outlineRules } from './outlineRules.ts';

/** Raised when outlines come out differently, so that their counts are made anew. */
export const outlineVersion = 1;

/** Longer lines are cut, visibly: minified code has one line. Characters. */
const mostLineChars = 240;

export function hasOutline(language: string): boolean {
  return language === 'markdown' || Object.hasOwn(outlineRules, language);
}

/** The lines (1-based, ascending) that an outline keeps; none where there is nothing to outline. */
export async function outlineLines(
  language: string,
  text: string,
  parser: OutlineParser,
): Promise<readonly number[]> {
  const { lines } = splitLines(text);
  if (language === 'markdown') return headings(lines);
  const kept = await parser.lines(language, lines.join('\n'));
  return kept.filter(line => line <= lines.length);
}

/** These lines (1-based) of a text, as an outline shows them. */
export function excerptsAt(text: string, kept: readonly number[]): Excerpt[] {
  const { lines } = splitLines(text);
  return kept.map(line => ({ line, text: cut((lines[line - 1] ?? '').trimEnd()) }));
}

function cut(line: string): string {
  if (line.length <= mostLineChars) return line;
  // Not through the middle of a surrogate pair.
  const end = /[\ud800-\udbff]/.test(line[mostLineChars - 1] ?? '') ? mostLineChars - 1 : mostLineChars;
  return `${line.slice(0, end)} …`;
}

/** 1-based; what stands in a fence is code. */
function headings(lines: readonly string[]): number[] {
  const found: number[] = [];
  let fence: string | undefined;
  lines.forEach((line, i) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined) {
      if (mark !== undefined) fence = mark;
      else if (/^ {0,3}#{1,6}\s/.test(line)) found.push(i + 1);
      else if (
        /^(=+|-{3,})\s*$/.test(line) &&
        /\S/.test(lines[i - 1] ?? '') &&
        !/^[|>#\s-]/.test(lines[i - 1] ?? '')
      )
        found.push(i);
    } else if (mark?.startsWith(fence) === true) fence = undefined;
  });
  return [...new Set(found)];
}
