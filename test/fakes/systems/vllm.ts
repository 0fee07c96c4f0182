import {
  created,
  define,
  flatError,
  json,
  listed,
  openaiErrors,
  openaiOverflow,
  overSharedWindow,
  scout,
} from './shared.ts';
import type { Ask, Errors, Route, RouteContext } from '../system.ts';
import type { FakeMessage, FakeOptions, Refusal, Reply } from '../types.ts';

/** True from this version on. Versions read `major.minor.patch`. */
function since(options: FakeOptions, version: string): boolean {
  const [a, b] = [options.version ?? '0.18.0', version].map(v => v.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Flat until 0.10.0, wrapped in `error` from 0.10.1. */
function refuse(options: FakeOptions, message: string, param: string | null = null): Refusal {
  if (!since(options, '0.10.1')) return flatError(400, message, 'BadRequestError');
  return json({ error: { message, type: 'BadRequestError', param, code: 400 } }, 400);
}

/** e119 (trailing " None" included); e003; e123 and e124; e126 and e127, whose prompt size is a lower bound. */
function overflow(ask: Ask): Refusal {
  const { options, promptTokens: prompt, model, maxTokens } = ask;
  const limit = model.contextTokens;
  const output = maxTokens ?? 0;
  if (!since(options, '0.14.0')) {
    const sentence = openaiOverflow({ ...ask, maxTokens: output });
    return refuse(options, since(options, '0.10.1') ? sentence : `${sentence} None`);
  }
  const head = `This model's maximum context length is ${limit} tokens.`;
  if (!since(options, '0.18.0'))
    return prompt > limit
      ? refuse(
          options,
          `${head} However, your request has ${prompt} input tokens. Please reduce the length of the input messages. (parameter=input_tokens, value=${prompt})`,
          'input_tokens',
        )
      : refuse(
          options,
          `'max_tokens' or 'max_completion_tokens' is too large: ${output}. ${head.slice(0, -1)} and your request has ${prompt} input tokens (${output} > ${limit} - ${prompt}). (parameter=max_tokens, value=${output})`,
          'max_tokens',
        );
  const least = limit - output + 1;
  return refuse(
    options,
    `${head} However, you requested ${output} output tokens and your prompt contains at least ${least} input tokens, for a total of at least ${limit + 1} tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=${least})`,
    'input_tokens',
  );
}

function admit(ask: Ask): Refusal | undefined {
  const limit = ask.model.contextTokens;
  const output = ask.maxTokens ?? 0;
  // e130
  if (since(ask.options, '0.14.0') && output > limit)
    return refuse(
      ask.options,
      `max_tokens=${output} cannot be greater than max_model_len=max_total_tokens=${limit}. Please request fewer output tokens. (parameter=max_tokens, value=${output})`,
      'max_tokens',
    );
  return overSharedWindow(ask) ? overflow(ask) : undefined;
}

const noModel = (id: string): Reply =>
  json(
    {
      error: {
        message: `The model \`${id}\` does not exist.`,
        type: 'NotFoundError',
        param: 'model',
        code: 404,
      },
    },
    404,
  );

export const vllmErrors: Errors = {
  ...openaiErrors,
  // e132
  unauthorized: () => json({ error: 'Unauthorized' }, 401),
  unknownModel: noModel,
  deadModel: noModel,
  overflow,
  midStream: () => ({
    body: {
      error: {
        message: 'EngineCore encountered an issue.',
        type: 'InternalServerError',
        param: null,
        code: 500,
      },
    },
    form: 'data',
    done: true,
  }),
  notFound: () => json({ detail: 'Not Found' }, 404),
  // dots.ocr#61 (trailing " None" included), vllm#13513
  images: (model, options, most) =>
    refuse(
      options,
      most === undefined
        ? 'cannot identify image file <_io.BytesIO object>'
        : most === 0
          ? `${model} is not a multimodal model${since(options, '0.10.1') ? '' : ' None'}`
          : `At most ${most} image(s) may be provided in one ${since(options, '0.10.1') ? 'prompt' : 'request'}.`,
    ),
};

/** `POST /tokenize` at the root: count and limit in one call, no key needed. Also SGLang's. */
export function tokenize(answer: (context: RouteContext, count: number) => Reply): Route {
  return {
    method: 'POST',
    path: '/tokenize',
    open: true,
    answer: context => {
      const body = context.request.body as { prompt?: string; messages?: FakeMessage[] };
      const { counter } = context;
      return answer(
        context,
        body.messages === undefined ? counter.text(body.prompt ?? '') : counter.messages(body.messages),
      );
    },
  };
}

/** Made-up ids; only their number is the model's. */
export function tokenIds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

export const vllm = define({
  name: 'vllm',
  basePath: '/v1',
  model: { id: scout, contextTokens: 1_048_576 },
  errors: vllmErrors,
  headers: { server: 'uvicorn' },
  // Reported only with --enable-prompt-tokens-details
  cache: { block: 16, minimum: 16, reportsByDefault: false },
  admit,
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      answer: c =>
        json({
          object: 'list',
          data: listed(c).map(m => ({
            id: m.id,
            object: 'model',
            created,
            owned_by: 'vllm',
            root: m.id,
            parent: null,
            max_model_len: m.contextTokens,
            permission: [],
          })),
        }),
    },
    tokenize(({ models }, count) =>
      json({ count, max_model_len: models[0]?.contextTokens, tokens: tokenIds(count), token_strs: null }),
    ),
    {
      method: 'GET',
      path: '/version',
      open: true,
      answer: c => json({ version: c.options.version ?? '0.18.0' }),
    },
    { method: 'GET', path: '/health', open: true, answer: () => ({ status: 200, body: '' }) },
  ],
});
