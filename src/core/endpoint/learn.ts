import { LongviewError } from '../errors.ts';
import { isFresh, type EvidenceStore } from './evidenceStore.ts';
import { forgetProvider, knownProvider, namedProvider, rememberProvider } from './knownProvider.ts';
import { modelCard } from './llama.ts';
import {
  choices,
  findModel,
  longContext,
  readModels,
  type Reading,
  sortModels,
  usableWindow,
} from './models.ts';
import type { Price } from './price.ts';
import { smallest } from './providers/fields.ts';
import type { ProviderId } from './providers/ids.ts';
import { providerOf } from './providers/table.ts';
import type { KnownModel, ListedModel, Provider } from './providers/types.ts';
import { recognise } from './recognise.ts';
import type { Endpoint, EndpointConfig, LimitEvidence } from './types.ts';
import { evidenceSources } from './types.ts';

export interface LimitDeps {
  readonly now: () => Date;
  /** What is remembered of earlier days joins the evidence; while it is fresh, nothing is asked. */
  readonly store?: EvidenceStore;
  /** How long all lists may take together, ms. */
  readonly patienceMs?: number;
  /** Ask even where what is remembered is fresh. */
  readonly recheck?: boolean;
  /** What a request was told (404, 410, "decommissioned"): then the model is gone, whatever the lists say. */
  readonly gone?: Gone;
}

/** A list is small: a server that takes longer for it hangs, and must not hold up everything else. */
const listPatienceMs = 20_000;

export interface Gone {
  /** ISO date, or its beginning; null where no day is known. */
  readonly since: string | null;
  /** What says so, without a full stop. */
  readonly note: string;
}

export interface Knowledge {
  readonly provider: ProviderId;
  readonly evidence: readonly LimitEvidence[];
  readonly price: Price | undefined;
  /** The model cannot be asked there any more. */
  readonly gone: Gone | undefined;
  /** Only where the model is gone: other long-context models of the same list, best first. */
  readonly alternatives: readonly ListedModel[];
}

/**
 * All that can be known of an endpoint's model without asking it anything: what the system's lists say, what is
 * remembered, what the user declares, what the model card says, added to what is `known` from elsewhere. A list that
 * does not name the model or its window is no evidence. A list that cannot be had is an error only where there is
 * nothing else to go by: then a wrong key (`auth`) or a dead server (`unreachable`) is the news, not an unknown limit.
 */
export async function learn(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
  known: readonly LimitEvidence[] = [],
  deps: LimitDeps = { now: () => new Date() },
): Promise<Knowledge> {
  const { config } = endpoint;
  const now = deps.now();
  // The offline reader answers at once, and its limit is a setting: nothing of it is worth remembering.
  const store = endpoint.kind === 'offline' ? undefined : deps.store;
  const remembered = (await store?.load(config)) ?? [];
  const fresh = deps.recheck !== true && remembered.some(e => isFresh(e, now));
  const provider = fresh ? knownProvider(config) : await providerFor(endpoint, signal);
  const declared = declaredEvidence(config, provider, now);
  const groups =
    fresh || provider.retired !== undefined ? [] : [...provider.sources, ...provider.modelSources];
  const { models, failures } = await readInTime(
    endpoint,
    provider,
    groups,
    signal,
    deps.patienceMs ?? listPatienceMs,
  );
  const found = findModel(models, config.model, provider);
  const table = knownModel(provider, config.model);
  const read = found === undefined ? [] : readEvidence(found, [table, provider.quirks], now);
  if (read.length === 0) forgetProvider(config);
  await store?.add(config, read);
  if (found?.price !== undefined) await store?.setPrice(config, found.price);
  const price = found?.price ?? (await store?.price(config));
  if (failures[0] !== undefined && [...known, ...remembered, ...declared, ...read].length === 0)
    throw failures[0];
  // What was read may be news that overturns what was remembered.
  const kept = read.length === 0 ? remembered : ((await store?.load(config)) ?? []);
  const standing = kept.filter(old => !read.some(e => e.source === old.source));
  const gone = fresh ? deps.gone : (goneFrom(provider, config.model, models, found, table) ?? deps.gone);
  return {
    provider: provider.id,
    evidence: [
      ...known,
      ...standing,
      ...declared,
      ...read,
      ...publishedEvidence(config, provider, table, now),
    ],
    price: config.price === undefined ? price : { ...config.price, source: 'entered' },
    gone,
    alternatives: gone === undefined ? [] : alternativesTo(config.model, models, provider),
  };
}

/**
 * {@link learn} for a user who doubts a limit: everything is asked anew, and what was found by asking is given up where
 * a server, a list or the user's own `contextLimit` still tells a limit without it. Where nothing does, it stands: the
 * way to check it is to measure. The next ask finds a smaller limit again, by being refused once.
 */
