import { knownProvider } from './knownProvider.ts';
import { authHeaders } from './providers/table.ts';
import type { Quirks } from './providers/types.ts';
import type { RefusalError } from './failure.ts';
import type { EndpointConfig } from './types.ts';

/** How chat completions are spoken to one endpoint: what its provider's entry says, corrected by its refusals. */
export interface Dialect {
  readonly maxTokensField: Quirks['maxTokensField'];
  /** Whether usage is to be asked for. */
  readonly includeUsage: boolean;
  /** What carries the key; nothing where there is none. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

/** What refusals taught, for the life of the process: by base URL and model. */
const corrections = new Map<string, Partial<Pick<Dialect, 'maxTokensField' | 'includeUsage'>>>();
const keyOf = ({ baseUrl, model }: EndpointConfig): string => JSON.stringify([baseUrl, model]);

export function dialectOf(config: EndpointConfig, key: string | undefined): Dialect {
  const provider = knownProvider(config);
  const { quirks } = provider;
  const byModel = quirks.maxTokensFieldOf?.find(({ models }) => models.test(config.model));
  return {
    maxTokensField: byModel?.field ?? quirks.maxTokensField,
    includeUsage: quirks.includeUsage === 'supported',
    headers: authHeaders(provider, key),
    query: quirks.query?.find(({ paths }) => paths.test(config.baseUrl))?.query ?? {},
    ...corrections.get(keyOf(config)),
  };
}

const unknownParameter =
  /unsupported|not supported|unrecogni[sz]ed|unknown|unexpected|not (?:allowed|permitted)|extra[_ ](?:inputs|fields|forbidden)/i;

/**
 * Notes what a refusal says about how to ask, so that the next request is spoken rightly; true where it taught
 * something. The request itself is not repeated: it may be large.
 */
export function correctDialect(
  config: EndpointConfig,
  { maxTokensField, includeUsage }: Dialect,
  { refusal, raw }: RefusalError,
): boolean {
  const said = raw.body.slice(0, 4000);
  // What is said of sizes has been read as such, and names the same fields.
  if (refusal.kind !== 'other' || !unknownParameter.test(said)) return false;
  const correct = (correction: Partial<Dialect>) => {
    corrections.set(keyOf(config), { ...corrections.get(keyOf(config)), ...correction });
    return true;
  };
  if (includeUsage && /stream_options|include_usage/.test(said)) return correct({ includeUsage: false });
  if (/max_(?:completion_)?tokens/.exec(said)?.[0] !== maxTokensField) return false;
  return correct({
    maxTokensField: maxTokensField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens',
  });
}
