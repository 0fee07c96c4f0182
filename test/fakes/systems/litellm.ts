import { define, json, listed, modelList, openaiErrors, openaiOverflow, overSharedWindow } from './shared.ts';
import type { Errors, RouteContext } from '../system.ts';
import type { FakeMessage, Reply } from '../types.ts';

function error(status: number, message: string, type: string | null = null): Reply {
  return json({ error: { message, type, param: null, code: String(status) } }, status);
}

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => error(401, 'Authentication Error, No api key passed in.', 'auth_error'),
  payment: () =>
    error(400, 'Budget has been exceeded! Current cost: 10.1, Max budget: 10.0', 'budget_exceeded'),
  unknownModel: id =>
    error(
      400,
      `/chat/completions: Invalid model name passed in model=${id}. Call \`/v1/models\` to view available models for your key.`,
      'invalid_request_error',
    ),
  deadModel: id =>
    error(
      404,
      `litellm.NotFoundError: Hosted_vllmException - Error code: 404 - {'error': {'message': 'The model \`${id}\` does not exist.', 'type': 'NotFoundError', 'param': None, 'code': 404}}. Received Model Group=${id}\nAvailable Model Group Fallbacks=None`,
    ),
  // e185: the upstream's reply as a Python repr
  overflow: ask =>
    error(
      400,
      `litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: Hosted_vllmException - Error code: 400 - {'object': 'error', 'message': "${openaiOverflow({ ...ask, maxTokens: ask.maxTokens ?? 0 })} None", 'type': 'BadRequestError', 'param': None, 'code': 400}\nmodel=${ask.model.id}. context_window_fallbacks=None. fallbacks=None.`,
    ),
  midStream: () => ({
    body: {
      error: {
        message:
          'litellm.APIError: APIError: Hosted_vllmException - peer closed connection without sending complete message body',
        type: null,
        param: null,
        code: '500',
      },
    },
    form: 'data',
    done: false,
  }),
  notFound: () => json({ detail: 'Not Found' }, 404),
};

/** null is a normal value; the numbers are a static table's (`advertisedTokens`), not what is enforced. */
function info(c: RouteContext): Reply {
  return json({
    data: listed(c).map(m => ({
      model_name: m.id,
      litellm_params: { model: `hosted_vllm/${m.id}` },
      model_info: {
        id: 'e889baacd17f591cce4c63639275ba5e8dc60765d6c553e6ee5a504b19e50ddc',
        max_tokens: m.maxOutputTokens ?? null,
        max_input_tokens: m.advertisedTokens ?? m.contextTokens,
        max_output_tokens: m.maxOutputTokens ?? null,
        input_cost_per_token: m.price === undefined ? null : m.price.input / 1e6,
        output_cost_per_token: m.price === undefined ? null : m.price.output / 1e6,
        cache_read_input_token_cost: m.price?.cacheRead === undefined ? null : m.price.cacheRead / 1e6,
        supports_prompt_caching: null,
        supports_vision: null,
      },
    })),
  });
}

export const litellm = define({
  name: 'litellm',
  basePath: '/v1',
  chatPath: /^(?:\/v1)?\/chat\/completions$/,
  model: { id: 'scout', contextTokens: 131_072, maxOutputTokens: 8192 },
  errors,
  headers: { server: 'uvicorn', 'x-litellm-version': '1.83.0' },
  admit: ask => (overSharedWindow(ask) ? errors.overflow(ask) : undefined),
  routes: [
    modelList('/v1/models', () => ({}), 'openai'),
    { method: 'GET', path: /^(?:\/v1)?\/model\/info$/, answer: info },
    {
      method: 'POST',
      path: /^\/v1\/(?:messages\/count_tokens|responses\/input_tokens)$/,
      answer: ({ request, counter }) => {
        const body = request.body as { messages?: FakeMessage[]; input?: string };
        return json({
          input_tokens:
            body.messages === undefined ? counter.text(body.input ?? '') : counter.messages(body.messages),
        });
      },
    },
    { method: 'GET', path: '/health/liveliness', open: true, answer: () => json("I'm alive!") },
  ],
});
