import { smallest, at, listItems, objects, text, tokenCount } from './fields.ts';
import { model, openrouterCards, readCard, readPrice } from './readers.ts';
import { everyModel, type ListedModel, type Reader, type WindowReading } from './types.ts';

const plural = (n: number, all: number) => (all === 1 ? '' : `, the smallest of ${n} providers`);

/**
 * OpenRouter's `/models/{id}/endpoints`: everybody who serves the model. Nobody is pinned, so the smallest counts
 * (its own `context_length` once said four times the window of who answered: reference/endpoints.md 1).
 */
export const openrouterEndpoints: Reader = (body, label) => {
  const offers = objects(at(body, 'data.endpoints'));
  const id = text(at(body, 'data.id'));
  if (id === undefined || offers.length === 0) return [];
  const least = (path: string) => smallest(offers.map(offer => tokenCount(at(offer, path))));
  const tokens = least('context_length');
  const detail = `${label} context_length${plural(offers.length, offers.length)}`;
  return [
    model(id, tokens === undefined ? [] : [{ source: 'listed', tokens, detail }], {
      maxInputTokens: least('max_prompt_tokens'),
      maxOutputTokens: least('max_completion_tokens'),
      price:
        offers.length === 1 && openrouterCards.price !== undefined
          ? readPrice(offers[0], openrouterCards.price, label)
          : undefined,
    }),
  ];
};

/** Hugging Face's router: `model:provider` is pinned; a bare name may be answered by any provider that is live. */
export const huggingfaceModels: Reader = (body, label) =>
  listItems(body).flatMap(item => {
    const id = text(at(item, 'id'));
    if (id === undefined) return [];
    const offers = objects(at(item, 'providers')).filter(p => (text(at(p, 'status')) ?? 'live') === 'live');
    const pinned = offers.flatMap(offer => {
      const provider = text(at(offer, 'provider'));
      const card = readCard(offer, huggingfaceOffer, label);
      return provider === undefined || card[0] === undefined
        ? []
        : [{ ...card[0], id: `${id}:${provider}`, variant: true as const }];
    });
    const windows = pinned.flatMap(p => p.windows);
    const tokens = smallest(windows.map(w => w.tokens));
    const unpinned: WindowReading[] =
      tokens === undefined
        ? []
        : [
            {
              source: 'listed',
              tokens,
              detail: `${label} providers[].context_length${plural(windows.length, offers.length)}`,
            },
          ];
    // Any provider may answer: the dearest is the most that it can cost.
    const price = pinned
      .flatMap(p => p.price ?? [])
      .reduce<ListedModel['price']>((a, b) => (a === undefined || b.input > a.input ? b : a), undefined);
    return [model(id, unpinned, { price }), ...pinned];
  });

const huggingfaceOffer = {
  id: ['provider'],
  windows: { context_length: 'listed' },
  price: { input: 'pricing.input', output: 'pricing.output', per: 'million' },
} as const;

/** Cloudflare's search: properties are a list of names and texts. */
export const cloudflareModels: Reader = (body, label) =>
  objects(at(body, 'result')).flatMap(item => {
    const id = text(at(item, 'name'));
    if (id === undefined) return [];
    const property = (name: string) =>
      at(
        objects(at(item, 'properties')).find(p => at(p, 'property_id') === name),
        'value',
      );
    const tokens = tokenCount(property('context_window'));
    const costs = objects(property('price'));
    const cost = (unit: string) =>
      at(
        costs.find(c => at(c, 'unit') === unit),
        'price',
      );
    const price = readPrice(
      { price: { input: cost('per M input tokens'), output: cost('per M output tokens') } },
      { input: 'price.input', output: 'price.output', per: 'million' },
      label,
    );
    const windows: WindowReading[] =
      tokens === undefined ? [] : [{ source: 'listed', tokens, detail: `${label} context_window` }];
    return [model(id, windows, { price })];
  });

/** TGI's `/info`: the prompt alone, and prompt and answer together. */
export const tgiInfo: Reader = (body, label) => {
  const total = tokenCount(at(body, 'max_total_tokens'));
  if (total === undefined) return [];
  return [
    model(everyModel, [{ source: 'served', tokens: total, detail: `${label} max_total_tokens` }], {
      maxInputTokens: tokenCount(at(body, 'max_input_tokens')),
    }),
  ];
};

/** llama.cpp's `/props`: `n_ctx` of one slot. */
export const llamacppProps: Reader = (body, label) => {
  const field = 'default_generation_settings.n_ctx';
  const tokens = tokenCount(at(body, field));
  return tokens === undefined
    ? []
    : [model(everyModel, [{ source: 'served', tokens, detail: `${label} ${field}` }])];
};

/** SGLang's memory may hold less than the window. */
export const sglangInfo: Reader = body => {
  const maxInputTokens = tokenCount(at(body, 'max_req_input_len'));
  return maxInputTokens === undefined ? [] : [model(everyModel, [], { maxInputTokens })];
};

/** Ollama's `/api/show`: what the model was trained for, and what its Modelfile asks for. */
export const ollamaShow: Reader = (body, label) => {
  const info = at(body, 'model_info');
  const keys = typeof info === 'object' && info !== null ? Object.keys(info) : [];
  const trained = keys
    .filter(key => /^[^.]+\.context_length$/.test(key))
    .flatMap((key): WindowReading[] => {
      const tokens = tokenCount((info as Record<string, unknown>)[key]);
      return tokens === undefined ? [] : [{ source: 'advertised', tokens, detail: `${label} ${key}` }];
    });
  const numCtx = tokenCount(/^num_ctx\s+(\d+)\s*$/m.exec(text(at(body, 'parameters')) ?? '')?.[1]);
  const asked: WindowReading[] =
    numCtx === undefined ? [] : [{ source: 'listed', tokens: numCtx, detail: `${label} num_ctx` }];
  return [model(everyModel, [...asked, ...trained])];
};

/** LM Studio's native list: the window of what is loaded; of what is not, only the trained one. */
export const lmstudioV1: Reader = (body, label) =>
  objects(at(body, 'models')).flatMap(item => {
    const id = text(at(item, 'key'));
    if (id === undefined) return [];
    const trained = tokenCount(at(item, 'max_context_length'));
    const instances = objects(at(item, 'loaded_instances'));
    const loaded = smallest(instances.map(i => tokenCount(at(i, 'config.context_length'))));
    return [
      model(id, [
        ...reading('served', loaded, `${label} loaded_instances[].config.context_length`),
        ...reading('advertised', trained, `${label} max_context_length`),
      ]),
    ];
  });

function reading(
  source: WindowReading['source'],
  tokens: number | undefined,
  detail: string,
): WindowReading[] {
  return tokens === undefined ? [] : [{ source, tokens, detail }];
}
