/**
 * Lines as VS Code counts them: LF, CRLF and lone CR end a line, nothing else does (not U+2028, not form feed).
 * The inventory, the pack and the anchors must agree on this to the line, so it stands here once.
 */
export interface SplitText {
  /** Without their line ends. */
  readonly lines: readonly string[];
  /** False where the last line has no line end. An empty text counts as ended. */
  readonly ended: boolean;
}

/** Lines as VS Code counts them: LF, CRLF and lone CR end a line. */
export function splitLines(text: string): SplitText {
  if (text === '') return { lines: [], ended: true };
  const lines = text.includes('\r') ? text.split(/\r\n|\r|\n/) : text.split('\n');
  const ended = lines.at(-1) === '';
  if (ended) lines.pop();
  return { lines, ended };
}

/** What ends the lines of a file; `none` where there is no line end at all. */
export type LineEnds = 'lf' | 'crlf' | 'cr' | 'mixed' | 'none';

export interface LineCount {
  /** As many as {@link splitLines} gives: no phantom line after a final line end. */
  readonly lines: number;
  readonly eol: LineEnds;
}

/** Counts without splitting: a 50 MB file must not become a million strings only to be measured. */
export function countLines(text: string): LineCount {
  let lf = 0;
  let crlf = 0;
  let cr = 0;
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) lf++;
  for (let i = text.indexOf('\r'); i !== -1; i = text.indexOf('\r', i + 1)) {
    if (text.charCodeAt(i + 1) === 10) crlf++;
    else cr++;
  }
  lf -= crlf;
  const last = text.charCodeAt(text.length - 1);
  const ended = text === '' || last === 10 || last === 13;
  return { lines: lf + crlf + cr + (ended ? 0 : 1), eol: kindOf(lf, crlf, cr) };
}

function kindOf(lf: number, crlf: number, cr: number): LineEnds {
  const kinds = (lf > 0 ? 1 : 0) + (crlf > 0 ? 1 : 0) + (cr > 0 ? 1 : 0);
  if (kinds > 1) return 'mixed';
  if (lf > 0) return 'lf';
  if (crlf > 0) return 'crlf';
  return cr > 0 ? 'cr' : 'none';
}
