import { created, define, json, openaiErrors, overSharedWindow, retryAfter, scout } from './shared.ts';
import type { Ask, Errors, RouteContext } from '../system.ts';
import type { FakeMessage, FakeModel, Refusal } from '../types.ts';

/** A stream has begun with 200 by then; `into_openai_event` always writes 422. */
function validation(ask: Ask, message: string): Refusal {
  const text = `Input validation error: ${message}`;
  return ask.stream
    ? {
        status: 422,
        body: { error: { message: text, http_status_code: 422 } },
        inStream: 'data',
        done: true,
      }
    : json({ error: text, error_type: 'validation' }, 422);
}

function maxInput(m: FakeModel): number {
  return Math.min(m.maxInputTokens ?? Infinity, m.contextTokens - 1);
}

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => ({ status: 401, body: 'Unauthorized' }),
  unknownModel: id => json({ error: `Model ${id} not found`, error_type: 'validation' }, 422),
  rate: r => ({
    ...json({ error: 'Model is overloaded', error_type: 'overloaded' }, 429),
    headers: retryAfter(r.retryAfterSeconds),
  }),
  // e147, e079; max_new_tokens is printed as at most 1024
  overflow: ask =>
    ask.promptTokens > maxInput(ask.model)
      ? validation(
          ask,
          `\`inputs\` must have less than ${maxInput(ask.model)} tokens. Given: ${ask.promptTokens}`,
        )
      : validation(
          ask,
          `\`inputs\` tokens + \`max_new_tokens\` must be <= ${ask.model.contextTokens}. Given: ${ask.promptTokens} \`inputs\` tokens and ${Math.min(ask.maxTokens ?? 0, 1024)} \`max_new_tokens\``,
        ),
  midStream: () => ({
    body: {
      error: {
        message: 'Request failed during generation: Server error: out of memory',
        http_status_code: 422,
      },
    },
    form: 'data',
    done: true,
  }),
  notFound: () => ({ status: 404, body: '' }),
};

function pieces({ counter }: RouteContext, text: string): object[] {
  const count = counter.text(text);
  const at = (i: number) => Math.floor((text.length * i) / count);
  return Array.from({ length: count }, (_, i) => ({
    id: i,
    text: text.slice(at(i), at(i + 1)),
    start: at(i),
    stop: at(i + 1),
  }));
}

/** Two limits: `max_input_tokens` (`maxInputTokens`) and `max_total_tokens`; bodies up to 2,000,000 bytes. */
export const tgi = define({
  name: 'tgi',
  basePath: '/v1',
  model: { id: scout, contextTokens: 131_072, maxInputTokens: 122_880 },
  errors,
  anyModel: true,
  maxBodyBytes: 2_000_000,
  tooManyBytes: () => ({ status: 413, body: 'Failed to buffer the request body: length limit exceeded' }),
  // TGI has no cached-token field at all.
  cache: { block: 1, minimum: Infinity, reportsByDefault: false },
  admit: ask =>
    ask.promptTokens > maxInput(ask.model) || overSharedWindow(ask) ? errors.overflow(ask) : undefined,
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      answer: ({ models }) =>
        json({
          object: 'list',
          data: models.slice(0, 1).map(m => ({ id: m.id, object: 'model', created, owned_by: m.id })),
        }),
    },
    {
      method: 'GET',
      path: '/info',
      answer: ({ models: [m] }) =>
        json({
          model_id: m?.id,
          model_sha: null,
          model_pipeline_tag: 'text-generation',
          max_concurrent_requests: 128,
          max_best_of: 2,
          max_stop_sequences: 4,
          max_input_tokens: m === undefined ? 0 : maxInput(m),
          max_total_tokens: m?.contextTokens,
          validation_workers: 2,
          max_client_batch_size: 4,
          router: 'text-generation-router',
          version: '3.3.6',
          sha: null,
          docker_label: null,
        }),
    },
    {
      method: 'POST',
      path: '/tokenize',
      answer: c => json(pieces(c, (c.request.body as { inputs?: string }).inputs ?? '')),
    },
    {
      method: 'POST',
      path: '/chat_tokenize',
      answer: c => {
        const { messages = [] } = c.request.body as { messages?: FakeMessage[] };
        const text = messages.map(m => `<|${m.role}|>${m.content}`).join('\n');
        return json({ tokenize_response: pieces(c, text), templated_text: text });
      },
    },
    { method: 'GET', path: '/health', open: true, answer: () => ({ status: 200, body: '' }) },
  ],
});
