import type { FoundSecret } from '../workspace/types.ts';
import { redactFile, type Redacted, type SecretPolicy } from './redact.ts';

/**
 * Redacts a text that is no file of the workspace: a pasted log, or a diff, of which each part is read under the name
 * of its file, since what counts as a secret depends on that (`.env`, `.npmrc`). Line numbers of findings are the text's.
 */
export function redactText(title: string, text: string, policy: SecretPolicy): Redacted {
  const parts: string[] = [];
  const secrets: FoundSecret[] = [];
  let before = 0;
  for (const section of text.split(/^(?=diff --git )/m)) {
    const [, path = title] = /^(?:\+\+\+ b|--- a)\/(.+?)"?\r?$/m.exec(section) ?? [];
    const found = redactSigned(path, section, policy);
    parts.push(found.text);
    secrets.push(...found.secrets.map(secret => ({ ...secret, line: secret.line + before })));
    before += section.split('\n').length - 1;
  }
  return { text: parts.join(''), secrets };
}

/** A diff's lines stand behind a sign, which takes keys of several lines, and names at line starts, apart. */
function redactSigned(path: string, text: string, policy: SecretPolicy): Redacted {
  const lines = text.split('\n');
  const signs = lines.map(line => (/^[+\- ]/.test(line) ? line.slice(0, 1) : ''));
  const bare = redactFile(path, lines.map((line, i) => line.slice(signs[i]?.length ?? 0)).join('\n'), policy);
  const signed = bare.text.split('\n').map((line, i) => `${signs[i] ?? ''}${line}`);
  // Signs can belong to the text, too.
  const whole = redactFile(path, signed.join('\n'), policy);
  // What is allowed still stands there, and is found a second time.
  const known = new Set(bare.secrets.map(secret => secret.id));
  return { text: whole.text, secrets: [...bare.secrets, ...whole.secrets.filter(s => !known.has(s.id))] };
}
