import {
  define,
  detailedUsage,
  json,
  modelList,
  openaiErrors,
  openaiOutput,
  sharedWindow,
} from './shared.ts';
import type { RouteContext } from '../system.ts';
import type { FakeMessage, Reply } from '../types.ts';

/** No field tells the limit; counting is a call; caching starts at 1,024 tokens in steps of 128. */
export const openai = define({
  name: 'openai',
  basePath: '/v1',
  model: { id: 'gpt-4.1', contextTokens: 1_047_576, maxOutputTokens: 32_768 },
  admit: sharedWindow(openaiErrors, openaiOutput),
  usage: detailedUsage,
  cache: { block: 128, minimum: 1024, reportsByDefault: true },
  routes: [
    modelList('/v1/models', () => ({}), 'system'),
    { method: 'POST', path: '/v1/responses/input_tokens', answer: inputTokens },
  ],
});

/** Also llama.cpp's: counts `input` (or `messages`) without answering. */
export function inputTokens({ request, counter }: RouteContext): Reply {
  const body = request.body as { input?: string | FakeMessage[]; messages?: FakeMessage[] };
  const input = body.input ?? body.messages ?? '';
  const messages = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  return json({ object: 'response.input_tokens', input_tokens: counter.messages(messages) });
}
