import type { FakeMessage } from './types.ts';

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Plain text of the messages; parts (`{text}`, Bedrock's included) are joined. */
export function readMessages(body: Json): readonly FakeMessage[] {
  const system = Array.isArray(body['system'])
    ? [{ role: 'system', content: body['system'] as unknown }]
    : [];
  const list = Array.isArray(body['messages']) ? (body['messages'] as unknown[]) : [];
  return [...system, ...list].filter(isObject).map(m => ({
    role: String(m['role']),
    content: textOf(m['content']),
  }));
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map(part => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

/** The answer's length as the request limits it, by any of its names. */
export function readMaxTokens(body: Json): number | undefined {
  const converse = isObject(body['inferenceConfig']) ? body['inferenceConfig']['maxTokens'] : undefined;
  return [body['max_completion_tokens'], body['max_tokens'], converse].find(v => typeof v === 'number');
}

export function wantsUsage(body: Json): boolean {
  return isObject(body['stream_options']) && body['stream_options']['include_usage'] === true;
}
