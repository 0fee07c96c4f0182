import { createBedrockFetch } from './bedrock/fetch.ts';
import { knownProvider } from './knownProvider.ts';
import type { EndpointConfig } from './types.ts';

type Fetch = typeof globalThis.fetch;

/** What speaks chat completions to an endpoint over `transport`: the transport itself, or what translates for it. */
export function fetchFor(config: EndpointConfig, transport: Fetch): Fetch {
  const { kind } = knownProvider(config);
  switch (kind) {
    case 'bedrock':
      return createBedrockFetch(transport);
    case 'openai':
    case 'vscode':
      return transport;
  }
}
