import { rules } from '@secretlint/secretlint-rule-preset-recommend';

/** What a rule found; never kept longer than it takes to redact it. */
export interface Match {
  /** `github-token`, as the marker shows it. */
  readonly rule: string;
  /** UTF-16 offsets into the text. */
  readonly from: number;
  readonly to: number;
}

/**
 * Rules of the preset that are not run. `privatekey`: our own takes more (secretsKeys.ts), also what has no end.
 * `gcp`: reports the whole file for the private key in it, which our own redacts, and opens files by itself.
 * `filter-comments`: lets a comment in a repository switch the others off; allowing a secret is the user's affair.
 */
const unused = /-rule-(?:privatekey|gcp|filter-comments)$/;

type Rule = (typeof rules)[number];
type Context = Parameters<Rule['create']>[0];
type Source = Parameters<NonNullable<ReturnType<Rule['create']>['file']>>[0];

const used = rules.filter(rule => !unused.test(rule.meta.id));

/**
 * Runs secretlint's rules over a piece of a file, synchronously: what its `core` adds (promises, a logger, its own
 * files) costs more than the rules do. `offset` is where the piece stands in the text. Paths matter to some rules.
 */
export function runRules(path: string, piece: string, offset: number): Match[] {
  const found: Match[] = [];
  const context: Pick<Context, 'sharedOptions' | 'createTranslator' | 'report' | 'ignore'> = {
    sharedOptions: {},
    createTranslator: () => (messageId, data) => ({ message: '', messageId: String(messageId), data }),
    report({ message, range }) {
      const secret = exactRange(piece, range, message.data);
      found.push({
        // A rule may look the id up by what stands in the text: `tskey-constructor-…` gave a function.
        rule: /^\w{1,60}$/.test(message.messageId) ? kebab(message.messageId) : 'secret',
        from: offset + secret.from,
        to: offset + secret.to,
      });
    },
    ignore: () => undefined,
  };
  // The rules that run read the content, the path and its end, nothing else of a source.
  const source = { content: piece, filePath: path, ext: extensionOf(path), contentType: 'text' } as Source;
  for (const rule of used) void rule.create(context, {}).file?.(source);
  return found;
}

/**
 * Some rules report a range that begins before the secret and is too short by as much (`aws`, `npm`), so that
 * redacting it would leave the secret's end standing. The secret itself is in the message's data.
 */
function exactRange(piece: string, [start, end]: readonly [number, number], data: unknown): Span {
  let exact: Span | undefined;
  for (const value of Object.values((data ?? {}) as Record<string, unknown>)) {
    if (typeof value !== 'string' || value === '') continue;
    const from = piece.indexOf(value, start);
    if (from !== -1 && from <= end + value.length && (exact === undefined || from < exact.from)) {
      exact = { from, to: from + value.length };
    }
  }
  exact ??= { from: start, to: end };
  // Of an address only the password has to go: what it leads to is worth reading.
  const password = /^[^\n]*?:\/\/[^:/\s]*:([^@/\s]+)@/.exec(piece.slice(exact.from, exact.to));
  if (password === null) return exact;
  const to = exact.from + password[0].length - 1;
  return { from: to - (password[1] ?? '').length, to };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function extensionOf(path: string): string {
  return /\.[^./]*$/.exec(path)?.[0] ?? '';
}

/** `AWSSecretAccessKey` and `GITHUB_TOKEN` as `aws-secret-access-key` and `github-token`. */
function kebab(messageId: string): string {
  return messageId
    .replace(/([a-z])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3-$2')
    .replace(/_/g, '-')
    .toLowerCase();
}
