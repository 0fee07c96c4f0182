import { created, define, json, listed, modelList, openaiErrors, perToken, retryAfter } from './shared.ts';
import type { Errors } from '../system.ts';
import type { FakeModel, Reply } from '../types.ts';

/** Flat bodies: the `openai` client shows "400 status code (no body)". */
function error(
  status: number,
  message: string,
  type: string,
  code: string,
  param: string | null = null,
): Reply {
  return { status, body: { message, type, param, code } };
}

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => error(401, 'Wrong API Key', 'invalid_request_error', 'wrong_api_key', 'api_key'),
  payment: () =>
    error(402, 'Payment required to access this resource.', 'payment_required_error', 'payment_required'),
  unknownModel: id =>
    error(
      404,
      `Model ${id} does not exist or you do not have access to it.`,
      'not_found_error',
      'model_not_found',
      'model',
    ),
  deadModel: id =>
    error(
      404,
      `Model ${id} does not exist or you do not have access to it.`,
      'not_found_error',
      'model_not_found',
      'model',
    ),
  // e070
  rate: r => ({
    ...error(
      429,
      'Tokens per minute limit exceeded - too many tokens processed.',
      'too_many_tokens_error',
      'token_quota_exceeded',
      'quota',
    ),
    headers: retryAfter(r.retryAfterSeconds),
  }),
  // e066
  overflow: ask =>
    error(
      400,
      `Please reduce the length of the messages or completion. Current length is ${ask.promptTokens + (ask.maxTokens ?? 0)} while limit is ${ask.model.contextTokens}`,
      'invalid_request_error',
      'context_length_exceeded',
      'messages',
    ),
  unknownParameter: name =>
    error(
      400,
      `body.${name}: property '${name}' is unsupported`,
      'invalid_request_error',
      'wrong_api_format',
      name,
    ),
};

function publicCard(m: FakeModel): object {
  return {
    id: m.id,
    object: 'model',
    created,
    owned_by: 'Meta',
    name: m.id,
    capabilities: { function_calling: true, vision: false, reasoning: false, tools: true },
    limits: {
      // The list shows the paid tier; the key's own tier (what is enforced) may be lower.
      max_context_length: m.advertisedTokens ?? m.contextTokens,
      max_completion_tokens: m.maxOutputTokens ?? null,
    },
    pricing: { prompt: perToken(m.price?.input ?? 0), completion: perToken(m.price?.output ?? 0) },
    deprecated: m.dead === true,
  };
}

export const cerebras = define({
  name: 'cerebras',
  basePath: '/v1',
  model: {
    id: 'llama-4-scout-17b-16e-instruct',
    contextTokens: 131_072,
    maxOutputTokens: 65_536,
    price: { input: 0.65, output: 0.85 },
  },
  errors,
  stream: { usage: 'finish' },
  cache: { block: 128, minimum: 128, reportsByDefault: false },
  trailer: () => ({
    time_info: { queue_time: 0.001, prompt_time: 0.01, completion_time: 0.02, total_time: 0.04 },
  }),
  routes: [
    modelList('/v1/models', () => ({}), 'Cerebras'),
    {
      method: 'GET',
      path: '/public/v1/models',
      open: true,
      answer: c => json({ object: 'list', data: listed(c).map(publicCard) }),
    },
    {
      method: 'GET',
      path: /^\/public\/v1\/models\/(.+)$/,
      open: true,
      answer: c => {
        const m = listed(c).find(x => x.id === c.params[0]);
        // e072
        return m === undefined
          ? json({ detail: `Model '${c.params[0] ?? ''}' not found or not publicly available` }, 404)
          : json(publicCard(m));
      },
    },
  ],
});
