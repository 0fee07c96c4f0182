import { LongviewError } from '../errors.ts';
import { hostOf } from './gates.ts';
import type { Endpoint } from './types.ts';

/** A reply that is not 2xx, kept raw: the `openai` client drops flat bodies (reference/endpoints.md 0.4). */
export interface RawRefusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What a refusal means to the user, with the server's own words. */
export function describeRefusal(endpoint: Endpoint, refusal: RawRefusal): LongviewError {
  const { status } = refusal;
  const name = endpoint.config.name ?? endpoint.config.id;
  const said = shortBody(refusal.body);
  switch (status) {
    case 401:
    case 403:
      return new LongviewError(
        'auth',
        `${name} did not accept the API key (HTTP ${status}${said}).`,
        'Store the right key with "Longview: Set API Key", or in the environment variable the CLI reads.',
      );
    case 404:
    case 410:
      return new LongviewError(
        'model-not-found',
        `${name} does not know the model "${endpoint.config.model}" (HTTP ${status}${said}).`,
        'Check the model’s name and the base URL; hosts withdraw models.',
      );
    case 429:
      return new LongviewError(
        'rate-limited',
        `${name} refuses for now: too many requests or tokens (HTTP 429${said}).`,
        'Wait, then ask again; nothing is sent again by itself.',
      );
    default:
      return new LongviewError(
        'refused',
        `${name} refused the request (HTTP ${status}${said}).`,
        status >= 500
          ? 'Ask again later; the server reports a fault of its own.'
          : 'See what the server says.',
      );
  }
}

/** A connection that failed before or during the answer. */
export function describeNetworkError(endpoint: Endpoint, error: unknown): LongviewError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof LongviewError) return cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (
      code === 'ECONNREFUSED' ||
      code === 'ENOTFOUND' ||
      code === 'EAI_AGAIN' ||
      code === 'ETIMEDOUT' ||
      code === 'EHOSTUNREACH'
    ) {
      return new LongviewError(
        'unreachable',
        `No server answers at ${hostOf(endpoint)} (${code}).`,
        'Check the endpoint’s base URL, and that the server runs.',
        error,
      );
    }
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new LongviewError(
    'unreachable',
    `The connection to ${hostOf(endpoint)} failed: ${detail}.`,
    'Ask again; if it persists, check the base URL, the proxy and the certificate.',
    error,
  );
}

/** The server's message, short, for a parenthesis; empty where it said nothing. */
function shortBody(body: string): string {
  let message: unknown = body;
  try {
    const json = JSON.parse(body) as {
      error?: { message?: unknown } | string;
      message?: unknown;
      detail?: unknown;
    };
    const error = json.error;
    message = (typeof error === 'object' ? error.message : error) ?? json.message ?? json.detail ?? body;
  } catch {
    // Not JSON: a proxy's page or plain text, shown as it is.
  }
  const line = (typeof message === 'string' ? message : JSON.stringify(message))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (line === '') return '';
  return `: ${line.length > 300 ? `${line.slice(0, 300)}…` : line}`;
}
