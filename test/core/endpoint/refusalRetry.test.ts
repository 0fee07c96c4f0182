import assert from 'node:assert/strict';
import { classifyRefusal, type Refusal } from '../../../src/core/endpoint/refusal.ts';
import { parseDuration } from '../../../src/core/endpoint/refusalRetry.ts';

const now = Date.UTC(2026, 10, 21, 7, 0, 0);
const busy = { error: { message: 'Rate limit reached', type: 'rate_limit_error' } };

describe('retryAfterMs', () => {
  const headers: readonly (readonly [string, Record<string, string>, number | undefined])[] = [
    ['seconds', { 'Retry-After': '30' }, 30_000],
    ['fractions of a second', { 'retry-after': '1.5' }, 1_500],
    ['an HTTP date', { 'retry-after': 'Sat, 21 Nov 2026 07:02:00 GMT' }, 120_000],
    ['a date that has passed', { 'retry-after': 'Sat, 21 Nov 2026 06:00:00 GMT' }, 0],
    ['milliseconds before seconds', { 'retry-after-ms': '250', 'retry-after': '1' }, 250],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['an OpenAI reset', { 'x-ratelimit-reset-tokens': '1m2.5s' }, 62_500],
    ['a Groq reset in ms', { 'x-ratelimit-reset-requests': '120ms' }, 120],
    ['an OpenRouter moment in ms', { 'X-RateLimit-Reset': String(now + 5_000) }, 5_000],
    ['a moment in seconds', { 'x-ratelimit-reset': String(now / 1_000 + 7) }, 7_000],
    ['an Anthropic moment', { 'anthropic-ratelimit-tokens-reset': '2026-11-21T07:00:09Z' }, 9_000],
    [
      'the bucket that is empty',
      {
        'x-ratelimit-reset-requests': '60s',
        'x-ratelimit-remaining-requests': '12',
        'x-ratelimit-reset-tokens': '6s',
        'x-ratelimit-remaining-tokens': '0',
      },
      6_000,
    ],
    ['an explicit wait before a reset', { 'retry-after': '2', 'x-ratelimit-reset-tokens': '60s' }, 2_000],
  ];
  for (const [name, given, wait] of headers) {
    it(`reads ${name} from the headers`, () => {
      assert.equal(classifyRefusal({ status: 429, headers: given, body: busy }, now).retryAfterMs, wait);
    });
  }

  const texts: readonly (readonly [string, number | undefined])[] = [
    ['Rate limit reached. Please try again in 174ms. Visit https://x.test', 174],
    ['Rate limit reached. Please try again in 11.18s. Need more tokens?', 11_180],
    ['Rate limit reached. Please try again in 5m19.68s.', 319_680],
    ['Rate limit reached. Please try again in 1m2.5s', 62_500],
    ['Rate limit reached. Please try again in 7h12m0s.', 25_920_000],
    ['Rate limit exceeded. Please retry after 26 seconds.', 26_000],
    ['Quota exceeded. Please retry in 36.593370567s.', 36_594],
    ['max RPM: 3, please try again after 1 seconds', 1_000],
    ['Rate limit reached, try again later', undefined],
  ];
  for (const [message, wait] of texts) {
    it(`reads "${message}"`, () => {
      assert.equal(classifyRefusal({ status: 429, body: { error: { message } } }, now).retryAfterMs, wait);
    });
  }

  it('reads what Google and OpenRouter put into the body', () => {
    const google = {
      error: {
        code: 429,
        message: 'Resource exhausted',
        status: 'RESOURCE_EXHAUSTED',
        details: [{ retryDelay: '37s' }],
      },
    };
    const router = {
      error: {
        code: 429,
        message: 'Provider returned error',
        metadata: { headers: { 'Retry-After': '12' } },
      },
    };
    assert.equal(classifyRefusal({ body: google }, now).retryAfterMs, 37_000);
    assert.equal(classifyRefusal({ status: 429, body: router }, now).retryAfterMs, 12_000);
  });

  it('keeps an explicit wait of an overloaded server, and gives none for what waiting cannot cure', () => {
    const wait = { 'retry-after': '5' };
    assert.deepEqual(classifyRefusal({ status: 503, headers: wait, body: 'busy' }, now), {
      kind: 'other',
      retryAfterMs: 5_000,
    });
    const body = 'prompt is too long: 5000 tokens > 4096 maximum';
    assert.equal(classifyRefusal({ status: 400, headers: wait, body }, now).retryAfterMs, undefined);
  });

  it('adds the parts of a duration up', () => {
    assert.equal(parseDuration('1 hour 2 minutes 3 seconds'), 3_723_000);
    assert.equal(parseDuration('none'), undefined);
  });
});

describe('permanent', () => {
  const cases: readonly (readonly [string, string, Refusal['permanent']])[] = [
    ['one request over the minute', 'tokens per minute (TPM): Limit 6000, Requested 10338', true],
    ['one request over the day', 'tokens per day (TPD): Limit 100,000, Requested 140,000', true],
    ['a busy minute', 'tokens per minute (TPM): Limit 30000, Used 27754, Requested 7836', false],
    ['a day used up', 'tokens per day (TPD): Limit 500000, Used 497943, Requested 3907', false],
    ['exactly the bucket', 'tokens per minute (TPM): Limit 6000, Requested 6000', false],
    ['a bucket of zero', 'Quota exceeded for metric: free_tier_input_token_count, limit: 0, model: m', true],
    ['a plan without the right', 'Extra usage is required for long context requests.', true],
    ['no numbers', 'Too many tokens, please wait before trying again.', undefined],
    [
      'a limit without the request',
      'would exceed your rate limit of 80,000 input tokens per minute',
      undefined,
    ],
  ];
  for (const [name, message, permanent] of cases) {
    it(`${name}: ${String(permanent)}`, () => {
      const got = classifyRefusal({ status: 429, body: { error: { message } } }, now);
      assert.deepEqual([got.kind, got.permanent], ['rate', permanent]);
    });
  }
});
