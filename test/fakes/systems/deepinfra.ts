import { costOf, define, detailedUsage, modelList, openaiErrors, scout } from './shared.ts';
import type { Errors } from '../system.ts';
import type { Reply } from '../types.ts';

function error(status: number, message: string): Reply {
  return { status, body: { error: { message } } };
}

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => ({ status: 401, body: { detail: { error: 'Invalid token' } } }),
  payment: () => error(402, 'Balance too low. Please top up your account.'),
  unknownModel: id => error(404, `The model \`${id}\` does not exist`),
  deadModel: id => error(404, `The model \`${id}\` is deprecated and no longer available`),
  // e088 (500 in 2024), e090; the limit is the window less one
  overflow: ask =>
    error(
      ask.options.version === '2024' ? 500 : 400,
      `Requested input length ${ask.promptTokens} exceeds maximum input length ${ask.model.contextTokens - 1}`,
    ),
  notFound: () => ({ status: 404, body: { detail: 'Not Found' } }),
};

export const deepinfra = define({
  name: 'deepinfra',
  basePath: '/v1/openai',
  model: { id: scout, contextTokens: 131_072, maxOutputTokens: 16_384, price: { input: 0.08, output: 0.3 } },
  errors,
  // The answer is clipped to what is left of the window.
  admit: ask => (ask.promptTokens > ask.model.contextTokens - 1 ? errors.overflow(ask) : undefined),
  usage: a => ({ ...detailedUsage(a), estimated_cost: costOf(a) }),
  routes: [
    {
      ...modelList('/v1/openai/models', m => ({
        root: m.id,
        parent: null,
        metadata: {
          description: '',
          context_length: m.advertisedTokens ?? m.contextTokens,
          max_tokens: m.maxOutputTokens ?? null,
          pricing: {
            input_tokens: m.price?.input ?? 0,
            output_tokens: m.price?.output ?? 0,
            ...(m.price?.cacheRead === undefined ? {} : { cache_read_tokens: m.price.cacheRead }),
          },
          tags: [],
        },
      })),
      open: true,
    },
  ],
});
