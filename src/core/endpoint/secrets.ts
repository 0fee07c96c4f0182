import type { EndpointConfig } from './types.ts';

/**
 * A text without the secrets that were sent: servers and proxies repeat a refused key, and what they say is shown,
 * logged and kept. Also as they stand in a URL, in JSON and in Basic or Base64 form.
 */
export function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  let clean = text;
  for (const secret of secrets) {
    const bare = secret?.replace(/^(?:Bearer|Basic) /, '').trim();
    // Shorter ones are no secrets, and stand in ordinary words.
    if (bare === undefined || bare.length < 4) continue;
    for (const form of formsOf(bare)) clean = clean.replaceAll(form, redacted);
  }
  return clean;
}

const redacted = '[key]';

/** What AWS's client sends to Bedrock as it stands, without our having stored it. */
export function ambientSecrets(
  { provider }: Pick<EndpointConfig, 'provider'>,
  env: NodeJS.ProcessEnv = process.env,
): (string | undefined)[] {
  return provider === 'bedrock' ? [env['AWS_BEARER_TOKEN_BEDROCK'], env['AWS_SESSION_TOKEN']] : [];
}

function formsOf(bare: string): Set<string> {
  return new Set([
    bare,
    encodeURIComponent(bare),
    JSON.stringify(bare).slice(1, -1),
    Buffer.from(bare).toString('base64').replace(/=+$/, ''),
  ]);
}

/** Takes a text in pieces, and gives it without secrets that were sent, also where a piece ends inside one. */
export interface SecretFilter {
  /** The text that is safe by now: an end that may begin a secret is held back. */
  push(piece: string): string;
  /** What was held back. */
  end(): string;
}

/**
 * For answers, which are shown, kept and exported. An answer is about source code, so what local servers take for a key
 * (`ollama`, `EMPTY`, `sk-no-key-required`) stays in it: only what looks random, or is long, is a secret here.
 */
export function createSecretFilter(secrets: readonly (string | undefined)[]): SecretFilter {
  const forms = secrets.flatMap(secret => {
    const bare = secret?.replace(/^(?:Bearer|Basic) /, '').trim() ?? '';
    return bare.length >= 20 || (bare.length >= 8 && /\d/.test(bare)) ? [...formsOf(bare)] : [];
  });
  let held = '';
  return {
    push(piece) {
      if (forms.length === 0) return piece;
      const text = withoutForms(held + piece, forms);
      held = text.slice(text.length - longestStart(text, forms));
      return text.slice(0, text.length - held.length);
    },
    end() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

function withoutForms(text: string, forms: readonly string[]): string {
  return forms.reduce((clean, form) => clean.replaceAll(form, redacted), text);
}

/** Length of the longest end of the text that begins, but does not complete, one of the forms. */
function longestStart(text: string, forms: readonly string[]): number {
  const begins = (form: string) => {
    for (let length = Math.min(form.length - 1, text.length); length > 0; length--)
      if (form.startsWith(text.slice(-length))) return length;
    return 0;
  };
  return Math.max(0, ...forms.map(begins));
}
