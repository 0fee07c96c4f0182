import { created, define, json, listed, openaiError, openaiErrors, scout } from './shared.ts';
import type { Errors } from '../system.ts';

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () =>
    openaiError(
      401,
      'Invalid API key provided. You can find your API key at https://api.together.xyz/settings/api-keys.',
      {
        code: 'invalid_api_key',
      },
    ),
  // e080
  overflow: ask =>
    ask.promptTokens > ask.model.contextTokens
      ? openaiError(
          400,
          `The input (${ask.promptTokens} tokens) is longer than the model's context length (${ask.model.contextTokens} tokens).`,
        )
      : openaiError(
          422,
          `Input validation error: \`inputs\` tokens + \`max_new_tokens\` must be <= ${ask.model.contextTokens}. Given: ${ask.promptTokens} \`inputs\` tokens and ${ask.maxTokens ?? 0} \`max_new_tokens\``,
        ),
  unknownModel: id =>
    openaiError(
      404,
      `Unable to access model ${id}. Please visit https://api.together.ai/models to view the list of supported models.`,
      {
        code: 'model_not_available',
      },
    ),
  deadModel: id =>
    openaiError(
      400,
      `Unable to access non-serverless model ${id}. Please visit https://api.together.ai/models/${id} to create and start a new dedicated endpoint for the model.`,
      {
        code: 'model_not_available',
      },
    ),
};

/** `GET /models` is a bare array, which `openai.models.list()` reads as nothing. */
export const together = define({
  name: 'together',
  basePath: '/v1',
  model: { id: scout, contextTokens: 1_048_576, price: { input: 0.18, output: 0.59 } },
  errors,
  stream: { usage: 'finish' },
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      answer: c =>
        json(
          listed(c).map(m => ({
            id: m.id,
            object: 'model',
            created,
            type: 'chat',
            display_name: m.id,
            organization: 'Meta',
            link: '',
            license: 'llama4',
            context_length: m.contextTokens,
            pricing: {
              hourly: 0,
              input: m.price?.input ?? 0,
              output: m.price?.output ?? 0,
              base: 0,
              finetune: 0,
            },
          })),
        ),
    },
  ],
});
