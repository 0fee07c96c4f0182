import {
  define,
  detailedUsage,
  modelList,
  openaiError,
  openaiErrors,
  perToken,
  retryAfter,
  sharedWindow,
} from './shared.ts';
import type { Errors } from '../system.ts';

const place =
  'in organization `org_00000000000000000000000000` service tier `on_demand` on tokens per minute (TPM)';

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => openaiError(401, 'Invalid API Key', { code: 'invalid_api_key' }),
  // e055: no numbers
  overflow: () =>
    openaiError(400, 'Please reduce the length of the messages or completion.', {
      param: 'messages',
      code: 'context_length_exceeded',
    }),
  unknownModel: id =>
    openaiError(404, `The model \`${id}\` does not exist or you do not have access to it.`, {
      code: 'model_not_found',
    }),
  // e064
  deadModel: id =>
    openaiError(
      400,
      `The model \`${id}\` has been decommissioned and is no longer supported. Please refer to https://console.groq.com/docs/deprecations for a recommendation on which model to use instead.`,
      { code: 'model_decommissioned' },
    ),
  // e056 (413: can never pass), e059 (429: busy)
  rate: r =>
    r.permanent
      ? openaiError(
          413,
          `Request too large for model \`${r.model}\` ${place}: Limit ${r.limit}, Requested ${r.requested}, please reduce your message size and try again. Visit https://console.groq.com/docs/rate-limits for more information.`,
          { type: 'tokens', code: 'rate_limit_exceeded' },
        )
      : {
          ...openaiError(
            429,
            `Rate limit reached for model \`${r.model}\` ${place}: Limit ${r.limit}, Used ${r.used}, Requested ${r.requested}. Please try again in ${r.retryAfterSeconds}s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing`,
            { type: 'tokens', code: 'rate_limit_exceeded' },
          ),
          headers: {
            ...retryAfter(r.retryAfterSeconds),
            'x-ratelimit-limit-tokens': String(r.limit),
            'x-ratelimit-remaining-tokens': String(r.limit - r.used),
            'x-ratelimit-reset-tokens': `${r.retryAfterSeconds}s`,
          },
        },
  midStream: model => ({
    body: {
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      model,
      choices: [{ index: 0, delta: {}, finish_reason: null }],
      x_groq: { id: 'req_1', error: 'over_capacity' },
    },
    form: 'data',
    done: false,
  }),
  notFound: (method, path) =>
    openaiError(
      404,
      `Unknown request URL: ${method} ${path}. Please check the URL for typos, or see the docs at https://console.groq.com/docs/`,
      {
        code: 'unknown_url',
      },
    ),
};

/** Tokens per minute (option `tokensPerMinute`) are the true ceiling. */
export const groq = define({
  name: 'groq',
  basePath: '/openai/v1',
  model: {
    id: 'meta-llama/llama-4-scout-17b-16e-instruct',
    contextTokens: 131_072,
    maxOutputTokens: 8192,
    price: { input: 0.11, output: 0.34, cacheRead: 0.055 },
  },
  errors,
  stream: { usage: 'x_groq' },
  cache: { block: 128, minimum: 256, reportsByDefault: true },
  // e063
  admit: sharedWindow(errors, (ask, limit) =>
    openaiError(400, `max_tokens for \`${ask.model.id}\` must be less than or equal to ${limit}`),
  ),
  usage: a => ({
    ...detailedUsage(a),
    queue_time: 0.01,
    prompt_time: 0.1,
    completion_time: 0.2,
    total_time: 0.3,
  }),
  tooManyBytes: () => openaiError(413, 'Request Entity Too Large', { code: 'request_too_large' }),
  routes: [
    modelList('/openai/v1/models', (m, { options }) =>
      options.version === '2026-03'
        ? {
            active: true,
            context_window: m.contextTokens,
            max_completion_tokens: m.maxOutputTokens ?? m.contextTokens,
            public_apps: null,
          }
        : {
            active: true,
            context_length: m.contextTokens,
            max_output_length: m.maxOutputTokens ?? m.contextTokens,
            input_modalities: ['text'],
            output_modalities: ['text'],
            ...(m.price === undefined
              ? {}
              : {
                  pricing: {
                    prompt: perToken(m.price.input),
                    completion: perToken(m.price.output),
                    ...(m.price.cacheRead === undefined
                      ? {}
                      : { input_cache_read: perToken(m.price.cacheRead) }),
                  },
                }),
          },
    ),
  ],
});
