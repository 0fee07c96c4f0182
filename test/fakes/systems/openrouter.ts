import {
  costOf,
  created,
  define,
  detailedUsage,
  json,
  listed,
  openaiErrors,
  overSharedWindow,
  perToken,
  retryAfter,
} from './shared.ts';
import type { Ask, Errors } from '../system.ts';
import type { FakeModel, FakePrice, FakeProvider, Reply } from '../types.ts';

function error(status: number, message: string, metadata?: object): Reply {
  return {
    status,
    body: { error: { message, code: status, ...(metadata === undefined ? {} : { metadata }) } },
  };
}

/** Its estimate of the prompt, on which the preflight check works. */
function estimated(ask: Ask): Ask {
  return { ...ask, promptTokens: Math.round(ask.promptTokens * (ask.options.estimateFactor ?? 1)) };
}

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => error(401, 'No cookie auth credentials found'),
  payment: () =>
    error(
      402,
      'This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 1024. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account',
    ),
  unknownModel: id => error(400, `${id} is not a valid model ID`),
  deadModel: id => error(404, `No endpoints found for ${id}.`),
  rate: r => ({
    ...error(429, 'Provider returned error', {
      raw: `${r.model} is temporarily rate-limited upstream. Please retry shortly.`,
      provider_name: 'DeepInfra',
    }),
    headers: retryAfter(r.retryAfterSeconds),
  }),
  // nexu#733: a 404, which means other things elsewhere
  images: (_model, _options, most) =>
    most === 0
      ? error(404, 'No endpoints found that support image input')
      : error(400, 'Provider returned error', { raw: 'Too many images or an invalid image.' }),
  // e034, e035
  overflow: ask => {
    const { model, promptTokens, maxTokens } = estimated(ask);
    const parts =
      maxTokens === undefined
        ? `(${promptTokens} of text input)`
        : `(${promptTokens} of text input, ${maxTokens} in the output)`;
    return error(
      400,
      `This endpoint's maximum context length is ${model.contextTokens} tokens. However, you requested about ${promptTokens + (maxTokens ?? 0)} tokens ${parts}. Please reduce the length of either one, or use the context-compression plugin to compress your prompt automatically.`,
      { provider_name: null },
    );
  },
  // e047
  midStream: model => ({
    body: {
      id: 'gen-1',
      object: 'chat.completion.chunk',
      created,
      model,
      provider: 'DeepInfra',
      error: { code: 'server_error', message: 'Provider disconnected unexpectedly' },
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    },
    form: 'data',
    done: false,
  }),
  notFound: () => error(404, 'Not Found'),
};

function pricing(price: FakePrice | undefined): object {
  return {
    prompt: perToken(price?.input ?? 0),
    completion: perToken(price?.output ?? 0),
    ...(price?.cacheRead === undefined ? {} : { input_cache_read: perToken(price.cacheRead) }),
    request: '0',
    image: '0',
  };
}

/** The trap: `context_length` is the model's, `top_provider.context_length` that of who serves it. */
function card(m: FakeModel): object {
  return {
    id: m.id,
    canonical_slug: m.id,
    name: m.id,
    created,
    context_length: m.advertisedTokens ?? m.contextTokens,
    architecture: { modality: 'text->text', tokenizer: 'Llama4', instruct_type: null },
    pricing: pricing(m.price),
    top_provider: {
      context_length: m.contextTokens,
      max_completion_tokens: m.maxOutputTokens ?? null,
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: ['max_tokens', 'temperature', 'stop'],
  };
}

function endpoint(m: FakeModel, p: FakeProvider): object {
  return {
    name: `${p.name} | ${m.id}`,
    model_id: m.id,
    provider_name: p.name,
    tag: p.name.toLowerCase(),
    quantization: 'fp8',
    status: 0,
    context_length: p.contextTokens,
    max_prompt_tokens: p.maxInputTokens ?? null,
    max_completion_tokens: p.maxOutputTokens ?? null,
    pricing: pricing(p.price ?? m.price),
    supports_implicit_caching: true,
    uptime_last_30m: 99.9,
  };
}

export const openrouter = define({
  name: 'openrouter',
  basePath: '/api/v1',
  model: {
    id: 'meta-llama/llama-4-scout',
    contextTokens: 1_310_720,
    maxOutputTokens: 16_384,
    price: { input: 0.1, output: 0.3, cacheRead: 0.05 },
  },
  errors,
  stream: { usage: 'always', comments: ['OPENROUTER PROCESSING', 'OPENROUTER PROCESSING'] },
  cache: { block: 64, minimum: 64, reportsByDefault: true },
  admit: ask => (overSharedWindow(estimated(ask)) ? errors.overflow(ask) : undefined),
  usage: a => {
    const cached = a.cachedTokens ?? 0;
    return {
      ...detailedUsage(a),
      prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: a.promptTokens - cached },
      cost: costOf(a),
    };
  },
  routes: [
    { method: 'GET', path: '/api/v1/models', open: true, answer: c => json({ data: listed(c).map(card) }) },
    {
      method: 'GET',
      path: /^\/api\/v1\/models\/(.+)\/endpoints$/,
      open: true,
      answer: c => {
        const m = listed(c).find(x => x.id === c.params[0]);
        if (m === undefined) return errors.notFound('GET', '');
        const providers = m.providers ?? [{ name: 'DeepInfra', ...m }];
        return json({
          data: { id: m.id, name: m.id, created, endpoints: providers.map(p => endpoint(m, p)) },
        });
      },
    },
  ],
});
