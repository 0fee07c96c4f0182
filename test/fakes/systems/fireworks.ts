import { define, json, modelList, openaiError, openaiErrors } from './shared.ts';
import type { Errors, RouteContext } from '../system.ts';
import type { FakeModel } from '../types.ts';

function error(status: number, message: string, code: string) {
  return { status, body: { error: { object: 'error', type: 'invalid_request_error', code, message } } };
}

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => error(401, 'The API key you provided is invalid.', 'UNAUTHORIZED'),
  unknownModel: id =>
    error(404, 'Model not found, inaccessible, and/or not deployed', id === '' ? '' : 'NOT_FOUND'),
  deadModel: () => error(404, 'Model not found, inaccessible, and/or not deployed', 'NOT_FOUND'),
  // No first-hand wording is known; this one is OpenAI's older sentence.
  overflow: ask =>
    openaiError(
      400,
      `This model's maximum context length is ${ask.model.contextTokens} tokens, however you requested ${ask.promptTokens + (ask.maxTokens ?? 0)} tokens (${ask.promptTokens} in your prompt; ${ask.maxTokens ?? 0} for the completion). Please reduce your prompt; or completion length.`,
    ),
};

function card(m: FakeModel): object {
  return {
    name: m.id,
    displayName: m.id.split('/').at(-1),
    state: m.dead === true ? 'DELETING' : 'READY',
    contextLength: m.contextTokens,
    supportsTools: true,
    supportsImageInput: false,
  };
}

/** The inference list is bare; `contextLength` is on the control plane (0 = not calibrated). */
export const fireworks = define({
  name: 'fireworks',
  basePath: '/inference/v1',
  model: {
    id: 'accounts/fireworks/models/llama4-scout-instruct-basic',
    contextTokens: 1_048_576,
    price: { input: 0.15, output: 0.6 },
  },
  errors,
  stream: { usage: 'finish' },
  routes: [
    modelList('/inference/v1/models', () => ({ kind: 'HF_BASE_MODEL', supports_chat: true }), 'fireworks'),
    {
      method: 'GET',
      path: '/v1/accounts/fireworks/models',
      answer: ({ models, query }: RouteContext) =>
        json({
          models: models.slice(0, Number(query.get('pageSize') ?? 50)).map(card),
          nextPageToken: '',
          totalSize: models.length,
        }),
    },
    {
      method: 'GET',
      path: /^\/v1\/(accounts\/fireworks\/models\/[^/]+)$/,
      answer: ({ models, params }) => {
        const m = models.find(x => x.id === params[0]);
        return m === undefined
          ? json({ code: 5, message: 'Model not found', details: [] }, 404)
          : json(card(m));
      },
    },
  ],
});
