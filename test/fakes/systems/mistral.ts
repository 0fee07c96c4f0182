import { define, flatError, modelList, openaiErrors, overSharedWindow } from './shared.ts';
import type { Errors } from '../system.ts';
import type { Reply } from '../types.ts';

function error(status: number, message: string, type: string, code: string): Reply {
  const flat = flatError(status, message, type, code);
  return { ...flat, body: { ...(flat.body as object), raw_status_code: status } };
}

const noModel = (id: string) => error(400, `Invalid model: ${id}`, 'invalid_model', '1500');

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => ({ status: 401, body: { detail: 'Unauthorized' } }),
  payment: () => ({ status: 402, body: { detail: 'Payment required. Check your subscription.' } }),
  unknownModel: noModel,
  deadModel: noModel,
  rate: r => ({
    ...error(429, 'Rate limit exceeded', 'rate_limited', '1300'),
    headers: { 'retry-after': String(r.retryAfterSeconds) },
  }),
  // e205
  overflow: ask =>
    error(
      400,
      `Prompt contains ${ask.promptTokens} tokens and 0 draft tokens, too large for model with ${ask.model.contextTokens} maximum context length`,
      'invalid_request_invalid_args',
      '3051',
    ),
  unknownParameter: name => ({
    status: 422,
    body: {
      detail: [
        { type: 'extra_forbidden', loc: ['body', name], msg: 'Extra inputs are not permitted', input: null },
      ],
    },
  }),
  notFound: () => ({ status: 404, body: { detail: 'Not Found' } }),
};

export const mistral = define({
  name: 'mistral',
  basePath: '/v1',
  model: { id: 'mistral-large-latest', contextTokens: 262_144 },
  errors,
  stream: { usage: 'finish' },
  admit: ask => (overSharedWindow(ask) ? errors.overflow(ask) : undefined),
  routes: [
    modelList(
      '/v1/models',
      m => ({
        name: m.id,
        description: '',
        max_context_length: m.contextTokens,
        aliases: [],
        deprecation: null,
        capabilities: { completion_chat: true, function_calling: true, vision: false },
        type: 'base',
      }),
      'mistralai',
    ),
  ],
});
