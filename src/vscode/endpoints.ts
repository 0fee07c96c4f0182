import * as vscode from 'vscode';

import { fetchFor } from '../core/endpoint/fetchFor.ts';
import { createHttpFetch } from '../core/endpoint/httpFetch.ts';
import type { Endpoint, EndpointConfig } from '../core/endpoint/types.ts';
import { LongviewError } from '../core/errors.ts';
import { createOfflineEndpoint } from '../core/offline/offlineEndpoint.ts';
import type { Measurer } from '../core/pack/measurer.ts';
import { notTrusted } from './consent.ts';
import { createLanguageModelFetch, vendorOf } from './languageModels.ts';
import { readSettings } from './settings.ts';

/** The endpoints of the settings, ready to be spoken to, and their keys. */
export interface Endpoints {
  /** The offline reader first, then the user's own. */
  all(): Endpoint[];
  /** The one the user selected. Throws `bad-settings` where it is not, or wrongly, configured. */
  selected(): Endpoint;
  byId(id: string): Endpoint | undefined;
  setKey(id: string, key: string): Promise<void>;
  removeKey(id: string): Promise<void>;
  /** One that is not saved yet. `key`: '' for none, undefined for the one stored under its id. */
  draft(config: EndpointConfig, key: string | undefined): Endpoint;
}

export function createEndpoints(secrets: vscode.SecretStorage, measurer: Measurer): Endpoints {
  const silenceMs = () => readSettings().timeoutMs;
  const httpFetch = trustedFetch(createHttpFetch(silenceMs));
  const fetchOf = (config: EndpointConfig) => {
    if (config.provider !== 'vscode') return fetchFor(config, httpFetch);
    const { model } = config;
    return trustedFetch(createLanguageModelFetch(silenceMs, model === '' ? undefined : vendorOf(model)));
  };
  const server = (config: EndpointConfig): Endpoint => ({
    config,
    kind: 'server',
    fetch: fetchOf(config),
    apiKey: async () => secrets.get(secretName(config.id)),
  });
  const all = () => {
    const { endpoints, offlineLimit } = readSettings();
    const offline = createOfflineEndpoint({
      contextLimit: offlineLimit,
      countTokens: text => measurer.count(text),
    });
    return [offline, ...endpoints.map(server)];
  };
  return {
    all,
    byId: id => all().find(e => e.config.id === id),
    selected() {
      const { endpoint, endpointsError } = readSettings();
      const found = all().find(e => e.config.id === endpoint);
      if (found !== undefined) return found;
      throw (
        endpointsError ??
        new LongviewError(
          'bad-settings',
          `The selected endpoint "${endpoint}" is not in the setting longview.endpoints.`,
          'Run "Longview: Select Endpoint".',
        )
      );
    },
    setKey: async (id, key) => secrets.store(secretName(id), key),
    draft: (config, key) => ({
      ...server(config),
      ...(key !== undefined && { apiKey: () => Promise.resolve(key === '' ? undefined : key) }),
    }),
    removeKey: async id => secrets.delete(secretName(id)),
  };
}

/** A workspace that is not trusted causes no request at all, not even for a model list. */
export function trustedFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    if (!vscode.workspace.isTrusted) throw notTrusted();
    return fetch(input, init);
  };
}

function secretName(id: string): string {
  return `longview.key.${id}`;
}
