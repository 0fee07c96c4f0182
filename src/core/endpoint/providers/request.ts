import { isPage } from '../completion.ts';
import { describeNetworkError, describeRefusal, notAnApi } from '../failure.ts';
import { withoutSecrets } from '../secrets.ts';
import type { Endpoint } from '../types.ts';
import { LongviewError } from '../../errors.ts';
import { authHeaders } from './table.ts';
import type { ListedModel, Provider, Source } from './types.ts';

/** A list that has not come after this long is not worth waiting for, ms. */
const patience = 30_000;

/** The path's address below the base URL, which is taken as a folder. */
export function addressOf(baseUrl: string, path: string, model = ''): URL {
  const encoded = model.split('/').map(encodeURIComponent).join('/');
  return new URL(path.replaceAll('{model}', encoded), `${baseUrl}/`);
}

/**
 * What the sources of one group say: the first that tells something; [] where none does. Throws `auth` for a key that
 * is refused, `unreachable` and `timeout`, and `signal.reason`. Other refusals mean that there is nothing to read.
 */
export async function readGroup(
  endpoint: Endpoint,
  provider: Provider,
  group: readonly Source[],
  signal: AbortSignal | undefined,
): Promise<ListedModel[]> {
  let failure: Error | undefined;
  for (const source of group) {
    try {
      const models = await readSource(endpoint, provider, source, signal);
      if (models.length > 0) return models;
    } catch (error) {
      signal?.throwIfAborted();
      failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }
  if (failure !== undefined) throw failure;
  return [];
}

async function readSource(
  endpoint: Endpoint,
  provider: Provider,
  source: Source,
  signal: AbortSignal | undefined,
): Promise<ListedModel[]> {
  const { baseUrl, model } = endpoint.config;
  const url = addressOf(baseUrl, source.path, model);
  const body =
    source.body &&
    JSON.stringify(
      Object.fromEntries(Object.entries(source.body).map(([k, v]) => [k, v.replaceAll('{model}', model)])),
    );
  const key = await endpoint.apiKey();
  const timeout = AbortSignal.timeout(patience);
  let response: Response;
  let text: string;
  try {
    response = await endpoint.fetch(url.href, {
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...authHeaders(provider, key),
      },
      ...(body !== undefined && { method: 'POST', body }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted) throw tooSlow(url);
    throw describeNetworkError(endpoint, error);
  }
  const { status } = response;
  if (status === 401 || status === 403) {
    const keyless = key === undefined ? { keyless: true } : {};
    throw describeRefusal(endpoint, { status, headers: {}, body: withoutSecrets(text, [key]), ...keyless });
  }
  // Many endpoints have no list, or one that says nothing: the ask itself will tell what else is wrong.
  if (!response.ok) return [];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    if (isPage(text)) throw notAnApi(endpoint, url.href);
    return [];
  }
  return source.read(json, source.label ?? url.pathname);
}

function tooSlow(url: URL): LongviewError {
  return new LongviewError(
    'timeout',
    `${url.host} did not send its model list within ${patience / 1000} seconds.`,
    'Ask again, or give the endpoint’s "contextLimit".',
  );
}
