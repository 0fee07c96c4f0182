import { created, define, json, openaiErrors, openaiOverflow } from './shared.ts';
import type { Errors } from '../system.ts';

const problem = (status: number, title: string, detail: string) =>
  json({ type: 'about:blank', status, title, detail }, status, {
    'content-type': 'application/problem+json',
  });

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => problem(401, 'Unauthorized', 'Authentication failed'),
  payment: () =>
    problem(402, 'Payment Required', 'Cloud credits expired - Please contact NVIDIA representatives'),
  // e093
  unknownModel: () =>
    problem(
      404,
      'Not Found',
      "Function '23d4f03a-b8a6-4adb-a183-7daa083a09cc': Not found for account 'ACCOUNT_ID_REPLACED'",
    ),
  deadModel: id =>
    problem(410, 'Gone', `The model '${id}' has reached its end of life and is no longer available.`),
  overflow: ask => ({
    status: 400,
    body: { error: { message: openaiOverflow(ask), type: 'Bad Request', code: 400 } },
  }),
  notFound: () => ({ status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found' }),
};

/** The list has no limits, and keeps naming dead models. */
export const nvidia = define({
  name: 'nvidia',
  basePath: '/v1',
  model: { id: 'meta/llama-4-scout-17b-16e-instruct', contextTokens: 128_000, maxOutputTokens: 4096 },
  errors,
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      open: true,
      answer: ({ models }) =>
        json({
          object: 'list',
          data: models.map(m => ({ id: m.id, object: 'model', created, owned_by: m.id.split('/')[0] })),
        }),
    },
  ],
});
