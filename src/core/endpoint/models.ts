import { isCancellation } from '../errors.ts';
import { llamaModel } from './llama.ts';
import { smallest } from './providers/fields.ts';
import { readGroup } from './providers/request.ts';
import { everyModel, type ListedModel, type Provider, type Source } from './providers/types.ts';
import type { Endpoint } from './types.ts';

/** A window from which on a model counts as long-context, tokens. */
export const longContext = 128_000;

/** Tokens that can be used: what the running server says, else what the list says; undefined where neither does. */
export function usableWindow(model: ListedModel): number | undefined {
  const of = (source: string) => smallest(model.windows.filter(w => w.source === source).map(w => w.tokens));
  return of('served') ?? of('listed');
}

/** Scout, then Maverick, then by context limit, then by name; what tells no limit comes last. */
export function sortModels(models: readonly ListedModel[]): ListedModel[] {
  const rank = (model: ListedModel) => {
    const llama = llamaModel(model.id);
    return llama === 'scout' ? 0 : llama === 'maverick' ? 1 : 2;
  };
  return models.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (usableWindow(b) ?? 0) - (usableWindow(a) ?? 0) ||
      (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
}

export interface Reading {
  /** One entry for each model, with what all sources say about it. */
  readonly models: readonly ListedModel[];
  /** What kept a source from being read: a wrong key, a dead server. */
  readonly failures: readonly Error[];
}

/** Reads sources at once. Throws only `signal.reason`: what fails is told beside what was read. */
export async function readModels(
  endpoint: Endpoint,
  provider: Provider,
  groups: readonly (readonly Source[])[],
  signal: AbortSignal | undefined,
): Promise<Reading> {
  const results = await Promise.allSettled(groups.map(group => readGroup(endpoint, provider, group, signal)));
  signal?.throwIfAborted();
  const failures = results.filter(r => r.status === 'rejected').map(r => asError(r.reason));
  const cancelled = failures.find(isCancellation);
  if (cancelled !== undefined) throw cancelled;
  return { models: merge(results.flatMap(r => (r.status === 'fulfilled' ? r.value : []))), failures };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** One entry per id; what a server says of whatever it has loaded holds for every entry. */
function merge(models: readonly ListedModel[]): ListedModel[] {
  const byId = new Map<string, ListedModel>();
  for (const model of models) {
    const known = byId.get(model.id);
    byId.set(model.id, known === undefined ? model : join(known, model));
  }
  const every = byId.get(everyModel);
  if (every === undefined || byId.size === 1) return [...byId.values()];
  byId.delete(everyModel);
  return [...byId.values()].map(model => join(model, every));
}

function join(a: ListedModel, b: ListedModel): ListedModel {
  const maxInputTokens = smallest([a.maxInputTokens, b.maxInputTokens]);
  const maxOutputTokens = smallest([a.maxOutputTokens, b.maxOutputTokens]);
  return {
    ...b,
    ...a,
    windows: [...a.windows, ...b.windows],
    ...(maxInputTokens !== undefined && { maxInputTokens }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

/** The entry that a configured model id means; undefined where the list has none. */
export function findModel(
  models: readonly ListedModel[],
  id: string,
  provider: Provider,
): ListedModel | undefined {
  const exact = models.find(m => m.id === id) ?? models.find(m => m.id === everyModel);
  if (exact !== undefined) return exact;
  switch (provider.naming) {
    case 'suffix':
      return models.find(m => m.id === id.replace(/:[^:/]+$/, ''));
    case 'tag':
      return models.find(m => m.id === `${id}:latest` || `${m.id}:latest` === id);
    case 'any':
      return models[0];
    case 'exact':
      return undefined;
  }
}

/**
 * The provider's live list for a picker: chosen ones first, each with limits and price, dead ones left out. Throws
 * what kept the list from being read: `auth`, `unreachable`, `timeout`.
 */
export async function listModels(
  endpoint: Endpoint,
  provider: Provider,
  signal?: AbortSignal,
): Promise<ListedModel[]> {
  const { models, failures } = await readModels(endpoint, provider, provider.sources, signal);
  if (models.length === 0 && failures[0] !== undefined) throw failures[0];
  return sortModels(choices(models, provider));
}

/** Models that can be chosen: named, no second names, and not known to be gone. */
export function choices(models: readonly ListedModel[], provider: Provider): ListedModel[] {
  const dead =
    provider.listsDead === true ? Object.values(provider.models).filter(m => m.gone !== undefined) : [];
  return models.filter(
    m =>
      m.id !== everyModel &&
      m.variant !== true &&
      m.gone === undefined &&
      !dead.some(known => known.id === m.id),
  );
}
