import { LongviewError } from '../errors.ts';
import { describeNetworkError, describeRefusal } from './failure.ts';
import type { ContextLimit, Endpoint, LimitEvidence } from './types.ts';
import { evidenceSources } from './types.ts';

/**
 * DESIGN "context limit": the strongest source wins, the latest within a source; `declared` lowers a known limit and
 * stands where none is known; `advertised` alone is never a limit.
 */
export function resolveLimit(evidence: readonly LimitEvidence[]): ContextLimit {
  const strongest = evidenceSources
    .filter(source => source !== 'declared' && source !== 'advertised')
    .map(source => latest(evidence.filter(e => e.source === source)))
    .find(found => found !== undefined);
  const declared = latest(evidence.filter(e => e.source === 'declared'));
  const decisive =
    strongest !== undefined && (declared === undefined || strongest.tokens <= declared.tokens)
      ? strongest
      : declared;
  if (decisive === undefined) return { kind: 'unknown', evidence };
  return { kind: 'known', tokens: decisive.tokens, source: decisive.source, evidence };
}

function latest(evidence: readonly LimitEvidence[]): LimitEvidence | undefined {
  return evidence.reduce<LimitEvidence | undefined>(
    (a, b) => (a === undefined || b.at >= a.at ? b : a),
    undefined,
  );
}

/** Fields in which servers and catalogues keep the window, in `/models` items (reference/endpoints.md 0.3). */
const windowFields: readonly (readonly string[])[] = [
  ['context_length'],
  ['context_window'],
  ['max_model_len'],
  ['max_context_length'],
  ['limits', 'max_context_length'],
  ['metadata', 'context_length'],
  ['top_provider', 'context_length'],
  ['contextLength'],
];

export interface LimitDeps {
  readonly now: () => Date;
}

/**
 * What `GET {base}/models` says about the endpoint's model, and what the user declares, added to what is `known`
 * from elsewhere. A list that does not name the model or its window is no evidence. A list that cannot be had is an
 * error only where there is nothing else to go by: then a wrong key is the news, not an unknown limit.
 */
export async function gatherEvidence(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
  known: readonly LimitEvidence[] = [],
  deps: LimitDeps = { now: () => new Date() },
): Promise<LimitEvidence[]> {
  const at = deps.now().toISOString();
  const evidence: LimitEvidence[] = [...known];
  const { contextLimit } = endpoint.config;
  if (contextLimit !== undefined) {
    evidence.push({
      source: 'declared',
      tokens: contextLimit,
      at,
      detail: 'contextLimit in the endpoint’s settings',
    });
  }
  let item: object | undefined;
  try {
    item = await findModel(endpoint, signal);
  } catch (error) {
    if (!(error instanceof LongviewError) || evidence.length === 0) throw error;
  }
  if (item === undefined) return evidence;
  const windows = windowFields.flatMap(path => {
    const tokens = path.reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | null | undefined)?.[key],
      item,
    );
    return typeof tokens === 'number' && Number.isInteger(tokens) && tokens > 0
      ? [{ tokens, field: path.join('.') }]
      : [];
  });
  const smallest = windows.reduce<(typeof windows)[number] | undefined>(
    (a, b) => (a === undefined || b.tokens < a.tokens ? b : a),
    undefined,
  );
  if (smallest !== undefined) {
    // The running server reports `max_model_len`; the other names are a host's catalogue.
    const source = smallest.field === 'max_model_len' ? 'served' : 'listed';
    evidence.push({ source, tokens: smallest.tokens, at, detail: `/models ${smallest.field}` });
  }
  return evidence;
}

/** The model's entry of the list. Throws where the list cannot be had and the reason would stop an ask too. */
async function findModel(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<object | undefined> {
  const key = await endpoint.apiKey();
  let response: Response;
  let text: string;
  try {
    response = await endpoint.fetch(`${endpoint.config.baseUrl}/models`, {
      headers: { accept: 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
      ...(signal && { signal }),
    });
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    throw describeNetworkError(endpoint, error);
  }
  const { status } = response;
  if (status === 401 || status === 403) throw describeRefusal(endpoint, { status, headers: {}, body: text });
  // Many endpoints have no list, or one that says nothing: the ask itself will tell what else is wrong.
  if (!response.ok) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  return modelItems(body).find(item => item.id === endpoint.config.model);
}

/** Items of `{data: []}`, `{models: []}` or a bare array. */
export function modelItems(body: unknown): { id: string }[] {
  const holder = body as { data?: unknown; models?: unknown } | null;
  const list = Array.isArray(body) ? body : (holder?.data ?? holder?.models);
  if (!Array.isArray(list)) return [];
  return list.filter(
    (item): item is { id: string } =>
      typeof item === 'object' && item !== null && typeof (item as { id?: unknown }).id === 'string',
  );
}
