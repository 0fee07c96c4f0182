/**
 * A forgiving reader for the object literals that servers and gateways paste into their messages: JSON,
 * Python reprs (`{'error': None}`, `b'…'`), JavaScript inspections (`{ code: 400 }`), and any of them cut
 * off in the middle. It never throws; what it cannot read ends the value it is in.
 */

/** Characters the reader may still look at: the caller's bound on work, shared by all attempts on one text. */
export interface Budget {
  left: number;
}

export interface Loose {
  readonly value: unknown;
  /** Index after the last character that belongs to the value. */
  readonly end: number;
}

const maxDepth = 24;
const bareWords = new Map<string, unknown>([
  ['null', null],
  ['None', null],
  ['nil', null],
  ['undefined', null],
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
]);
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };

const isQuote = (c: string | undefined): boolean => c === '"' || c === "'" || c === '`';
const isSpace = (c: string | undefined): boolean => c === ' ' || c === '\n' || c === '\t' || c === '\r';
const isWord = (c: string | undefined): boolean => c !== undefined && /[\p{L}\p{N}_]/u.test(c);

/** Skips white space, including the two-character `\n` that a repr of a repr leaves between tokens. */
function skipSpace(text: string, from: number, budget: Budget): number {
  let i = from;
  while (i < text.length && budget.left > 0) {
    if (isSpace(text[i])) i += 1;
    else if (text[i] === '\\' && (text[i + 1] === 'n' || text[i + 1] === 't' || text[i + 1] === 'r')) i += 2;
    else break;
    budget.left -= 1;
  }
  return i;
}

/** In single quotes an apostrophe closes only where a value can end: hand-made reprs do not escape `model's`. */
function closes(text: string, at: number, quote: string): boolean {
  if (quote !== "'") return true;
  if (isWord(text[at + 1])) return false;
  let i = at + 1;
  while (i < text.length && i < at + 40 && isSpace(text[i])) i += 1;
  const next = text[i];
  return next === undefined || i - at >= 40 || ',}]):'.includes(next) || next === '\\';
}

/** Reads the string literal whose opening quote stands at `start`; an unclosed one runs to the end. */
export function readLooseString(text: string, start: number, budget: Budget, closesAt = closes): Loose {
  const quote = text[start] ?? '"';
  const parts: string[] = [];
  let i = start + 1;
  let from = i;
  while (i < text.length && budget.left > 0) {
    budget.left -= 1;
    const c = text[i];
    if (c === '\\' && i + 1 < text.length) {
      const next = text[i + 1] ?? '';
      const digits = next === 'u' ? 4 : next === 'x' ? 2 : 0;
      const hex = digits > 0 ? text.slice(i + 2, i + 2 + digits) : '';
      const coded = digits > 0 && hex.length === digits && /^[0-9a-fA-F]+$/.test(hex);
      parts.push(
        text.slice(from, i),
        coded ? String.fromCharCode(parseInt(hex, 16)) : (escapes[next] ?? next),
      );
      i += coded ? 2 + digits : 2;
      from = i;
    } else if (c === quote && closesAt(text, i, quote)) {
      parts.push(text.slice(from, i));
      return { value: parts.join(''), end: i + 1 };
    } else i += 1;
  }
  parts.push(text.slice(from, i));
  return { value: parts.join(''), end: i };
}

function readBare(text: string, start: number, budget: Budget): Loose {
  let i = start;
  while (i < text.length && budget.left > 0 && !',}]):\n'.includes(text[i] ?? '')) {
    i += 1;
    budget.left -= 1;
  }
  const word = text.slice(start, i).trim();
  if (bareWords.has(word)) return { value: bareWords.get(word), end: i };
  return { value: /^-?\d+(?:\.\d+)?$/.test(word) ? Number(word) : word, end: i };
}

function readKey(text: string, start: number, budget: Budget): Loose {
  if (isQuote(text[start])) return readLooseString(text, start, budget);
  return readBare(text, start, budget);
}

function readObject(text: string, start: number, budget: Budget, depth: number): Loose {
  const value: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let i = skipSpace(text, start + 1, budget);
  while (i < text.length && budget.left > 0 && text[i] !== '}') {
    const before = i;
    const key = readKey(text, i, budget);
    i = skipSpace(text, key.end, budget);
    if (text[i] === ':') {
      const item = readLoose(text, skipSpace(text, i + 1, budget), budget, depth + 1);
      value[String(key.value)] = item.value;
      i = skipSpace(text, item.end, budget);
    }
    if (text[i] === ',') i = skipSpace(text, i + 1, budget);
    if (text[i] === ']' || text[i] === ')' || i === before) break;
  }
  return { value, end: text[i] === '}' ? i + 1 : i };
}

function readList(text: string, start: number, budget: Budget, depth: number): Loose {
  const value: unknown[] = [];
  let i = skipSpace(text, start + 1, budget);
  while (i < text.length && budget.left > 0 && text[i] !== ']' && text[i] !== ')') {
    const before = i;
    const item = readLoose(text, i, budget, depth + 1);
    value.push(item.value);
    i = skipSpace(text, item.end, budget);
    if (text[i] === ',') i = skipSpace(text, i + 1, budget);
    if (i === before) break;
  }
  return { value, end: text[i] === ']' || text[i] === ')' ? i + 1 : i };
}

/** Reads the value that starts at `start`. */
export function readLoose(text: string, start: number, budget: Budget, depth = 0): Loose {
  const c = text[start];
  if (budget.left <= 0 || depth > maxDepth) return { value: null, end: text.length };
  if (c === '{') return readObject(text, start, budget, depth);
  if (c === '[' || c === '(') return readList(text, start, budget, depth);
  if (isQuote(c)) return readLooseString(text, start, budget);
  if ((c === 'b' || c === 'u' || c === 'r') && isQuote(text[start + 1])) {
    return readLooseString(text, start + 1, budget);
  }
  return readBare(text, start, budget);
}
