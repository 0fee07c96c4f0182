import { isCancellation, LongviewError, type ErrorCode } from '../errors.ts';
import { hostOf } from './gates.ts';
import { UploadError } from './uploadError.ts';
import { knownProvider } from './knownProvider.ts';
import { classifyRefusal, type Refusal } from './refusal.ts';
import { explainTls } from './tls.ts';
import type { Endpoint } from './types.ts';

/** A reply that is no answer, kept raw: the `openai` client drops flat bodies (reference/endpoints.md 0.4). */
export interface RawRefusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** True where it stood inside a stream that had begun with 200. */
  readonly stream?: boolean;
  /** No key went with the request. */
  readonly keyless?: boolean;
  /** Images went with it. */
  readonly images?: boolean;
}

/** What an endpoint answered instead of an answer, and what it means. */
export class RefusalError extends LongviewError {
  readonly refusal: Refusal;
  readonly raw: RawRefusal;

  constructor(code: ErrorCode, message: string, remedy: string, refusal: Refusal, raw: RawRefusal) {
    super(code, message, remedy);
    this.name = 'RefusalError';
    this.refusal = refusal;
    this.raw = raw;
  }
}

/** What a refusal means to the user, with the server's own words. `now`: ms since 1970, for dates in `Retry-After`. */
export function describeRefusal(endpoint: Endpoint, raw: RawRefusal, now = Date.now()): RefusalError {
  const { status, headers, body, stream } = raw;
  const refusal = classifyRefusal({ status, headers, body, ...(stream && { stream }) }, now);
  const name = endpoint.config.name ?? endpoint.config.id;
  const [code, message, remedy] = explain(endpoint, refusal, raw);
  return new RefusalError(
    code,
    `${name} ${message} (HTTP ${status}${shortBody(body)}).`,
    remedy,
    refusal,
    raw,
  );
}

/** Looks for words outside of what a refusal may quote: short bodies only. */
const says = (raw: RawRefusal, pattern: RegExp) => pattern.test(raw.body.slice(0, 4000));

