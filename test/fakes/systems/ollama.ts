import { created, define, json, openaiError, openaiErrors } from './shared.ts';
import type { Errors, RouteContext } from '../system.ts';
import type { FakeModel } from '../types.ts';

const noModel = (id: string) => openaiError(404, `model '${id}' not found`, { type: 'not_found_error' });

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => openaiError(401, 'unauthorized', { type: 'api_error' }),
  unknownModel: noModel,
  deadModel: noModel,
  // e173: only where context shift is off for the model
  overflow: () =>
    openaiError(
      400,
      'the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length',
    ),
  // e178 is lost on /v1: the line parses as an empty chunk, and no [DONE] follows
  midStream: model => ({
    body: {
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created,
      model,
      system_fingerprint: 'fp_ollama',
      choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
    },
    form: 'data',
    done: false,
  }),
  notFound: () => ({ status: 404, body: '404 page not found' }),
  // ollama#17301
  images: (_model, _options, most) =>
    openaiError(
      400,
      most === 0 ? 'this model does not support image input' : 'invalid image input: failed to decode image',
    ),
};

function tag(m: FakeModel): object {
  return {
    name: m.id,
    model: m.id,
    modified_at: '2026-11-01T00:00:00Z',
    size: 67_000_000_000,
    digest: 'bf31604e25c25d964e250bcf28a82bfbdbe88af5f236257fabb27629bb24c7f3',
    details: {
      parent_model: '',
      format: 'gguf',
      family: 'llama4',
      families: ['llama4'],
      parameter_size: '108.6B',
      quantization_level: 'Q4_K_M',
    },
  };
}

function show({ request, models, options }: RouteContext) {
  const body = request.body as { model?: string; name?: string };
  const m = models.find(x => x.id === (body.model ?? body.name));
  if (m === undefined) return json({ error: `model '${body.model ?? body.name ?? ''}' not found` }, 404);
  const numCtx = options.modelfileNumCtx;
  return json({
    license: 'LLAMA 4 COMMUNITY LICENSE AGREEMENT',
    modelfile: '',
    parameters: [
      'stop                           "<|eot|>"',
      ...(numCtx === undefined ? [] : [`num_ctx                        ${numCtx}`]),
      'temperature                    1',
    ].join('\n'),
    template: '{{ .Prompt }}',
    details: { format: 'gguf', family: 'llama4', parameter_size: '108.6B', quantization_level: 'Q4_K_M' },
    model_info: {
      'general.architecture': 'llama4',
      'llama4.context_length': m.advertisedTokens ?? m.contextTokens,
      'llama4.embedding_length': 5120,
    },
    capabilities: ['completion', 'vision', 'tools'],
  });
}

/**
 * Cuts silently by default. The window shows in `/api/ps`, while the model is loaded; `/api/show` tells the
 * trained one (`advertisedTokens`) and perhaps `num_ctx`. No cached tokens on `/v1`.
 */
export const ollama = define({
  name: 'ollama',
  basePath: '/v1',
  model: { id: 'llama4:scout', contextTokens: 4096, advertisedTokens: 10_485_760 },
  errors,
  fingerprint: 'fp_ollama',
  cut: 'oldest',
  truncatesByDefault: true,
  cache: { block: 1, minimum: Infinity, reportsByDefault: false },
  admit: ask => (ask.promptTokens > ask.model.contextTokens ? errors.overflow(ask) : undefined),
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      answer: ({ models }) =>
        json({
          object: 'list',
          data: models.map(m => ({ id: m.id, object: 'model', created, owned_by: 'library' })),
        }),
    },
    { method: 'GET', path: '/api/tags', answer: ({ models }) => json({ models: models.map(tag) }) },
    {
      method: 'GET',
      path: '/api/ps',
      answer: ({ models, options }) =>
        json({
          models:
            options.loaded === false
              ? []
              : models.slice(0, 1).map(m => ({
                  ...tag(m),
                  expires_at: '2026-11-21T12:00:00Z',
                  size_vram: 67_000_000_000,
                  context_length: m.contextTokens,
                })),
        }),
    },
    { method: 'POST', path: '/api/show', answer: show },
    { method: 'GET', path: '/api/version', answer: () => json({ version: '0.35.1' }) },
    { method: 'GET', path: '/', answer: () => ({ status: 200, body: 'Ollama is running' }) },
  ],
});
