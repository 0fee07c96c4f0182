import {
  created,
  define,
  detailedUsage,
  flatError,
  json,
  listed,
  openaiErrors,
  overSharedWindow,
  scout,
} from './shared.ts';
import { tokenIds, tokenize } from './vllm.ts';
import type { Ask, Errors } from '../system.ts';
import type { Refusal } from '../types.ts';

function refuse(ask: Ask, message: string): Refusal {
  const flat = flatError(400, message, 'BadRequestError');
  // A stream has begun with 200 before the prompt is checked.
  return ask.stream ? { ...flat, body: { error: flat.body }, inStream: 'data', done: true } : flat;
}

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => json({ error: 'Unauthorized' }, 401),
  unknownModel: id => flatError(404, `The model '${id}' does not exist.`, 'NotFoundError'),
  // e134; e080 for a prompt too long by itself
  overflow: ask => {
    const { promptTokens: prompt, maxTokens: output = 0, model } = ask;
    return prompt > model.contextTokens
      ? refuse(
          ask,
          `The input (${prompt} tokens) is longer than the model's context length (${model.contextTokens} tokens).`,
        )
      : refuse(
          ask,
          `Requested token count exceeds the model's maximum context length of ${model.contextTokens} tokens. You requested a total of ${prompt + output} tokens: ${prompt} tokens from the input messages and ${output} tokens for the completion. Please reduce the number of tokens in the input messages or the completion to fit within the limit.`,
        );
  },
  midStream: () => ({
    body: { error: flatError(500, 'Internal server error', 'InternalServerError').body },
    form: 'data',
    done: true,
  }),
  notFound: () => json({ detail: 'Not Found' }, 404),
};

/** Key-value memory may hold less than the window: `maxInputTokens`. `silentTruncation` is --allow-auto-truncate. */
export const sglang = define({
  name: 'sglang',
  basePath: '/v1',
  model: { id: scout, contextTokens: 1_048_576 },
  errors,
  headers: { server: 'uvicorn' },
  cut: 'end',
  // Reported only with --enable-cache-report, and only when there is a hit.
  cache: { block: 1, minimum: 1, reportsByDefault: false },
  usage: a => detailedUsage(a.cachedTokens === 0 ? { ...a, cachedTokens: undefined } : a),
  admit: ask => {
    if (overSharedWindow(ask)) return errors.overflow(ask);
    const most = ask.model.maxInputTokens;
    return most !== undefined && ask.promptTokens > most
      ? refuse(
          ask,
          `Input length (${ask.promptTokens} tokens) exceeds the maximum allowed length (${most} tokens). Use a shorter input or enable --allow-auto-truncate.`,
        )
      : undefined;
  },
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
            owned_by: 'sglang',
            root: m.id,
            parent: null,
            max_model_len: m.contextTokens,
          })),
        }),
    },
    tokenize(({ models }, count) =>
      json({ tokens: tokenIds(count), count, max_model_len: models[0]?.contextTokens }),
    ),
    {
      method: 'GET',
      path: '/get_model_info',
      answer: ({ models }) =>
        json({ model_path: models[0]?.id, tokenizer_path: models[0]?.id, is_generation: true }),
    },
    {
      method: 'GET',
      path: '/get_server_info',
      answer: ({ models: [m] }) =>
        json({
          model_path: m?.id,
          context_length: null,
          status: 'ready',
          max_total_num_tokens: m?.maxInputTokens ?? m?.contextTokens,
          max_req_input_len: (m?.maxInputTokens ?? m?.contextTokens ?? 0) - 6,
          version: '0.5.9',
        }),
    },
    { method: 'GET', path: '/health', open: true, answer: () => ({ status: 200, body: '' }) },
  ],
});
