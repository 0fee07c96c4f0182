import { createHash } from 'node:crypto';

import { preparedText } from './compactText.ts';
import type { HistoryAnchor, LinesPrint } from './historyTypes.ts';
import type { Place } from './quoteMatch.ts';
import { verifyAnchor } from './verifyAnchor.ts';

/** Longer citations are not hashed: nobody looks for them elsewhere. */
const longestPrint = 2000;

/** Undefined where the file has no such lines, or where they say nothing. */
export function printLines(lines: readonly string[], { startLine, endLine }: Place): LinesPrint | undefined {
  if (endLine > lines.length || endLine - startLine >= longestPrint) return undefined;
  const cited = lines.slice(startLine - 1, endLine).map(line => line.trim());
  if (cited.every(line => line === '')) return undefined;
  return { first: hashOf(cited.slice(0, 1)), all: hashOf(cited) };
}

function hashOf(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 24);
}

/**
 * - `holds`: what was cited stands where it was cited
 * - `moved`: it stands elsewhere today, at `place`
 * - `lost`: it does not stand there any more; `place` is where it was
 * - `never`: it was not there when the answer was given, either
 */
export interface Recheck {
  readonly kind: 'holds' | 'moved' | 'lost' | 'never';
  readonly place: Place;
  /** One plain sentence. */
  readonly note: string;
}

/** Checks an anchor of an earlier answer against its file as it is today; `text` undefined: there is no such file. */
export function recheckAnchor(anchor: HistoryAnchor, text: string | undefined): Recheck {
  const place = { startLine: anchor.startLine, endLine: anchor.endLine };
  const held = heldThen(anchor);
  if (text === undefined) {
    return held
      ? { kind: 'lost', place, note: 'The file is gone.' }
      : { kind: 'never', place, note: 'There was no such file, and there is none today.' };
  }
  if (!held)
    return { kind: 'never', place, note: anchor.note ?? 'It did not hold when the answer was given.' };
  const { lines } = preparedText(text);
  const quoted =
    anchor.state === 'verified' || anchor.state === 'relocated' ? placeOfQuote(anchor, text) : undefined;
  const found = quoted ?? placeOfPrint(anchor.lines, place, lines);
  if (found === undefined)
    return { kind: 'lost', place, note: 'These lines have changed since the answer was given.' };
  if (found.startLine === place.startLine && found.endLine === place.endLine)
    return { kind: 'holds', place, note: 'It still stands there.' };
  return { kind: 'moved', place: found, note: `It stands at ${linesText(found)} today.` };
}

/** Whether there is anything that can still hold: a proven quote, or lines whose content is known. */
export function heldThen({ state, quote, lines }: HistoryAnchor): boolean {
  switch (state) {
    case 'verified':
    case 'relocated':
      return quote !== undefined || lines !== undefined;
    case 'unquoted':
    case 'ambiguous':
      return lines !== undefined;
    case 'stale':
    case 'out-of-range':
    case 'missing':
      return false;
  }
}

function placeOfQuote(anchor: HistoryAnchor, text: string): Place | undefined {
  if (anchor.quote === undefined) return undefined;
  const { path, startLine, endLine, quote } = anchor;
  const { state, ...today } = verifyAnchor(
    { path, startLine, endLine, quote, offset: 0, length: 0 },
    { text },
  );
  return state === 'verified' || state === 'relocated' ? today : undefined;
}

/** Where the very lines stand: at their old place, else at the nearest. */
function placeOfPrint(
  print: LinesPrint | undefined,
  was: Place,
  lines: readonly string[],
): Place | undefined {
  if (print === undefined) return undefined;
  const count = was.endLine - was.startLine;
  const last = lines.length - count;
  const firsts = lineHashes(lines);
  const fits = (line: number): boolean =>
    line >= 1 &&
    line <= last &&
    firsts[line - 1] === print.first &&
    printLines(lines, { startLine: line, endLine: line + count })?.all === print.all;
  for (let away = 0; was.startLine - away >= 1 || was.startLine + away <= last; away++) {
    const line = [was.startLine - away, was.startLine + away].find(fits);
    if (line !== undefined) return { startLine: line, endLine: line + count };
  }
  return undefined;
}

const hashed = new WeakMap<readonly string[], readonly string[]>();

/** Each line's hash; kept as long as the lines are, because an answer cites a file many times. */
function lineHashes(lines: readonly string[]): readonly string[] {
  const known = hashed.get(lines) ?? lines.map(line => hashOf([line.trim()]));
  hashed.set(lines, known);
  return known;
}

function linesText({ startLine, endLine }: Place): string {
  return startLine === endLine ? `line ${startLine}` : `lines ${startLine}-${endLine}`;
}

/** "12 of 14 anchors still hold, 2 of them moved." What never held is not among the 14. */
export function recheckSummary(rechecks: readonly Recheck[]): string {
  const count = (kind: Recheck['kind']): number => rechecks.filter(r => r.kind === kind).length;
  const [moved, never] = [count('moved'), count('never')];
  const of = rechecks.length - never;
  const neverNote = never === 0 ? '' : ` ${never} never did.`;
  if (of === 0) return never === 0 ? 'The answer cites no file.' : `None of its ${never} anchors ever held.`;
  const movedNote = moved === 0 ? '' : `, ${moved} of them at other lines`;
  return `${count('holds') + moved} of ${of} anchors still hold${movedNote}.${neverNote}`;
}
