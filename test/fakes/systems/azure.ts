import { openai } from './openai.ts';
import {
  define,
  json,
  modelList,
  openaiError,
  openaiErrors,
  openaiOutput,
  scout,
  sharedWindow,
} from './shared.ts';
import type { Errors } from '../system.ts';

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () =>
    json(
      {
        error: {
          code: '401',
          message:
            'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
        },
      },
      401,
    ),
  unknownModel: () =>
    json(
      {
        error: {
          code: 'DeploymentNotFound',
          message:
            'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
        },
      },
      404,
    ),
  deadModel: id =>
    openaiError(410, `The model ${id} has been retired and is no longer available.`, {
      code: 'ModelRetired',
    }),
  // e030
  unknownParameter: name =>
    json(
      {
        detail: `Extra parameters ['${name}'] are not allowed when extra-parameters is not set or set to be 'error'. Set extra-parameters to 'pass-through' to pass to the model.`,
      },
      400,
    ),
  notFound: () => json({ error: { code: '404', message: 'Resource not found' } }, 404),
};

/** OpenAI's wording behind `api-key`; the limit is only on the management plane, as strings. */
export const azure = define({
  name: 'azure',
  basePath: '/openai/v1',
  chatPath: /^\/openai\/(?:v1|deployments\/([^/]+))\/chat\/completions$/,
  auth: 'api-key',
  model: { id: scout.replace('meta-llama/', ''), contextTokens: 1_000_000, maxOutputTokens: 16_384 },
  errors,
  admit: sharedWindow(errors, openaiOutput),
  usage: openai.usage,
  cache: openai.cache,
  routes: [
    modelList('/openai/v1/models', () => ({}), 'system'),
    {
      method: 'GET',
      path: /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.CognitiveServices\/accounts\/[^/]+\/deployments$/,
      answer: ({ models }) =>
        json({
          value: models.map(m => ({
            name: m.id,
            properties: {
              model: { format: 'Meta', name: m.id, version: '1' },
              provisioningState: m.dead === true ? 'Failed' : 'Succeeded',
              capabilities: {
                chatCompletion: 'true',
                maxContextToken: String(m.contextTokens),
                ...(m.maxOutputTokens === undefined ? {} : { maxOutputToken: String(m.maxOutputTokens) }),
              },
            },
          })),
        }),
    },
  ],
});
