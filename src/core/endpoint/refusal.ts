import { normalise } from './refusalNumbers.ts';
import { firstOf, readText, type Mention, type Reading } from './refusalReading.ts';
import { waitOfHeaders, waitOfText } from './refusalRetry.ts';
import { codeRules, type KindRule } from './refusalRules.ts';
import { unwrapRefusal, type Unwrapped } from './refusalUnwrap.ts';

/** What an endpoint's refusal means. What is not known is absent, never null. */
export interface Refusal {
  /**
   * `context`: the request does not fit the window. `rate`: a bucket per time. `output`: only the answer asked
   * for is too long. `other`: anything else, sizes in bytes or characters included.
   */
  kind: 'context' | 'rate' | 'output' | 'other';
  /** Tokens the endpoint accepts; for `context` only. */
  limitTokens?: number;
  /** Whether the limit is of prompt and answer together or of the prompt alone; absent: unsaid, plan for `total`. */
  limitScope?: 'total' | 'input';
  /** Tokens the answer may have at most. */
  outputLimitTokens?: number;
  /** Tokens of the prompt, by the endpoint's count. */
  inputTokens?: number;
  /** Tokens of prompt and asked answer together, or of whatever the endpoint compared with its limit. */
  requestedTokens?: number;
  /** The counts are lower bounds ("at least N"): never calibrate a counter on them. */
  requestedIsLowerBound?: boolean;
  /** A rate limit this request can never pass (true), or will (false). */
  permanent?: boolean;
  /** How long to wait before the next try, milliseconds. */
  retryAfterMs?: number;
}

export interface RefusalInput {
  /** HTTP status; a hint, not a gate: overflows come as 200, 404, 429, 500 too. */
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Parsed or raw, wrapped in whatever. */
  readonly body: unknown;
  /** True where it arrived inside a stream. */
  readonly stream?: boolean;
}

const asWords = (code: string): string =>
  code
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[\W_]+/g, ' ')
    .toLowerCase()
    .trim();

function readCodes(codes: readonly string[]): KindRule | undefined {
  const words = codes.map(asWords);
  return codeRules.find(rule => words.some(w => rule.when.test(w)));
}

const sumOf = (mentions: readonly Mention[]): number => mentions.reduce((total, m) => total + m.value, 0);

/** "(658 of text input, 732 of tool input, …)" counts the prompt in parts. */
function inputOf(text: string, mentions: readonly Mention[]): Mention | undefined {
  const inputs = mentions.filter(m => m.role === 'input' && m.value > 0);
  const first = inputs[0];
  if (first === undefined || inputs.length === 1) return first;
  // "resulted in 9 tokens (5 in the messages, 4 in the functions)": the whole, then its parts.
  if (first.value === sumOf(inputs.slice(1))) return first;
  return /of text input|in the functions|of tool input/.test(text)
    ? { ...first, value: sumOf(inputs) }
    : first;
}