const goneWords =
  /decommission|model_not_(?:found|available|supported)|model_deprecated|no such model|invalid model|not a valid model|no endpoints found|end of life|(?:model|function)\b[^."]{0,120}\b(?:deprecated|retired|removed|no longer|does not exist|not found|not supported)/i;
const paymentWords =
  /insufficient_quota|payment[ _](?:required|method)|requires more credits|budget has been exceeded|exceeded your (?:current quota|monthly included credits)|balance too low|daily free allocation|credits (?:expired|exhausted)/i;
const keyWords =
  /invalid_api_key|api[ _]?key (?:not valid|is invalid|provided)|authentication (?:error|credential)|unauthenticated/i;

/** What servers call an image, and what they say of one that they do not take; in either order. */
const imageNoun = String.raw`\b(?:images?(?:_url)?|vision|multi-?modal|mmproj)\b`;
const imageRefusal = String.raw`(?:support|accept|allow|enabled|only|invalid|malformed|corrupt|too many|too large|exceed|at most|may be provided|fail|could not|cannot|unable)`;
/** As vLLM, SGLang, llama.cpp, Ollama, OpenRouter, OpenAI, Qwen's processor and Bedrock word it. */
const imageWords = [
  new RegExp(`${imageRefusal}[^]{0,120}${imageNoun}|${imageNoun}[^]{0,120}${imageRefusal}`, 'i'),
  /not a multi-?modal model|text-only|mm-per-prompt|larger than factor/i,
  // Servers that know contents of one text only.
  /\bcontent\b[^]{0,60}\b(?:must|should) be an? (?:valid )?string/i,
];

function refusesImages(raw: RawRefusal): boolean {
  if (raw.images !== true || raw.status === 401 || raw.status === 429) return false;
  return raw.status === 413 || imageWords.some(pattern => says(raw, pattern));
}

function explain(
  endpoint: Endpoint,
  refusal: Refusal,
  raw: RawRefusal,
): [code: ErrorCode, message: string, remedy: string] {
  const { status } = raw;
  const { model } = endpoint.config;
  if (refusal.kind === 'context') {
    const limit = refusal.limitTokens === undefined ? '' : `: it takes ${refusal.limitTokens} tokens`;
    return [
      'over-limit',
      `says that the prompt is too long${limit}`,
      'Lower the endpoint’s "contextLimit", or choose one with a larger window.',
    ];
  }
  if (refusal.kind === 'output') {
    return [
      'output-limit',
      'does not write answers as long as the one asked for',
      'Set the endpoint’s "maxOutputTokens", or ask for fewer answer tokens.',
    ];
  }
  if (refusal.kind === 'other' && refusesImages(raw)) {
    return [
      'images-refused',
      'does not take these images',
      'Ask without images: switch "longview.images" off, or set the endpoint’s "images" to false. On a server of your own, start the model with its vision part and allow more images.',
    ];
  }
  if (status === 402 || says(raw, paymentWords))
    return ['payment', 'wants to be paid first', 'Look at the account’s credit and limits at the provider.'];
  if (refusal.kind === 'rate') return explainRate(refusal);
  if (status === 410 || says(raw, goneWords)) {
    return [
      'model-not-found',
      `does not know the model "${model}"`,
      'Choose another model: hosts withdraw them. Or correct its name.',
    ];
  }
  if (status === 401 || status === 403 || says(raw, keyWords)) {
    return explainAuth(endpoint, raw);
  }
  if (status === 404) {
    return [
      'model-not-found',
      `does not know the model "${model}", or the address`,
      'Check the model’s name and the base URL; hosts withdraw models.',
    ];
  }
  if (status === 413) {
    return [
      'refused',
      'or a proxy before it takes no request of so many bytes',
      'Raise the server’s or the proxy’s limit on body size, or pack less.',
    ];
  }
  if (status === 407) {
    return [
      'auth',
      'was not reached: the proxy wants a user name and a password',
      'Give them in the proxy’s address, for the CLI in HTTPS_PROXY, for VS Code in the setting http.proxy.',
    ];
  }
  if (status >= 300 && status < 400) {
    return [
      'refused',
      'sends the request elsewhere, which is not followed',
      'Write the address it names as base URL, if you trust it.',
    ];
  }
  const remedy =
    status >= 500 ? 'Ask again later; the server reports a fault of its own.' : 'See what the server says.';
  return ['refused', 'refused the request', remedy];
}

function explainAuth({ config }: Endpoint, raw: RawRefusal): [ErrorCode, string, string] {
  const { auth } = knownProvider(config);
  if (auth === 'aws' && raw.keyless === true) {
    return [
      'auth',
      'did not accept the AWS credentials found on this machine',
      'Check that they may invoke the model in this region (bedrock:InvokeModelWithResponseStream) and are not expired, or store a Bedrock API key as the endpoint’s key.',
    ];
  }
  if (raw.keyless === true) {
    return [
      'auth',
      `wants an API key, and no key is stored for "${config.id}"`,
      'Store it with "Longview: Set API Key"; for the CLI, name the environment variable that holds it with --api-key-env, or as "apiKeyEnv" in endpoints.json.',
    ];
  }
  return [
    'auth',
    'did not accept the API key',
    auth === 'google'
      ? 'Store a fresh access token with "Longview: Set API Key", or in the environment variable the CLI reads: they last about an hour.'
      : 'Store the right key with "Longview: Set API Key", or in the environment variable the CLI reads.',
  ];
}

/** A 200 that holds a web page: the base URL is one, or a part of the API's. `url`: what was asked. */
export function notAnApi({ config }: Endpoint, url = `${config.baseUrl}/chat/completions`): LongviewError {
  return new LongviewError(
    'bad-url',
    `${url} answers with a web page, not as an API does.`,
    config.baseUrl.endsWith('/v1')
      ? `Check the base URL ${config.baseUrl}.`
      : `The base URL of an API often ends in /v1: try ${config.baseUrl}/v1.`,
  );
}

function explainRate({ permanent, retryAfterMs }: Refusal): [ErrorCode, string, string] {
  if (permanent === true) {
    return [
      'rate-limited',
      'never takes so many tokens at once from this account',
      'Waiting does not help: lower the endpoint’s "contextLimit", or ask the provider for a higher rate.',
    ];
  }
  const remedy =
    retryAfterMs === undefined ? 'Wait, then ask again.' : `Ask again in ${inWords(retryAfterMs)}.`;
  return ['rate-limited', 'refuses for now: too many requests or tokens', remedy];
}

function inWords(ms: number): string {
  return ms < 120_000 ? `${Math.ceil(ms / 1000)} seconds` : `${Math.ceil(ms / 60_000)} minutes`;
}

/** The answer ended without saying that it was complete; what arrived is kept. `said`: the server's last words. */
export function brokenOff(endpoint: Endpoint, said?: string, cause?: unknown): LongviewError {
  const name = endpoint.config.name ?? endpoint.config.id;
  const words = said === undefined ? '' : shortBody(said);
  return new LongviewError(
    'incomplete-answer',
    `${name} broke off in the middle of the answer${words}.`,
    'What arrived is kept; ask again for the rest.',
    cause,
  );
}

const unreachable: ReadonlyMap<string | undefined, string> = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ENOTFOUND', 'no such host is known'],
  ['EAI_AGAIN', 'its name could not be looked up'],
  ['ETIMEDOUT', 'the connection timed out'],
  ['EHOSTUNREACH', 'no way leads there'],
  ['ENETUNREACH', 'no network leads there'],
]);

