import type { Accounting, Ask, Errors, Route, RouteContext, System } from '../system.ts';
import type { FakeModel, Refusal, Reply } from '../types.ts';

export const scout = 'meta-llama/Llama-4-Scout-17B-16E-Instruct';

/** Fixed, so that two runs give the same bytes: 2025-11-21. */
export const created = 1_763_712_000;

export function json(body: unknown, status = 200, headers?: Record<string, string>): Reply {
  return headers === undefined ? { status, body } : { status, body, headers };
}

export function openaiError(
  status: number,
  message: string,
  more: { type?: string; param?: string | null; code?: string | number | null } = {},
): Reply {
  const { type = 'invalid_request_error', param = null, code = null } = more;
  return { status, body: { error: { message, type, param, code } } };
}

export const openaiErrors: Errors = {
  unauthorized: () =>
    openaiError(
      401,
      'Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.',
      { code: 'invalid_api_key' },
    ),
  payment: () =>
    openaiError(402, 'You exceeded your current quota, please check your plan and billing details.', {
      type: 'insufficient_quota',
      code: 'insufficient_quota',
    }),
  unknownModel: id =>
    openaiError(404, `The model \`${id}\` does not exist or you do not have access to it.`, {
      code: 'model_not_found',
    }),
  deadModel: id =>
    openaiError(
      404,
      `The model \`${id}\` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations`,
      {
        code: 'model_not_found',
      },
    ),
  rate: r => ({
    ...openaiError(
      429,
      r.permanent
        ? `Request too large for ${r.model} in organization org-XXXXXXXXXXXXXXXXXXXXXXXX on tokens per min (TPM): Limit ${r.limit}, Requested ${r.requested}. The input or output tokens must be reduced in order to run successfully. Visit https://platform.openai.com/account/rate-limits to learn more.`
        : `Rate limit reached for ${r.model} in organization org-XXXXXXXXXXXXXXXXXXXXXXXX on tokens per min (TPM): Limit ${r.limit}, Used ${r.used}, Requested ${r.requested}. Please try again in ${r.retryAfterSeconds}s. Visit https://platform.openai.com/account/rate-limits to learn more.`,
      { type: 'tokens', code: 'rate_limit_exceeded' },
    ),
    ...(r.permanent ? {} : { headers: retryAfter(r.retryAfterSeconds) }),
  }),
  overflow: ask =>
    openaiError(400, openaiOverflow(ask), { param: 'messages', code: 'context_length_exceeded' }),
  midStream: () => ({
    body: {
      error: {
        message: 'The server had an error while processing your request. Sorry about that!',
        type: 'server_error',
        param: null,
        code: null,
      },
    },
    form: 'data',
    done: false,
  }),
  unknownParameter: name =>
    openaiError(400, `Unrecognized request argument supplied: ${name}`, {
      code: 'unknown_parameter',
      param: name,
    }),
  notFound: (method, path) => openaiError(404, `Invalid URL (${method} ${path})`),
  // textgrad#210; the others are not first-hand
  images: (_model, _options, most) =>
    most === undefined
      ? openaiError(400, 'You uploaded an unsupported image. Please make sure your image is valid.', {
          code: 'image_parse_error',
        })
      : most === 0
        ? openaiError(400, 'Invalid content type. image_url is only supported by certain models.', {
            param: 'messages.[1].content.[1].type',
          })
        : openaiError(400, `Too many images in request: at most ${most} images are supported.`),
};

export function retryAfter(seconds: number): Record<string, string> {
  return { 'retry-after': String(seconds) };
}

/** The two classic sentences: with and without a requested answer. */
export function openaiOverflow({ model, promptTokens, maxTokens }: Ask): string {
  const head = `This model's maximum context length is ${model.contextTokens} tokens. However, `;
  return maxTokens === undefined
    ? `${head}your messages resulted in ${promptTokens} tokens. Please reduce the length of the messages.`
    : `${head}you requested ${promptTokens + maxTokens} tokens (${promptTokens} in the messages, ${maxTokens} in the completion). Please reduce the length of the messages or completion.`;
}

/** FastAPI's envelope, which vLLM (old), SGLang, Mistral and others send flat. */
export function flatError(
  status: number,
  message: string,
  type: string,
  code: string | number = status,
): Reply {
  return { status, body: { object: 'error', message, type, param: null, code } };
}

/** Prompt and requested answer must fit together: what most servers enforce. */
export function overSharedWindow(ask: Ask): boolean {
  return ask.promptTokens + (ask.maxTokens ?? 0) > ask.model.contextTokens;
}

/** What it cost, cached tokens at their own price. */
export function costOf({ promptTokens, completionTokens, cachedTokens = 0, model }: Accounting): number {
  const price = model.price ?? { input: 0, output: 0 };
  const cached = cachedTokens * (price.cacheRead ?? price.input);
  return ((promptTokens - cachedTokens) * price.input + cached + completionTokens * price.output) / 1e6;
}

export function sharedWindow(errors: Errors, output?: (ask: Ask, limit: number) => Refusal) {
  return (ask: Ask): Refusal | undefined => {
    const limit = ask.model.maxOutputTokens;
    if (output !== undefined && limit !== undefined && (ask.maxTokens ?? 0) > limit)
      return output(ask, limit);
    return overSharedWindow(ask) ? errors.overflow(ask) : undefined;
  };
}

export const openaiOutput = (ask: Ask, limit: number): Refusal =>
  openaiError(
    400,
    `max_tokens is too large: ${ask.maxTokens ?? 0}. This model supports at most ${limit} completion tokens, whereas you provided ${ask.maxTokens ?? 0}.`,
    { param: 'max_tokens', code: 'invalid_value' },
  );

function plainUsage({ promptTokens, completionTokens }: Accounting): Record<string, unknown> {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** With `prompt_tokens_details.cached_tokens`, where the system reports its cache. */
export function detailedUsage(a: Accounting): Record<string, unknown> {
  return {
    ...plainUsage(a),
    ...(a.cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: a.cachedTokens } }),
  };
}

/** `GET …/models`; `card` adds the system's own fields to OpenAI's four. */
export function modelList(
  path: string,
  card: (model: FakeModel, context: RouteContext) => Record<string, unknown>,
  owner = 'meta',
): Route {
  return {
    method: 'GET',
    path,
    answer: context =>
      json({
        object: 'list',
        data: listed(context).map(m => ({
          id: m.id,
          object: 'model',
          created,
          owned_by: owner,
          ...card(m, context),
        })),
      }),
  };
}

/** Living models only: what most lists show. */
export function listed(context: RouteContext): readonly FakeModel[] {
  return context.models.filter(m => m.dead !== true);
}

/** USD per token as a decimal string, as OpenRouter, Groq and Cerebras write it. */
export function perToken(usdPerMillion: number): string {
  return (usdPerMillion / 1e6).toFixed(12).replace(/0+$/, '').replace(/\.$/, '');
}

type Needed = Pick<System, 'name' | 'basePath' | 'model' | 'routes'>;

/** A system is OpenAI's behaviour with what is its own. */
export function define(own: Needed & Partial<System>): System {
  const errors = own.errors ?? openaiErrors;
  const base = own.basePath.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return {
    auth: 'bearer',
    chatPath: new RegExp(`^${base}/chat/completions$`),
    errors,
    stream: { usage: 'asked' },
    admit: sharedWindow(errors),
    usage: detailedUsage,
    cache: { block: 1, minimum: 1, reportsByDefault: false },
    ...own,
  };
}
