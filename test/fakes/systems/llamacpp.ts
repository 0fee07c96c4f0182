import { inputTokens } from './openai.ts';
import { created, define, json, openaiErrors } from './shared.ts';
import { tokenIds } from './vllm.ts';
import type { Errors, RouteContext } from '../system.ts';
import type { FakeMessage, Reply } from '../types.ts';

function error(status: number, message: string, type: string, more: object = {}): Reply {
  return json({ error: { code: status, message, type, ...more } }, status);
}

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => error(401, 'Invalid API Key', 'authentication_error'),
  unknownModel: id => error(404, `model '${id}' not found`, 'not_found_error'),
  // e156: numbers as fields
  overflow: ({ promptTokens, model }) =>
    error(
      400,
      `request (${promptTokens} tokens) exceeds the available context size (${model.contextTokens} tokens), try increasing it`,
      'exceed_context_size_error',
      { n_prompt_tokens: promptTokens, n_ctx: model.contextTokens },
    ),
  // e160
  midStream: () => ({
    body: error(500, 'Context size has been exceeded.', 'server_error').body,
    form: 'data',
    done: false,
  }),
  notFound: () => error(404, 'File Not Found', 'not_found_error'),
  // llama.cpp#15377
  images: (_model, _options, most) =>
    error(
      500,
      most === 0
        ? 'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj'
        : 'Failed to load image or audio file',
      'server_error',
    ),
};

function template({ request }: RouteContext): string {
  const { messages = [] } = request.body as { messages?: FakeMessage[] };
  return messages.map(m => `<|header_start|>${m.role}<|header_end|>\n\n${m.content}<|eot|>`).join('');
}

/**
 * `n_ctx` is one slot's (`slots` of them); `/v1/models` tells only the training window (`advertisedTokens`).
 * `max_tokens` is not checked: generation stops at the window.
 */
export const llamacpp = define({
  name: 'llamacpp',
  basePath: '/v1',
  model: {
    id: 'Llama-4-Scout-17B-16E-Instruct-Q4_K_M.gguf',
    contextTokens: 131_072,
    advertisedTokens: 10_485_760,
  },
  errors,
  anyModel: true,
  headers: { server: 'llama.cpp' },
  fingerprint: 'b7100-0a1b2c3d',
  cache: { block: 1, minimum: 1, reportsByDefault: true },
  admit: ask => (ask.promptTokens >= ask.model.contextTokens ? errors.overflow(ask) : undefined),
  trailer: a => ({
    timings: {
      cache_n: a.cachedTokens ?? 0,
      prompt_n: a.promptTokens - (a.cachedTokens ?? 0),
      prompt_ms: 100,
      predicted_n: a.completionTokens,
      predicted_ms: 100,
    },
  }),
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      open: true,
      answer: ({ models }) =>
        json({
          object: 'list',
          data: models.slice(0, 1).map(m => ({
            id: m.id,
            object: 'model',
            created,
            owned_by: 'llamacpp',
            meta: {
              vocab_type: 2,
              n_vocab: 202_048,
              n_ctx_train: m.advertisedTokens ?? m.contextTokens,
              n_embd: 5120,
            },
          })),
        }),
    },
    {
      method: 'GET',
      path: '/props',
      answer: ({ models: [m], options }) =>
        json({
          default_generation_settings: {
            id: 0,
            id_task: -1,
            n_ctx: m?.contextTokens,
            speculative: false,
            params: {},
          },
          total_slots: options.slots ?? 1,
          model_path: `/models/${m?.id ?? ''}`,
          chat_template: '{{ messages }}',
          modalities: { vision: false, audio: false },
          build_info: 'b7100-0a1b2c3d',
        }),
    },
    {
      method: 'GET',
      path: '/slots',
      answer: ({ models: [m], options }) =>
        json(
          Array.from({ length: options.slots ?? 1 }, (_, id) => ({
            id,
            n_ctx: m?.contextTokens,
            is_processing: false,
          })),
        ),
    },
    {
      method: 'POST',
      path: '/tokenize',
      answer: ({ request, counter }) =>
        json({ tokens: tokenIds(counter.text((request.body as { content?: string }).content ?? '')) }),
    },
    { method: 'POST', path: '/apply-template', answer: c => json({ prompt: template(c) }) },
    { method: 'POST', path: /^\/v1\/(?:responses|chat\/completions)\/input_tokens$/, answer: inputTokens },
    {
      method: 'POST',
      path: '/v1/messages/count_tokens',
      answer: ({ request, counter }) =>
        json({
          input_tokens: counter.messages((request.body as { messages?: FakeMessage[] }).messages ?? []),
        }),
    },
    { method: 'GET', path: '/health', open: true, answer: () => json({ status: 'ok' }) },
  ],
});
