import type { ProviderId } from './providers/ids.ts';
import { providerOf, providerOfHost } from './providers/table.ts';
import type { Provider } from './providers/types.ts';
import type { EndpointConfig } from './types.ts';

/** Kept for the life of a configuration: the probes are made once, and again after nothing could be read. */
const recognised = new WeakMap<EndpointConfig, ProviderId>();

/** The provider of an endpoint, as the user said, as it was recognised before, or by its host: without asking anybody. */
export function knownProvider(config: EndpointConfig): Provider {
  const id = namedProvider(config);
  return id === undefined ? (providerOfHost(config.baseUrl) ?? providerOf('custom')) : providerOf(id);
}

/** As the user said, or as it was recognised before. */
export function namedProvider(config: EndpointConfig): ProviderId | undefined {
  return config.provider ?? recognised.get(config);
}

export function rememberProvider(config: EndpointConfig, id: ProviderId): void {
  recognised.set(config, id);
}

export function forgetProvider(config: EndpointConfig): void {
  recognised.delete(config);
}
