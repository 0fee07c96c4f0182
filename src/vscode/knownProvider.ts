import { providerOf, providerOfHost } from '../core/endpoint/providers/table.ts';
import type { Provider } from '../core/endpoint/providers/types.ts';
import type { EndpointConfig } from '../core/endpoint/types.ts';

/** The provider of a configured endpoint, without asking anybody. */
export function knownOrCustom({ provider, baseUrl }: EndpointConfig): Provider {
  return provider === undefined ? (providerOfHost(baseUrl) ?? providerOf('custom')) : providerOf(provider);
}
