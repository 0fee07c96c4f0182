import type { Place } from './quoteMatch.ts';

/** An edit of whole or part lines, 1-based: `startLine` to `endLine` became `lines` lines. */
export interface LineEdit {
  readonly startLine: number;
  readonly endLine: number;
  /** Lines of the new text: 1 where there is no line end in it. */
  readonly lines: number;
  /** The edit begins at the first column of `startLine`; then the line's own text moves down with what is inserted. */
  readonly atLineStart: boolean;
  /** Nothing is taken away. */
  readonly inserts: boolean;
}

/** Where lines stand after an edit. What is edited inside of them stays theirs. */
export function shiftPlace(place: Place, edit: LineEdit): Place {
  const delta = edit.lines - 1 - (edit.endLine - edit.startLine);
  if (delta === 0) return place;
  const before =
    edit.endLine < place.startLine ||
    (edit.endLine === place.startLine && edit.atLineStart && (edit.inserts || edit.startLine < edit.endLine));
  if (before) return { startLine: place.startLine + delta, endLine: place.endLine + delta };
  if (edit.startLine > place.endLine) return place;
  const startLine = Math.min(place.startLine, edit.startLine);
  return {
    startLine: Math.max(1, edit.startLine < place.startLine ? edit.startLine : startLine),
    endLine: Math.max(startLine, Math.max(place.endLine, edit.endLine) + delta),
  };
}
