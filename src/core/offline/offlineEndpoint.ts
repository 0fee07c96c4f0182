import type { Endpoint } from '../endpoint/types.ts';
import { createOfflineFetch, type OfflineOptions } from './fetch.ts';
import { offlineBaseUrl, offlineModel } from './wire.ts';

/** The id under which settings and the command line know the offline reader. */
const offlineId = 'offline';

export const defaultOfflineLimit = 1_048_576;

/** The offline reader as an endpoint like any other. */
export function createOfflineEndpoint(
  options: Omit<OfflineOptions, 'contextLimit'> & { readonly contextLimit?: number },
): Endpoint {
  return {
    config: { id: offlineId, name: 'Offline reader', baseUrl: offlineBaseUrl, model: offlineModel },
    kind: 'offline',
    fetch: createOfflineFetch({ contextLimit: defaultOfflineLimit, ...options }),
    apiKey: () => Promise.resolve(undefined),
  };
}
