import { at, listItems, objects, text, tokenCount } from './providers/fields.ts';
import type { ProviderId } from './providers/ids.ts';
import { addressOf } from './providers/request.ts';
import { authHeaders, providerOf, providerOfHost, providers } from './providers/table.ts';

type Fetch = typeof globalThis.fetch;

/** A probe that takes longer tells nothing, ms. */
const patience = 10_000;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined where it is no JSON. */
  readonly body: unknown;
}

/** Replies by which a server gives itself away, in the order of trust. LM Studio answers 200 to every path. */
const signs: readonly (readonly [ProviderId, string, (body: unknown) => boolean])[] = [
  ['llamacpp', '../props', b => at(b, 'default_generation_settings') !== undefined],
  ['tgi', '../info', b => tokenCount(at(b, 'max_total_tokens')) !== undefined],
  ['sglang', '../get_server_info', b => tokenCount(at(b, 'max_req_input_len')) !== undefined],
  [
    'lmstudio',
    '../api/v1/models',
    b => objects(at(b, 'models')).some(m => at(m, 'loaded_instances') !== undefined),
  ],
  ['lmstudio', '../api/v0/models', b => listItems(b).some(m => text(at(m, 'state')) !== undefined)],
  ['litellm', 'model/info', b => listItems(b).some(m => at(m, 'litellm_params') !== undefined)],
  ['litellm', '../model/info', b => listItems(b).some(m => at(m, 'litellm_params') !== undefined)],
  ['ollama', '../api/ps', b => Array.isArray(at(b, 'models'))],
];

const owners: Readonly<Record<string, ProviderId>> = {
  vllm: 'vllm',
  sglang: 'sglang',
  llamacpp: 'llamacpp',
  library: 'ollama',
  organization_owner: 'lmstudio',
};

/**
 * Which system answers at a base URL: by its host, by the look of its model list, by paths that only it has.
 * Undefined where nothing gives it away, and where nobody answers. Throws only `signal.reason`.
 */
export async function recognise(
  baseUrl: string,
  fetch: Fetch,
  key?: string,
  signal?: AbortSignal,
): Promise<ProviderId | undefined> {
  const known = providerOfHost(baseUrl);
  if (known !== undefined) return known.id;
  const list = await probe(baseUrl, 'models', fetch, key, signal);
  // Whoever refuses the key here refuses it below, too.
  if (list === undefined || list.status === 401 || list.status === 403) return undefined;
  return byList(list) ?? bySigns(baseUrl, fetch, key, signal);
}

function byList({ headers, body }: Answer): ProviderId | undefined {
  if (headers.has('x-litellm-version')) return 'litellm';
  if (headers.get('server') === 'llama.cpp') return 'llamacpp';
  const items = listItems(body);
  const owner = items.map(item => owners[text(at(item, 'owned_by')) ?? '']).find(id => id !== undefined);
  if (owner !== undefined) return owner;
  // NVIDIA's own containers and other offspring of vLLM.
  return items.some(item => tokenCount(at(item, 'max_model_len')) !== undefined) ? 'vllm' : undefined;
}

async function bySigns(
  baseUrl: string,
  fetch: Fetch,
  key: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ProviderId | undefined> {
  const answers = await Promise.all(signs.map(([, path]) => probe(baseUrl, path, fetch, key, signal)));
  const found = signs.findIndex(([, , fits], i) => answers[i]?.status === 200 && fits(answers[i].body));
  return signs[found]?.[0];
}

/** Undefined where no answer came. */
async function probe(
  baseUrl: string,
  path: string,
  fetch: Fetch,
  key: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Answer | undefined> {
  const timeout = AbortSignal.timeout(patience);
  try {
    const response = await fetch(addressOf(baseUrl, path).href, {
      headers: { accept: 'application/json', ...authHeaders(providerOf('custom'), key) },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const body = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(body) };
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

export interface LocalServer {
  readonly provider: ProviderId;
  readonly baseUrl: string;
  /** Ids of its list; empty where it wants a key first. */
  readonly models: readonly string[];
}

/** Where one's own servers listen by default. */
export const localPorts: readonly number[] = [...new Set(providers.flatMap(p => p.ports))];

/**
 * Servers on this machine that answer like one that speaks to language models. Asks every port at once, without a
 * key; a port where nobody answers within `timeoutMs` is not offered.
 */
export async function localServers(
  fetch: Fetch,
  signal?: AbortSignal,
  ports: readonly number[] = localPorts,
  timeoutMs = 1500,
): Promise<LocalServer[]> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  const found = await Promise.all(
    ports.map(async (port): Promise<LocalServer | undefined> => {
      const baseUrl = `http://127.0.0.1:${port}/v1`;
      try {
        const list = await probe(baseUrl, 'models', fetch, undefined, stop);
        if (list === undefined) return undefined;
        const models = listItems(list.body).flatMap(item => text(at(item, 'id')) ?? []);
        // A 401 without a list may be anybody's; a web page certainly is.
        const provider = byList(list) ?? (await bySigns(baseUrl, fetch, undefined, stop));
        if (provider === undefined && models.length === 0) return undefined;
        return { provider: provider ?? 'custom', baseUrl, models };
      } catch {
        return undefined; // The time is up for this port; a cancelled search is thrown below.
      }
    }),
  );
  signal?.throwIfAborted();
  return found.filter(server => server !== undefined);
}
