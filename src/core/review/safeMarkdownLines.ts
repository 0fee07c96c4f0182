/** What a line says about itself before its text begins. */
export interface LinePrefix {
  /** False while more of the line could still change the answer. */
  readonly decided: boolean;
  /** Columns of white space at the margin; a tab counts to the next multiple of 4. */
  readonly indent: number;
  /** List or quote markers come before the text. */
  readonly marked: boolean;
  /** The text begins as a fence does. */
  readonly fence: boolean;
  /** The text begins with `[`, and with no checkbox. */
  readonly bracket: boolean;
}

const markers = /^[ \t]*(?:(?:>|[-*+](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$))[ \t]*)*/;
const mayBecome = /^[ \t>*+\-\d.)]*(?:`{0,2}|~{0,2}|\[(?:[ xX]\]?)?)$/;

export function prefixOf(line: string): LinePrefix {
  const markup = markers.exec(line)?.[0] ?? '';
  const text = line.slice(markup.length);
  const margin = /^[ \t]*/.exec(line)?.[0] ?? '';
  return {
    decided: !mayBecome.test(line),
    indent: columns(margin),
    marked: markup.trim() !== '',
    fence: /^(?:`{3}|~{3})/.test(text),
    bracket: text.startsWith('[') && !/^\[[ xX]\](?:\s|$)/.test(text),
  };
}

function columns(space: string): number {
  let column = 0;
  for (const c of space) column += c === '\t' ? 4 - (column % 4) : 1;
  return column;
}

export interface SafeFence {
  /** `doubtful`: some renderers take it for the end of the fence, or of what holds the fence, and others do not. */
  lineIs(line: string): 'content' | 'closing' | 'doubtful';
}

/** A fence that every renderer reads as one: at most three spaces before it, and no list or quote marker. */
export function fenceOf(line: string): SafeFence | undefined {
  const [, margin = '', run = '', info = ''] = /^( {0,3})(`{3,}|~{3,})(.*)$/s.exec(line) ?? [];
  // A table's last line is no fence to marked while it has no line end.
  if (run === '' || /[`<![\]|]/.test(info)) return undefined;
  const mark = run.charAt(0);
  return {
    lineIs(next) {
      const indent = /^ */.exec(next)?.[0].length ?? 0;
      // In a list, a line further left ends the list's item, and the fence with it.
      const leaves = indent < margin.length && next.trim() !== '';
      const looks = new RegExp(`^[ \\t]{0,3}${mark}{${run.length},}[\`~]*\\s*$`).test(next);
      if (!looks) return leaves ? 'doubtful' : 'content';
      // marked and CommonMark differ on "```~" and on a tab after the fence.
      const plain = new RegExp(`^ {0,3}${mark}{${run.length},} *$`).test(next);
      return plain && !leaves ? 'closing' : 'doubtful';
    },
  };
}
