import { readRates, usd, type Price, type PriceFields } from '../price.ts';
import type { EvidenceSource } from '../types.ts';
import { at, listItems, objects, smallest, text, tokenCount } from './fields.ts';
import type { ListedModel, Reader, WindowReading } from './types.ts';

/** Where the cards of a list keep what we want, as dotted paths. */
export interface CardFields {
  /** Default: `data`, `models` or the bare array. */
  readonly items?: string;
  /** The first that is there. Default `id`. */
  readonly id?: readonly string[];
  readonly windows?: Readonly<Record<string, EvidenceSource>>;
  readonly maxInput?: readonly string[];
  readonly maxOutput?: readonly string[];
  readonly price?: PriceFields;
  /** The path, and the value that means "withdrawn". */
  readonly gone?: readonly [string, unknown];
}

/** Fields in which servers and catalogues keep the window (reference/endpoints.md 0.3). */
const genericWindows: Readonly<Record<string, EvidenceSource>> = {
  context_length: 'listed',
  context_window: 'listed',
  // The running server's own word.
  max_model_len: 'served',
  max_context_length: 'listed',
  'limits.max_context_length': 'listed',
  'metadata.context_length': 'listed',
  'top_provider.context_length': 'listed',
  contextLength: 'listed',
  'meta.n_ctx_train': 'advertised',
};

const perToken: PriceFields = {
  input: 'pricing.prompt',
  output: 'pricing.completion',
  cachedInput: 'pricing.input_cache_read',
  per: 'token',
};

/** What any `/models` may hold, for systems nobody recognised. */
export const genericCards: CardFields = {
  windows: genericWindows,
  maxInput: ['per_request_limits.prompt_tokens'],
  maxOutput: [
    'top_provider.max_completion_tokens',
    'max_completion_tokens',
    'max_output_length',
    'limits.max_completion_tokens',
  ],
  price: perToken,
};

export const openrouterCards: CardFields = {
  ...genericCards,
  windows: { context_length: 'listed', 'top_provider.context_length': 'listed' },
  maxOutput: ['top_provider.max_completion_tokens', 'per_request_limits.completion_tokens'],
  price: { ...perToken, zeroIsFree: true },
};

/** A list of cards. */
export function cards(fields: CardFields): Reader {
  return (body, label) => {
    const items = fields.items === undefined ? listItems(body) : objects(at(body, fields.items));
    const read = items.map(item => ({ card: readCard(item, fields, label)[0], parent: at(item, 'parent') }));
    // LoRA cards of vLLM carry null, and name their parent.
    return read.flatMap(({ card, parent }) => {
      const base = card?.windows.length === 0 ? read.find(r => r.card?.id === parent)?.card : undefined;
      return card === undefined ? [] : [base === undefined ? card : { ...card, windows: base.windows }];
    });
  };
}

/** The item that a reply is, for requests about one model; its id may be nested. */
export function oneCard(fields: CardFields): Reader {
  return (body, label) => (typeof body === 'object' && body !== null ? readCard(body, fields, label) : []);
}

export function readCard(item: object, fields: CardFields, label: string): [ListedModel] | [] {
  const id = (fields.id ?? ['id']).map(path => text(at(item, path))).find(found => found !== undefined);
  if (id === undefined) return [];
  const windows = Object.entries(fields.windows ?? {}).flatMap(([path, source]) => {
    const tokens = tokenCount(at(item, path));
    return tokens === undefined ? [] : [{ source, tokens, detail: `${label} ${path}` }];
  });
  const least = (paths: readonly string[] | undefined) =>
    smallest((paths ?? []).map(path => tokenCount(at(item, path))));
  const price = fields.price && readPrice(item, fields.price, label);
  const [flag, dead] = fields.gone ?? [];
  const gone = flag !== undefined && at(item, flag) === dead;
  return [
    model(id, windows, {
      maxInputTokens: least(fields.maxInput),
      maxOutputTokens: least(fields.maxOutput),
      price,
      gone: gone ? `${label} says ${flag}: ${String(dead)}` : undefined,
    }),
  ];
}

/** With OpenRouter's surcharges for long prompts. */
export function readPrice(item: unknown, fields: PriceFields, label: string): Price | undefined {
  const rates = readRates(path => at(item, path), fields);
  if (rates === undefined) return undefined;
  const longContext = objects(at(item, 'pricing.overrides')).flatMap(tier => {
    const from = usd(at(tier, 'min_prompt_tokens'));
    if (from === undefined) return [];
    // A tier states only what changes.
    const own = readRates(path => at(tier, path.replace(/^pricing\./, '')) ?? at(item, path), fields);
    return own === undefined ? [] : [{ ...own, fromPromptTokens: from }];
  });
  const where = fields.input.includes('.') ? fields.input.split('.')[0] : fields.input;
  return {
    ...rates,
    ...(longContext.length > 0 && { longContext }),
    source: `${label} ${where ?? ''}`.trim(),
  };
}

type Optional = {
  [K in 'maxInputTokens' | 'maxOutputTokens' | 'price' | 'gone']?: ListedModel[K] | undefined;
};

/** A listed model without the fields that are not known. */
export function model(id: string, windows: readonly WindowReading[], more: Optional = {}): ListedModel {
  const known = Object.entries(more).filter(([, value]) => value !== undefined);
  return { id, windows, ...(Object.fromEntries(known) as object) };
}