export async function recheck(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
  deps: LimitDeps & { readonly store: EvidenceStore },
): Promise<Knowledge> {
  const known = await learn(endpoint, signal, [], { ...deps, recheck: true });
  const found = known.evidence.filter(e => e.source === 'refused' || e.source === 'measured');
  const told = known.evidence.filter(e => !found.includes(e));
  if (found.length === 0 || !told.some(e => e.source !== 'advertised')) return known;
  await deps.store.release(endpoint.config);
  return { ...known, evidence: told };
}

async function providerFor(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Provider> {
  const { config } = endpoint;
  if (endpoint.kind === 'offline') return providerOf('custom');
  const known = namedProvider(config);
  if (known !== undefined) return providerOf(known);
  const found = await recognise(config.baseUrl, endpoint.fetch, await endpoint.apiKey(), signal);
  if (found !== undefined) rememberProvider(config, found);
  return providerOf(found ?? 'custom');
}

function declaredEvidence(config: EndpointConfig, provider: Provider, now: Date): LimitEvidence[] {
  const { contextLimit: tokens } = config;
  const maxOutputTokens = smallest([config.maxOutputTokens, provider.quirks.maxOutputTokens]);
  if (tokens === undefined) return [];
  const detail = 'contextLimit in the endpoint’s settings';
  return [
    {
      source: 'declared',
      tokens,
      at: now.toISOString(),
      detail,
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    },
  ];
}

/** Of every source the smallest window; `caps` are limits of the answer that hold besides. */
function readEvidence(
  model: ListedModel,
  caps: readonly ({ readonly maxOutputTokens?: number } | undefined)[],
  now: Date,
): LimitEvidence[] {
  const maxOutputTokens = smallest([model.maxOutputTokens, ...caps.map(c => c?.maxOutputTokens)]);
  const parts = {
    ...(model.maxInputTokens !== undefined && { maxInputTokens: model.maxInputTokens }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
  return evidenceSources.flatMap((source): LimitEvidence[] => {
    const windows = model.windows.filter(w => w.source === source);
    const least = windows.reduce<(typeof windows)[number] | undefined>(
      (a, b) => (a === undefined || b.tokens < a.tokens ? b : a),
      undefined,
    );
    return least === undefined ? [] : [{ ...least, at: now.toISOString(), ...parts }];
  });
}

/** What is printed about the model, not observed. */
function publishedEvidence(
  config: EndpointConfig,
  provider: Provider,
  table: KnownModel | undefined,
  now: Date,
): LimitEvidence[] {
  const at = now.toISOString();
  const maxOutputTokens = smallest([table?.maxOutputTokens, provider.quirks.maxOutputTokens]);
  const output = maxOutputTokens === undefined ? {} : { maxOutputTokens };
  const card = modelCard(config.model);
  return [
    ...(card === undefined
      ? []
      : [{ source: 'advertised', tokens: card.windowTokens, at, detail: 'model card', ...output } as const]),
    ...(table?.windowTokens === undefined
      ? []
      : [
          {
            source: 'advertised',
            tokens: table.windowTokens,
            at,
            detail: `published for ${provider.name}`,
            ...output,
          } as const,
        ]),
  ];
}

function knownModel(provider: Provider, id: string): KnownModel | undefined {
  return Object.values(provider.models).find(m => m.id === id);
}

/** A live list is newer than our table, except where it is known to go on naming the dead. */
function goneFrom(
  provider: Provider,
  id: string,
  models: readonly ListedModel[],
  found: ListedModel | undefined,
  table: KnownModel | undefined,
): Gone | undefined {
  if (provider.retired !== undefined) return provider.retired;
  if (found?.gone !== undefined) return { since: null, note: found.gone };
  if (table?.gone !== undefined && (found === undefined || provider.listsDead === true)) return table.gone;
  if (found === undefined && provider.listIsComplete && models.length > 0) {
    return { since: null, note: `${provider.name}’s list does not name ${id}` };
  }
  return undefined;
}

function alternativesTo(id: string, models: readonly ListedModel[], provider: Provider): ListedModel[] {
  const others = choices(models, provider).filter(m => m.id !== id);
  const long = others.filter(m => (usableWindow(m) ?? 0) >= longContext);
  // A list without windows cannot be sorted by them; Llama 4 is known by name.
  return sortModels(long.length > 0 ? long : others.filter(m => modelCard(m.id) !== undefined));
}

/** {@link readModels}, but a list that does not come in time is one more failure. */
async function readInTime(
  endpoint: Endpoint,
  provider: Provider,
  groups: Parameters<typeof readModels>[2],
  signal: AbortSignal | undefined,
  patienceMs: number,
): Promise<Reading> {
  const patience = AbortSignal.timeout(patienceMs);
  try {
    const either = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    return await readModels(endpoint, provider, groups, either);
  } catch (error) {
    signal?.throwIfAborted();
    if (!patience.aborted) throw error;
    const late = new LongviewError(
      'timeout',
      `${endpoint.config.name ?? endpoint.config.id} did not send its model list within ${Math.ceil(patienceMs / 1000)} s.`,
      'Check that the server runs; with "contextLimit" in the endpoint’s settings an ask does not depend on the list.',
    );
    return { models: [], failures: [late] };
  }
}
