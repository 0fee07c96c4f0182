/**
 * The line of an ignore file that matches this path and no other, for the file in the folder that `path` is relative
 * to (`/`-separated). Undefined where no line can say it: a name with a line feed.
 */
export function ignorePattern(path: string, isFolder: boolean): string | undefined {
  if (path === '' || path.includes('\n')) return undefined;
  const escaped = path.replace(/[\\*?[\]]/g, '\\$&');
  // White space at the end of a line is dropped by some readers even after a backslash, and a CR is its line end.
  const whole = isFolder ? escaped : escaped.replace(/[ \t\v\f\r]$/, last => `[${last}]`);
  return `/${whole}${isFolder ? '/' : ''}`;
}

export interface AddedRules {
  readonly text: string;
  /** 1-based, of the first of the rules. */
  readonly line: number;
  /** How many were not there before. */
  readonly added: number;
}

/** The text of an ignore file with these rules at its end; what is there already is not said twice. */
export function withIgnoreRules(text: string, rules: readonly string[]): AddedRules {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  const fresh = [...new Set(rules)].filter(rule => !lines.includes(rule));
  const ended = (part: string) => (part === '' || part.endsWith('\n') ? part : part + end);
  const all = [...lines, ...fresh];
  const line = all.findIndex(one => rules.includes(one)) + 1;
  return {
    // Only added to: of a file with line ends of both kinds the rest is no change.
    text: fresh.length === 0 ? text : [text, ...fresh].map(ended).join(''),
    line: Math.max(1, line),
    added: fresh.length,
  };
}
