import { define, json, listed, openaiErrors, overSharedWindow } from './shared.ts';
import type { Errors } from '../system.ts';
import type { Reply } from '../types.ts';

function error(status: number, error_code: string, message: string): Reply {
  return json({ error_code, message }, status);
}

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => error(401, 'UNAUTHENTICATED', 'Invalid access token.'),
  unknownModel: id =>
    error(
      404,
      'RESOURCE_DOES_NOT_EXIST',
      `The given endpoint does not exist, please retry after checking the specified model and version deployment exists. (${id})`,
    ),
  deadModel: id => error(404, 'RESOURCE_DOES_NOT_EXIST', `Endpoint ${id} has been retired.`),
  // Plain text
  rate: r => ({
    status: 429,
    headers: { 'retry-after': String(r.retryAfterSeconds) },
    body: `REQUEST_LIMIT_EXCEEDED: Exceeded workspace input tokens per minute rate limit for ${r.model}.`,
  }),
  // No first-hand wording is known
  overflow: ask =>
    error(
      400,
      'BAD_REQUEST',
      `BAD_REQUEST: prompt token count (${ask.promptTokens}) cannot exceed ${ask.model.contextTokens}. Please reduce the length of the prompt.`,
    ),
  unknownParameter: name => error(400, 'BAD_REQUEST', `BAD_REQUEST: ${name}: Extra inputs are not permitted`),
  notFound: (_, path) => error(404, 'ENDPOINT_NOT_FOUND', `No API found for '${path}'`),
};

export const databricks = define({
  name: 'databricks',
  basePath: '/serving-endpoints',
  chatPath: /^\/serving-endpoints\/(?:chat\/completions|([^/]+)\/invocations)$/,
  model: { id: 'databricks-llama-4-maverick', contextTokens: 128_000, maxOutputTokens: 25_000 },
  errors,
  rejects: ['max_completion_tokens'],
  admit: ask => {
    const most = ask.model.maxOutputTokens ?? 25_000;
    if ((ask.maxTokens ?? 0) > most)
      return error(
        400,
        'BAD_REQUEST',
        `BAD_REQUEST: max_tokens (${ask.maxTokens ?? 0}) must be at most ${most}.`,
      );
    return overSharedWindow(ask) ? errors.overflow(ask) : undefined;
  },
  routes: [
    {
      method: 'GET',
      path: '/api/2.0/serving-endpoints',
      answer: c =>
        json({
          endpoints: listed(c).map(m => ({
            name: m.id,
            state: { ready: 'READY', config_update: 'NOT_UPDATING' },
            config: { served_entities: [{ foundation_model: { name: m.id, display_name: m.id } }] },
            task: 'llm/v1/chat',
          })),
        }),
    },
  ],
});
