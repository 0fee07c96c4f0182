import type { Match } from './secretsRules.ts';

const variable = /\$\{|\$\(|\{\{|^\{[^}]*\}$|^%[A-Za-z_]+%$|^\$[A-Za-z_]|^<[^>]*>$|^\[[^\]]*\]$|^@[\w.]+@$/;
const placeholder =
  /^(?:x+|\*+|\.+|-+|_+|(.)\1+)$|pass(?:word|wd|phrase)?|passwd|secret|changeme|change[_-]me|example|placeholder|your[_-]|dummy|sample|redacted|username|token|\btest\b|foo|bar|1234|todo|null|none|undefined/i;

/** True where this stands for a secret rather than being one: a variable, a row of `x`, `your-password`. */
export function isPlaceholder(value: string): boolean {
  return variable.test(value) || placeholder.test(value);
}

const userInfo = /:\/\/([^\s/:@"'`<>\\]{0,256}):([^\s/@"'`<>\\]{5,256})@(?=[A-Za-z0-9[])/y;
const onlyToken = /:\/\/([A-Za-z0-9_-]{20,256})@(?=[A-Za-z0-9[])/y;

/** The password in `scheme://user:password@host`, or the token of `https://token@host`; `at` is where `://` stands. */
export function urlPasswordAt(text: string, at: number): Match | undefined {
  userInfo.lastIndex = at;
  const pair = userInfo.exec(text);
  if (pair !== null) {
    const [whole, user = '', password = ''] = pair;
    // GitHub's two ways to hand over a token: in front of, or behind, a word that is no secret.
    if (password === 'x-oauth-basic') {
      return isPlaceholder(user)
        ? undefined
        : { rule: 'url-password', from: at + 3, to: at + 3 + user.length };
    }
    if (isPlaceholder(password) || password === user) return undefined;
    const to = at + whole.length - 1;
    return { rule: 'url-password', from: to - password.length, to };
  }
  onlyToken.lastIndex = at;
  const token = onlyToken.exec(text)?.[1];
  if (token === undefined || isPlaceholder(token) || !isRandom(token)) return undefined;
  return { rule: 'url-token', from: at + 3, to: at + 3 + token.length };
}

const assigned =
  /(?:[\w.-]{0,40})["'`]?\]?\s{0,8}(?::=|=>|[:=])\s{0,8}(?:["'`]([^"'`\s]{16,512})["'`]|([\w+/=.~-]{16,512})(?=[\s;,]|$))/y;

/**
 * The value in `password = "…"`, `"apiKey": "…"`, `client_secret: …`; `at` is where the name's telling word stands.
 * Only what looks random is taken. A short or a spoken password is let through: `password = "test"` stands in every
 * test suite, and a rule that cries there is switched off.
 */
export function assignedSecretAt(text: string, at: number): Match | undefined {
  assigned.lastIndex = at;
  const found = assigned.exec(text);
  if (found === null) return undefined;
  const value = found[1] ?? found[2] ?? '';
  if (isPlaceholder(value) || !isRandom(value)) return undefined;
  const from = at + found[0].lastIndexOf(value);
  return { rule: 'assigned-secret', from, to: from + value.length };
}

/** Bits a character below which a text is made of words; 16 random characters of base64 have 3.6 and more. */
const leastEntropy = 3.4;

/**
 * Random as keys are: letters and digits mixed throughout, neither a path, a class name, a version, a UUID-less
 * identifier in words, nor a digest that is public anyway by standing beside what it is of.
 */
function isRandom(value: string): boolean {
  if (!/^[\w+/=.~-]+$/.test(value) || !/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  // Words: camelCase, snake_case, paths and domains fall into long pieces of letters.
  const letters = value.match(/[a-z]{5,}|[A-Z]{6,}/g)?.join('').length ?? 0;
  if (letters * 2 > value.length) return false;
  const digits = value.match(/\d/g)?.length ?? 0;
  if (digits * 10 < value.length || digits === value.length) return false;
  return entropy(value) >= leastEntropy;
}

function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
