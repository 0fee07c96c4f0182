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
 * What `GET {base}/models` says about the endpoint's model, and what the user declares. A list that does not name the
 * model or its window is no evidence; a list that cannot be had is no error here, because the ask itself will tell.
 */
export async function gatherEvidence(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
  deps: LimitDeps = { now: () => new Date() },
): Promise<LimitEvidence[]> {
  const at = deps.now().toISOString();
  const evidence: LimitEvidence[] = [];
  const { contextLimit } = endpoint.config;
  if (contextLimit !== undefined) {
    evidence.push({
      source: 'declared',
      tokens: contextLimit,
      at,
      detail: 'contextLimit in the endpoint’s settings',
    });
  }
  const item = await findModel(endpoint, signal);
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

async function findModel(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<object | undefined> {
  const key = await endpoint.apiKey();
  let body: unknown;
  try {
    const response = await endpoint.fetch(`${endpoint.config.baseUrl}/models`, {
      headers: { accept: 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
      ...(signal && { signal }),
    });
    if (!response.ok) return undefined;
    body = await response.json();
  } catch {
    // No list is no evidence: the limit stays unknown, which the user is told.
    signal?.throwIfAborted();
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
