import { define, modelList, openaiError, openaiErrors, perToken } from './shared.ts';
import type { Errors } from '../system.ts';

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => openaiError(401, 'Unauthorized: invalid API key.', { code: 'invalid_api_key' }),
  // e077
  payment: () => ({
    status: 402,
    body: {
      error: {
        code: 'PAYMENT_METHOD_REQUIRED',
        message: 'A payment method is required. Add one at cloud.sambanova.ai/plans/billing',
        balance_units: 0,
      },
    },
  }),
  unknownModel: id => openaiError(404, `Model not found: ${id}`, { code: 'model_not_found' }),
  deadModel: id =>
    openaiError(410, `Model ${id} has been deprecated and removed.`, { code: 'model_deprecated' }),
  // e073, e075
  overflow: ask =>
    openaiError(
      400,
      `The maximum context length of ${ask.model.id} is ${ask.model.contextTokens}. However, answering your request will take ${ask.promptTokens + (ask.maxTokens ?? 0)} tokens. Please reduce the length of the messages${ask.maxTokens === undefined ? '' : ' or the specified max_completion_tokens value'}.`,
    ),
};

export const sambanova = define({
  name: 'sambanova',
  basePath: '/v1',
  model: {
    id: 'Llama-4-Maverick-17B-128E-Instruct',
    contextTokens: 131_072,
    maxOutputTokens: 16_384,
    price: { input: 0.63, output: 1.8 },
  },
  errors,
  stream: { usage: 'always' },
  routes: [
    modelList(
      '/v1/models',
      m => ({
        context_length: m.contextTokens,
        max_completion_tokens: m.maxOutputTokens ?? m.contextTokens,
        pricing: {
          prompt: perToken(m.price?.input ?? 0),
          completion: perToken(m.price?.output ?? 0),
          duration_per_hour: '0',
        },
        sn_metadata: {},
      }),
      'no-reply@sambanova.ai',
    ),
  ],
});
