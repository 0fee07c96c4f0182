import { define, json, openaiError, openaiErrors } from './shared.ts';
import type { Errors, RouteContext } from '../system.ts';
import type { FakeModel, Refusal } from '../types.ts';

const noModel = (id: string) =>
  openaiError(404, `Model "${id}" not found. Please specify a valid model.`, {
    code: 'model_not_found',
    param: 'model',
  });

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => openaiError(401, 'Malformed LM Studio API token provided', { code: 'invalid_api_key' }),
  unknownModel: noModel,
  deadModel: noModel,
  // e179 in a stream (HTTP 200, `event: error`), e180 else
  overflow: ({ stream, promptTokens, model }): Refusal => {
    if (!stream)
      return json(
        {
          error: `The number of tokens to keep from the initial prompt is greater than the context length (n_keep: ${promptTokens}>= n_ctx: ${model.contextTokens}). Try to load the model with a larger context length, or provide a shorter input.`,
        },
        400,
      );
    const message = `Input does not fit in context length. The input has ${promptTokens} tokens, but the context length only supports ${model.contextTokens} tokens.`;
    return { status: 400, body: { error: { message }, message }, inStream: 'event' };
  },
  midStream: () => ({
    body: {
      error: { message: 'The model has crashed without additional information.' },
      message: 'The model has crashed without additional information.',
    },
    form: 'event',
    done: false,
  }),
  // "Returning 200 anyway": no path is unknown by its status
  notFound: (method, path) => json({ error: `Unexpected endpoint or method. (${method} ${path})` }),
};

function cardV1(m: FakeModel, first: boolean, { options }: RouteContext): object {
  const loaded = first && options.loaded !== false;
  return {
    type: 'llm',
    publisher: 'lmstudio-community',
    key: m.id,
    display_name: m.id,
    architecture: 'llama4',
    quantization: { name: 'Q4_K_M', bits_per_weight: 4 },
    size_bytes: 67_000_000_000,
    params_string: '109B',
    loaded_instances: loaded
      ? [
          {
            id: m.id,
            config: {
              context_length: m.contextTokens,
              eval_batch_size: 512,
              parallel: options.slots ?? 4,
              flash_attention: true,
              offload_kv_cache_to_gpu: true,
            },
          },
        ]
      : [],
    max_context_length: m.advertisedTokens ?? m.contextTokens,
    format: 'gguf',
    capabilities: { vision: true, trained_for_tool_use: true },
    description: null,
  };
}

function cardV0(m: FakeModel, first: boolean, { options }: RouteContext): object {
  const loaded = first && options.loaded !== false;
  return {
    id: m.id,
    object: 'model',
    type: 'llm',
    publisher: 'lmstudio-community',
    arch: 'llama4',
    compatibility_type: 'gguf',
    quantization: 'Q4_K_M',
    state: loaded ? 'loaded' : 'not-loaded',
    max_context_length: m.advertisedTokens ?? m.contextTokens,
    ...(loaded ? { loaded_context_length: m.contextTokens } : {}),
  };
}

/** Two native lists; the real window only of what is loaded. `silentTruncation` loses the prompt's middle. */
export const lmstudio = define({
  name: 'lmstudio',
  basePath: '/v1',
  model: { id: 'meta/llama-4-scout-17b-16e-instruct', contextTokens: 4096, advertisedTokens: 10_485_760 },
  errors,
  fingerprint: 'meta/llama-4-scout-17b-16e-instruct',
  cut: 'middle',
  cache: { block: 1, minimum: Infinity, reportsByDefault: false },
  admit: ask => (ask.promptTokens > ask.model.contextTokens ? errors.overflow(ask) : undefined),
  trailer: () => ({ stats: {} }),
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      answer: ({ models }) =>
        json({
          data: models.map(m => ({ id: m.id, object: 'model', owned_by: 'organization_owner' })),
          object: 'list',
        }),
    },
    {
      method: 'GET',
      path: '/api/v1/models',
      answer: c => json({ models: c.models.map((m, i) => cardV1(m, i === 0, c)) }),
    },
    {
      method: 'GET',
      path: '/api/v0/models',
      answer: c => json({ object: 'list', data: c.models.map((m, i) => cardV0(m, i === 0, c)) }),
    },
  ],
});