/** A connection that failed before or during the answer. */
export function describeNetworkError(endpoint: Endpoint, error: unknown): LongviewError {
  const host = hostOf(endpoint);
  let uploading = false;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof LongviewError) return cause;
    uploading ||= cause instanceof UploadError;
    const { code } = cause as NodeJS.ErrnoException;
    const tls = explainTls(code, cause.message);
    if (tls !== undefined)
      return new LongviewError('unreachable', `${host}: ${tls.what} (${tls.code}).`, tls.remedy, error);
    const why = unreachable.get(code);
    if (why !== undefined) {
      return new LongviewError(
        'unreachable',
        `No server answers at ${host}: ${why} [${code ?? ''}].`,
        'Check the endpoint’s base URL and the proxy, and that the server runs.',
        error,
      );
    }
  }
  const detail = innermost(error);
  if (uploading) {
    return new LongviewError(
      'unreachable',
      `The connection to ${host} broke while the prompt was being sent: ${detail}.`,
      'Ask again. If it breaks every time, the server or a proxy before it takes no request of this size.',
      error,
    );
  }
  return new LongviewError(
    'unreachable',
    `The connection to ${host} failed: ${detail}.`,
    'Ask again; if it persists, check the base URL, the proxy and the certificate.',
    error,
  );
}

/** The `openai` client's own errors say only "Connection error." */
function innermost(error: unknown): string {
  let found = error;
  while (found instanceof Error && found.cause instanceof Error && !isCancellation(found.cause))
    found = found.cause;
  const text = found instanceof Error ? found.message || found.name : String(found);
  return text.replace(/[.\s]+$/, '');
}

/** The server's message, short, for a parenthesis; empty where it said nothing. */
function shortBody(body: string): string {
  let message: unknown = body;
  try {
    const json = JSON.parse(body) as Record<string, unknown> | null;
    const error = json?.['error'] as { message?: unknown } | string | null | undefined;
    message =
      (typeof error === 'object' ? error?.message : error) ?? json?.['message'] ?? json?.['detail'] ?? body;
  } catch {
    // Not JSON: a proxy's page or plain text, shown as it is.
  }
  const line = (typeof message === 'string' ? message : JSON.stringify(message))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/[.\s]+$/, '')
    .trim();
  if (line === '') return '';
  return `: ${line.length > 300 ? `${line.slice(0, 300)}…` : line}`;
}
