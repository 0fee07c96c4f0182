import { cloudProviders } from './clouds.ts';
import { hostedProviders } from './hosted.ts';
import type { ProviderId } from './ids.ts';
import { localProviders } from './local.ts';
import type { Provider } from './types.ts';

/** Every provider, in the order in which a picker shows them: hosts, clouds, one's own servers. */
export const providers: readonly Provider[] = [...hostedProviders, ...cloudProviders, ...localProviders];

const byId = new Map(providers.map(p => [p.id, p]));

export function providerOf(id: ProviderId): Provider {
  const provider = byId.get(id);
  if (provider === undefined) throw new TypeError(`no provider ${id}`);
  return provider;
}

/** The provider whose host a URL names; undefined for one's own servers and gateways. */
export function providerOfHost(baseUrl: string): Provider | undefined {
  const { hostname } = new URL(baseUrl);
  const fits = (host: string | RegExp) =>
    typeof host !== 'string'
      ? host.test(baseUrl)
      : /^[.-]/.test(host)
        ? hostname.endsWith(host)
        : hostname === host;
  return providers.find(p => p.hosts.some(fits));
}

/** The headers that carry a key. Azure takes its own keys in `api-key`, and Entra tokens (JWTs) as bearer. */
export function authHeaders(provider: Provider, key: string | undefined): Record<string, string> {
  if (key === undefined) return {};
  return provider.auth === 'api-key' && !key.startsWith('eyJ')
    ? { 'api-key': key }
    : { authorization: `Bearer ${key}` };
}
