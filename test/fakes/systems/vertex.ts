import { define, json, openaiErrors } from './shared.ts';
import type { Errors } from '../system.ts';
import type { Reply } from '../types.ts';

/** Google's array envelope. */
function error(status: number, message: string, name: string): Reply {
  return json([{ error: { code: status, message, status: name } }], status);
}

const gone = (id: string) =>
  error(
    404,
    `Publisher Model \`projects/p/locations/us-east5/publishers/${id.replace('/', '/models/')}\` was not found or your project does not have access to it.`,
    'NOT_FOUND',
  );

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () =>
    error(
      401,
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
      'UNAUTHENTICATED',
    ),
  unknownModel: gone,
  deadModel: gone,
  // e115
  rate: () => error(429, 'Resource has been exhausted (e.g. check quota).', 'RESOURCE_EXHAUSTED'),
  // Gemini's wording: no sentence of Llama on Vertex is known
  overflow: ask =>
    error(
      400,
      `The input token count (${ask.promptTokens}) exceeds the maximum number of tokens allowed (${ask.model.contextTokens}).`,
      'INVALID_ARGUMENT',
    ),
  notFound: () => ({
    status: 404,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: '<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> <ins>That’s an error.</ins>\n</html>\n',
  }),
};

/** No list, no limit; `max_tokens` above 8,192 is refused. */
export const vertex = define({
  name: 'vertex',
  basePath: '/v1/projects/p/locations/us-east5/endpoints/openapi',
  model: {
    id: 'meta/llama-4-scout-17b-16e-instruct-maas',
    contextTokens: 1_310_720,
    maxOutputTokens: 8192,
    price: { input: 0.25, output: 0.7 },
  },
  errors,
  admit: ask => {
    const most = ask.model.maxOutputTokens ?? 8192;
    if ((ask.maxTokens ?? 0) > most)
      return error(
        400,
        `Unable to submit request because it has a maxOutputTokens value of ${ask.maxTokens ?? 0} but the supported range is from 1 (inclusive) to ${most + 1} (exclusive). Update the value and try again.`,
        'INVALID_ARGUMENT',
      );
    return ask.promptTokens > ask.model.contextTokens ? errors.overflow(ask) : undefined;
  },
  routes: [],
});
