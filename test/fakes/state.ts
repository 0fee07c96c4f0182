import { createCounter, createPrefixCache } from './counting.ts';
import type { Counter } from './counting.ts';
import { createGate } from './gate.ts';
import type { Gate } from './gate.ts';
import type { System } from './system.ts';
import { systems } from './systems/index.ts';
import type { FakeModel, FakeOptions, Fault, RecordedRequest } from './types.ts';

export type MutableRecord = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };

/** All that a running fake remembers. */
export interface State {
  options: FakeOptions;
  readonly system: System;
  readonly requests: MutableRecord[];
  readonly faults: Fault[];
  standingFault: Fault | undefined;
  readonly headersGate: Gate;
  readonly chunkGate: Gate;
  /** Cached tokens of this prompt; remembers it. Per model. */
  cached(model: string, prompt: string): number;
}

export function createState(options: FakeOptions): State {
  const system = systems[options.system];
  const caches = new Map<string, ReturnType<typeof createPrefixCache>>();
  const state: State = {
    options,
    system,
    requests: [],
    faults: [...(options.faults ?? [])],
    standingFault: undefined,
    headersGate: createGate(),
    chunkGate: createGate(),
    cached: (model, prompt) => {
      const cache = caches.get(model) ?? createPrefixCache(system.cache);
      caches.set(model, cache);
      return cache(prompt, counterOf(state));
    },
  };
  return state;
}

export function counterOf(state: State): Counter {
  return createCounter(state.options);
}

/** The first model as the options changed it, then the further ones. */
export function modelsOf({ options, system }: State): readonly FakeModel[] {
  const usual = system.model;
  const named = options.model ?? usual.id;
  const first: FakeModel = {
    ...usual,
    id: named,
    contextTokens: options.contextTokens ?? usual.contextTokens,
    ...(options.maxOutputTokens === undefined ? {} : { maxOutputTokens: options.maxOutputTokens }),
    ...(options.maxInputTokens === undefined ? {} : { maxInputTokens: options.maxInputTokens }),
    ...(options.providers === undefined ? {} : { providers: options.providers }),
    ...(options.advertisedTokens === undefined ? {} : { advertisedTokens: options.advertisedTokens }),
    ...(options.price === undefined ? {} : { price: options.price }),
  };
  return [first, ...(options.models ?? []).filter(m => m.id !== named)];
}