/** Which scope a limit without a noun has: that of what was compared with it. */
function scopeOf(limit: Mention, text: string): 'total' | 'input' | undefined {
  if (limit.role === 'limit-total') return 'total';
  if (limit.role === 'limit-input') return 'input';
  // Anthropic's bare "N > M maximum" names the shared window: the same M stands in "A + B > M".
  if (/prompt is too long: #\d+ tokens >/.test(text)) return 'total';
  return /\b(?:input|prompt)s? (?:length|token|tokens)/.test(text) ? 'input' : undefined;
}

function contextNumbers(reading: Reading | undefined, fields: Unwrapped['fields']): Omit<Refusal, 'kind'> {
  const text = reading?.text ?? '';
  const mentions = reading?.mentions ?? [];
  const field = (...names: readonly string[]): number | undefined =>
    names.map(n => fields.get(n)).find(v => v !== undefined && Number.isSafeInteger(v) && v > 0);

  const limit = firstOf(mentions, 'limit-total', 'limit-input', 'limit');
  const fieldLimit = field(
    'n_ctx',
    'max_model_len',
    'max_context_length',
    'context_length',
    'context_window',
  );
  const input = inputOf(text, mentions);
  const kept = firstOf(mentions, 'kept');
  const asked = mentions.find(m => m.role === 'asked-output');
  const stated = firstOf(mentions, 'requested');
  const scope = limit === undefined ? (fieldLimit === undefined ? undefined : 'total') : scopeOf(limit, text);
  // "must have less than 1024 tokens. Given: 1244": a count compared with an input limit is the input.
  const inputTokens =
    field('n_prompt_tokens') ??
    input?.value ??
    (scope === 'input' && limit?.role === 'limit-input' ? stated?.value : undefined) ??
    field('prompt_tokens', 'input_tokens');
  const requestedTokens =
    kept?.value ??
    stated?.value ??
    (inputTokens === undefined ? undefined : inputTokens + (asked?.value ?? 0));
  // llama.cpp states both numbers as fields: no wording to misread.
  const limitTokens = field('n_ctx') ?? limit?.value ?? fieldLimit;
  // vLLM 0.16 stops counting one past the room that is left, and says so only by the number.
  const cut =
    /you passed #\d+ input tokens/.test(text) &&
    input?.value === (limitTokens ?? 0) - (asked?.value ?? 0) + 1;
  const lowerBound = kept !== undefined || stated?.lowerBound === true || input?.lowerBound === true || cut;
  return {
    ...(limitTokens !== undefined && { limitTokens }),
    ...(scope !== undefined && { limitScope: scope }),
    ...(inputTokens !== undefined && { inputTokens }),
    ...(requestedTokens !== undefined && { requestedTokens }),
    ...(lowerBound && requestedTokens !== undefined && { requestedIsLowerBound: true }),
  };
}

function outputNumbers(reading: Reading | undefined): Omit<Refusal, 'kind'> {
  const mentions = reading?.mentions ?? [];
  const limit = firstOf(mentions, 'limit-output', 'limit', 'limit-total', 'limit-input');
  if (limit === undefined) return {};
  const exclusive = reading?.text.includes(`#${limit.value} (exclusive)`) ?? false;
  return { outputLimitTokens: exclusive ? limit.value - 1 : limit.value };
}

/**
 * Whether waiting helps. Tokens of this one request against the bucket decide; a bucket of zero and a plan without
 * the right never pass. A bucket that is merely busy passes, a day's too. No numbers: unknown.
 */
function permanence(text: string): boolean | undefined {
  const bucket = /\blimit:? ?#(\d+)/.exec(text)?.[1];
  const requested = /\brequested:? ?#(\d+)/.exec(text)?.[1];
  if (/extra usage is required|insufficient_quota|check your plan and billing details[^]{0,20}$/.test(text))
    return true;
  if (bucket !== undefined && Number(bucket) === 0) return true;
  return bucket === undefined || requested === undefined ? undefined : Number(requested) > Number(bucket);
}

function waitOf(
  input: RefusalInput,
  parts: Unwrapped,
  kind: Refusal['kind'],
  now: number,
): number | undefined {
  if (kind !== 'rate' && kind !== 'other') return undefined;
  const headers = new Map(parts.headers);
  for (const [name, value] of Object.entries(input.headers ?? {})) headers.set(name.toLowerCase(), value);
  const explicit = waitOfHeaders(headers, now, false);
  if (explicit !== undefined || kind === 'other') return explicit;
  const said = parts.texts.map(t => waitOfText(t)).find(ms => ms !== undefined);
  return said ?? waitOfHeaders(headers, now, true);
}

/** Where a body inside an HTTP 200 names the status it would have had. */
const statusFields = ['code', 'status', 'status_code', 'statuscode', 'http_code', 'http_status_code'];

function decide(
  input: RefusalInput,
  parts: Unwrapped,
): { kind: Refusal['kind']; readings: readonly Reading[] } {
  const tooMany = input.status === 429 || statusFields.some(name => parts.fields.get(name) === 429);
  const readings = parts.texts.map(readText);
  const named = parts.texts.flatMap(
    t => t.slice(0, 4_000).match(/\b[a-z]{2,30}(?:_[a-z]{2,30}){1,6}\b/g) ?? [],
  );
  const code = readCodes(parts.codes) ?? readCodes(named);
  const first = readings.find(r => r.rule !== undefined);
  const outweighed = first?.rule?.weak === true && (tooMany || code?.kind === 'rate');
  if (first?.rule !== undefined && !outweighed) {
    const bare =
      first.rule.kind === 'context' &&
      firstOf(first.mentions, 'limit-total', 'limit-input', 'limit') === undefined;
    if (bare && code?.kind === 'rate') return { kind: 'rate', readings };
    return { kind: first.rule.kind, readings };
  }
  if (code?.kind === 'other' && tooMany) return { kind: 'rate', readings };
  if (code !== undefined) return { kind: code.kind, readings };
  return { kind: tooMany ? 'rate' : 'other', readings };
}

const known = (reading: Reading): number => reading.mentions.filter(m => m.role !== 'none').length;

/**
 * Reads a refusal. Never throws, whatever the body is; linear in its size. `now` (ms since 1970) is what a
 * `Retry-After` date is measured from.
 */
export function classifyRefusal(input: RefusalInput, now: number = Date.now()): Refusal {
  const parts = unwrapRefusal(input.body);
  const { kind, readings } = decide(input, parts);
  const ruled = readings.filter(r => r.rule?.kind === kind);
  const same = ruled.length > 0 ? ruled : readings.filter(r => r.rule === undefined);
  // The sentence that says most speaks; gateways repeat a refusal in shorter words around it.
  const best = same.toSorted((a, b) => known(b) - known(a))[0];
  const wait = waitOf(input, parts, kind, now);
  const permanent =
    kind === 'rate' ? permanence([...parts.texts.map(normalise), ...parts.codes].join(' \n ')) : undefined;
  return {
    kind,
    ...(kind === 'context' && contextNumbers(best, parts.fields)),
    ...(kind === 'output' && outputNumbers(best)),
    ...(permanent !== undefined && { permanent }),
    ...(wait !== undefined && { retryAfterMs: wait }),
  };
}
