import { define, json, listed, openaiErrors } from './shared.ts';
import type { Errors } from '../system.ts';
import type { FakeModel, Reply } from '../types.ts';

function error(status: number, code: number, message: string): Reply {
  return json({ result: null, success: false, errors: [{ code, message }], messages: [] }, status);
}

const noModel = (id: string) => error(400, 5007, `No such model ${id} or task`);

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => error(401, 10_000, 'Authentication error'),
  unknownModel: noModel,
  deadModel: id => error(410, 5028, `AiError: model ${id} was deprecated`),
  payment: () =>
    error(
      429,
      4006,
      "AiError: you have used up your daily free allocation of 10,000 neurons, please upgrade to Cloudflare's Workers Paid plan if you would like to continue usage.",
    ),
  // e141
  overflow: ask =>
    error(
      413,
      5021,
      `AiError: AiError: The estimated number of input and maximum output tokens (${ask.promptTokens + (ask.maxTokens ?? 256)}) exceeded this model context window limit (${ask.model.contextTokens}).`,
    ),
  notFound: () => error(404, 7003, 'No route for that URI'),
};

function card(m: FakeModel): object {
  return {
    id: '3bf3b9ca-0000-4000-8000-000000000000',
    source: 1,
    name: m.id,
    description: '',
    task: { id: 'c329a1f9-0000-4000-8000-000000000000', name: 'Text Generation', description: '' },
    properties: [
      { property_id: 'context_window', value: String(m.contextTokens) },
      ...(m.price === undefined
        ? []
        : [
            {
              property_id: 'price',
              value: [
                { unit: 'per M input tokens', price: m.price.input, currency: 'USD' },
                { unit: 'per M output tokens', price: m.price.output, currency: 'USD' },
              ],
            },
          ]),
      { property_id: 'function_calling', value: 'true' },
    ],
  };
}

/** The list is a search with string properties; a missing `max_tokens` means 256. */
export const cloudflare = define({
  name: 'cloudflare',
  basePath: '/client/v4/accounts/acc/ai/v1',
  model: {
    id: '@cf/meta/llama-4-scout-17b-16e-instruct',
    contextTokens: 131_000,
    maxOutputTokens: 16_384,
    price: { input: 0.27, output: 0.85 },
  },
  errors,
  admit: ask =>
    ask.promptTokens + (ask.maxTokens ?? 256) > ask.model.contextTokens ? errors.overflow(ask) : undefined,
  routes: [
    {
      method: 'GET',
      path: '/client/v4/accounts/acc/ai/models/search',
      answer: c =>
        json({
          success: true,
          errors: [],
          messages: [],
          result: listed(c).map(card),
          result_info: { count: listed(c).length, page: 1, per_page: 100, total_count: listed(c).length },
        }),
    },
  ],
});
