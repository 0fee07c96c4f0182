import type { FoundSecret } from '../workspace/types.ts';
import { findSecrets } from './secrets.ts';
import { secretId } from './secretsKey.ts';
import type { Match } from './secretsRules.ts';

/** Which secrets may leave. */
export interface SecretPolicy {
  /** See {@link secretId}. */
  readonly salt: string;
  /** Ids of secrets the user allowed. */
  readonly allowed: readonly string[];
}

export interface Redacted {
  /** What may be sent: as many lines as the file has. */
  readonly text: string;
  readonly secrets: readonly FoundSecret[];
}

/** Finds the secrets of a file and puts a marker in the place of each that is not allowed. `utf8`: the text's bytes. */
export function redactFile(
  path: string,
  text: string,
  { salt, allowed }: SecretPolicy,
  utf8?: Uint8Array,
): Redacted {
  const matches = findSecrets(path, text, utf8);
  if (matches.length === 0) return { text, secrets: [] };
  const allow = new Set(allowed);
  const lineOf = lineCounter(text);
  const secrets = matches.map(({ rule, from, to }): FoundSecret => {
    const id = secretId(salt, path, rule, text.slice(from, to));
    return { rule, line: lineOf(from), id, allowed: allow.has(id) };
  });
  return {
    text: redact(
      text,
      matches.filter((_, i) => secrets[i]?.allowed === false),
    ),
    secrets,
  };
}

/** A measured file's text with what was found in it redacted; one that was found clean is not scanned again. */
export function asSent(
  { path, secrets }: { readonly path: string; readonly secrets?: readonly FoundSecret[] },
  text: string,
  salt: string,
): string {
  if (secrets === undefined) return text;
  return redactFile(path, text, { salt, allowed: secrets.filter(s => s.allowed).map(s => s.id) }).text;
}

/** `matches` in order and apart. A secret of several lines leaves as many, so that line numbers stay the file's own. */
export function redact(text: string, matches: readonly Match[]): string {
  const parts: string[] = [];
  let end = 0;
  for (const { rule, from, to } of matches) {
    const lines = text.slice(from, to).replace(/[^\r\n]+/g, `[redacted: ${rule}]`);
    parts.push(text.slice(end, from), lines);
    end = to;
  }
  parts.push(text.slice(end));
  return parts.join('');
}

/** 1-based lines as VS Code counts them; asked in order of offsets, so that the text is walked once. */
function lineCounter(text: string): (offset: number) => number {
  const lineEnd = /\r\n|\r|\n/g;
  let line = 1;
  let next = lineEnd.exec(text);
  return offset => {
    while (next !== null && next.index < offset) {
      line++;
      next = lineEnd.exec(text);
    }
    return line;
  };
}
