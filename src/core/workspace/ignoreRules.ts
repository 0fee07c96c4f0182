/** Nested ignore files with git's precedence, on top of the `ignore` package, which knows one list only. */
import ignore from 'ignore';
import { encodeName, foldsCase } from './names.ts';

export type Verdict =
  | { readonly kind: 'undecided' }
  | { readonly kind: 'kept' }
  /** `source` is the ignore file, `rule` its line as written. */
  | { readonly kind: 'ignored'; readonly source: string; readonly rule: string };

/** The rules in force in one folder: those of the folders above it, then its own. The last that matches decides. */
export type Rules = ignore.Ignore;

/** Never added to: lists are made anew from others. */
export const noRules: Rules = newRules();

function newRules(): Rules {
  return ignore({ ignorecase: foldsCase });
}

/**
 * `rules` and, after them, those of `text`, an ignore file that stands in folder `at` ('' or ending in `/`). Each of
 * its patterns is rewritten to start at the top, so that one list with "last match wins" gives git's precedence.
 */
export function withRules(rules: Rules, at: string, text: string, source: string): Rules {
  const patterns = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .flatMap(line => {
      const rule = trimEnd(line.endsWith('\r') ? line.slice(0, -1) : line);
      const pattern = fromTop(at, rule);
      return pattern === undefined ? [] : [{ pattern, mark: JSON.stringify([source, rule]) }];
    });
  return patterns.length === 0 ? rules : newRules().add([rules, ...patterns]);
}

/** Joined so that `stronger` decides where it says anything. */
export function joinRules(weaker: Rules, stronger: Rules): Rules {
  if (stronger === noRules) return weaker;
  return weaker === noRules ? stronger : newRules().add([weaker, stronger]);
}

/** `path` is relative to the top the rules were made for; a folder's ends in `/`. */
export function judge(rules: Rules, path: string): Verdict {
  if (rules === noRules) return { kind: 'undecided' };
  const result = rules.test(byteString(path));
  if (result.unignored) return { kind: 'kept' };
  if (!result.ignored) return { kind: 'undecided' };
  const [source, rule] = JSON.parse(result.rule?.mark ?? '["",""]') as [string, string];
  return { kind: 'ignored', source, rule };
}

function fromTop(at: string, rule: string): string | undefined {
  if (rule === '' || rule.startsWith('#')) return undefined;
  const negation = rule.startsWith('!') ? '!' : '';
  const body = rule.slice(negation.length);
  if (body === '' || body === '/') return undefined;
  if (at === '') return byteString(negation + body);
  const anchored = body.slice(0, -1).includes('/');
  const below = anchored ? body.replace(/^\//, '') : `**/${body}`;
  return byteString(`${negation}/${at.replace(/[\\*?[]/g, '\\$&')}${below}`);
}

/** Git's own trimming: trailing spaces go unless a backslash stands before them. */
function trimEnd(line: string): string {
  let end = 0;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '\\') end = ++i + 1;
    else if (line[i] !== ' ') end = i + 1;
  }
  return line.slice(0, end);
}

/** Git matches bytes: `?` is one byte of a name, not one character. */
function byteString(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : encodeName(text).toString('latin1');
}
