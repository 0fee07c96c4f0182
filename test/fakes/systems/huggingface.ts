import { created, define, json, listed, openaiErrors, openaiOverflow, scout } from './shared.ts';
import type { Errors } from '../system.ts';
import type { FakeModel } from '../types.ts';

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => ({ status: 401, body: { error: 'Invalid username or password.' } }),
  // e155
  payment: () => ({
    status: 402,
    body: {
      error:
        'You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO to get 20x more monthly included credits.',
    },
  }),
  unknownModel: id => ({
    status: 400,
    body: {
      error: {
        message: `The requested model '${id}' does not exist`,
        type: 'invalid_request_error',
        param: 'model',
        code: 'model_not_found',
      },
    },
  }),
  deadModel: id => ({
    status: 400,
    body: {
      error: {
        message: `The requested model '${id}' is not supported by any provider you have enabled.`,
        type: 'invalid_request_error',
        param: 'model',
        code: 'model_not_supported',
      },
    },
  }),
  // Passed on unchanged from the provider (here a vLLM one).
  overflow: ask => ({
    status: 400,
    body: { object: 'error', message: openaiOverflow(ask), type: 'BadRequestError', param: null, code: 400 },
  }),
};

function card(m: FakeModel): object {
  const providers = m.providers ?? [{ name: 'nscale', ...m }];
  return {
    id: m.id,
    object: 'model',
    created,
    owned_by: m.id.split('/')[0],
    providers: providers.map(p => {
      const price = p.price ?? m.price;
      return {
        provider: p.name,
        status: 'live',
        context_length: p.contextTokens,
        ...(price === undefined ? {} : { pricing: { input: price.input, output: price.output } }),
        supports_tools: true,
        supports_structured_output: false,
      };
    }),
  };
}

/** A suffix picks the provider: `model:nscale`, `:fastest`, `:cheapest`, `:preferred`. */
export const huggingface = define({
  name: 'huggingface',
  basePath: '/v1',
  model: { id: scout, contextTokens: 890_000, price: { input: 0.09, output: 0.29 } },
  errors,
  modelId: requested => requested.replace(/:[^:/]+$/, ''),
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      open: true,
      answer: c => json({ object: 'list', data: listed(c).map(card) }),
    },
    {
      method: 'GET',
      path: /^\/v1\/models\/(.+)$/,
      open: true,
      answer: c => {
        const m = listed(c).find(x => x.id === c.params[0]);
        return m === undefined ? errors.unknownModel(c.params[0] ?? '') : json({ data: card(m) });
      },
    },
  ],
});
