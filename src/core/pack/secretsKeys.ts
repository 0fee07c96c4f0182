import type { Match } from './secretsRules.ts';

const begin = /-----BEGIN ([A-Z0-9 ]{0,40})PRIVATE KEY( BLOCK)?-----/y;
/** A placeholder such as `...` or `MIIE...` is shorter; the smallest real key, an Ed25519 one, has 64 characters. */
const leastKeyCharacters = 40;
/** Of a key without an end. An RSA key of 16,384 bits is 12,000 characters long. */
const mostKeyCharacters = 40_000;
/** What stands between the first and the last line: base64, headers such as `Proc-Type`, JSON's `\n`, quotes, `+`. */
const foreign = /[^A-Za-z0-9+/=\s\\:,.\-"'`;()|*#>]/g;

/**
 * The private key that begins at `at`, everything between its first and last line; also one whose end is missing, in
 * any format, encrypted or not, in a source file's string or in JSON. Its two marking lines stay.
 */
export function privateKeyAt(text: string, at: number): Match | undefined {
  begin.lastIndex = at;
  if (!begin.test(text)) return undefined;
  const from = begin.lastIndex;
  const horizon = text.slice(from, from + mostKeyCharacters);
  const end = horizon.search(/-----END |-----BEGIN /);
  foreign.lastIndex = 0;
  const strange = end === -1 ? foreign.exec(horizon)?.index : undefined;
  const body = horizon.slice(0, end === -1 ? (strange ?? horizon.length) : end);
  // Escapes of a string in JSON or in source are not the key's.
  const characters = body.replace(/\\[nrt]/g, '').match(/[A-Za-z0-9+/=]/g)?.length ?? 0;
  if (characters < leastKeyCharacters || !/[A-Za-z0-9+/=]{16}/.test(body)) return undefined;
  return { rule: 'private-key', from: from + leading(body), to: from + body.trimEnd().length };
}

/** So that the line end after the first line, and JSON's `\n`, stay where they are. */
function leading(body: string): number {
  return /^(?:\\[nr]|\s)*/.exec(body)?.[0].length ?? 0;
}

/** PuTTY's key files: as many lines as `Private-Lines: n` says. */
export function puttyKeyAt(text: string, at: number): Match | undefined {
  const header = /Private-Lines: (\d{1,3})\r?\n/y;
  header.lastIndex = at;
  const lines = Number(header.exec(text)?.[1] ?? 0);
  const from = header.lastIndex;
  const body = new RegExp(`(?:[A-Za-z0-9+/=]{1,100}(?:\\r?\\n|$)){1,${Math.max(1, lines)}}`, 'y');
  body.lastIndex = from;
  if (lines === 0 || !body.test(text)) return undefined;
  return { rule: 'private-key', from, to: from + text.slice(from, body.lastIndex).trimEnd().length };
}
