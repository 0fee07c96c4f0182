import type { Fake } from './index.ts';

/** JSON as tests look at it: by hand. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

export interface LooseResponse extends Omit<Response, 'json'> {
  json(): Promise<Loose>;
}

/** A request below the fake's base URL (a path that starts with `//` or a whole URL goes to the root). */
export async function ask(
  fake: Fake,
  path: string,
  { key, body, root = false }: { key?: string; body?: unknown; root?: boolean } = {},
): Promise<LooseResponse> {
  return fetch((root ? fake.url : fake.baseUrl) + path, {
    redirect: 'manual',
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
}

/** One user message to the fake's first model. */
export async function chat(
  fake: Fake,
  content: string,
  more: object = {},
  key?: string,
  signal?: AbortSignal,
): Promise<LooseResponse & Response> {
  return fetch(`${fake.baseUrl}/chat/completions`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ model: fake.model, messages: [{ role: 'user', content }], ...more }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The `data:` values of a stream, parsed where they are JSON. */
export function readEvents(stream: string): unknown[] {
  return stream
    .split('\n')
    .filter(line => line.startsWith('data: '))
    .map(line => {
      const data = line.slice('data: '.length);
      try {
        return JSON.parse(data) as unknown;
      } catch {
        return data;
      }
    });
}

/** The text that the chunks of a stream add up to. */
export function textOf(events: readonly unknown[]): string {
  return events.map(e => (e as Loose)?.choices?.[0]?.delta?.content ?? '').join('');
}
