/** `.longviewignore`: nested, in `.gitignore`'s syntax; what it matches is left out and said to be. */
import { readIgnoreFile } from './gitFolder.ts';
import { judge, noRules, type Rules, type Verdict, withRules } from './ignoreRules.ts';
import { joinPath } from './names.ts';

export const ignoreFileName = '.longviewignore';

/**
 * Judges paths relative to `top` (absolute). Its ignore files are looked for in each folder that is asked about,
 * since git's own rules may keep them out of any listing.
 */
export function longviewIgnore(top: string): (path: string) => Verdict {
  const known = new Map<string, Rules>();
  const rulesIn = (at: string): Rules => {
    const remembered = known.get(at);
    if (remembered !== undefined) return remembered;
    const inherited = at === '' ? noRules : rulesIn(parentOf(at));
    const text = readIgnoreFile(joinPath(top, at + ignoreFileName));
    const rules = text === undefined ? inherited : withRules(inherited, at, text, at + ignoreFileName);
    known.set(at, rules);
    return rules;
  };
  return path => judge(rulesIn(parentOf(path)), path);
}

/** The folder a path stands in: '' or ending in `/`. */
function parentOf(path: string): string {
  const name = path.endsWith('/') ? path.slice(0, -1) : path;
  return name.slice(0, name.lastIndexOf('/') + 1);
}
